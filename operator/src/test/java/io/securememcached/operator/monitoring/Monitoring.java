package io.securememcached.operator.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The alerts, the dashboard, and the names of metrics that they read. */
public final class Monitoring {

  static final String CHART = "charts/securememcached-operator/files/";
  static final String ALERTS = CHART + "alerts.yaml";
  static final String DASHBOARD = CHART + "dashboard.json";

  /** Quoted texts, label matchers, ranges, and lists of labels: what may hold other names. */
  private static final Pattern NO_METRICS =
      Pattern.compile(
          "\"[^\"]*\"|\\{[^}]*}|\\[[^]]*]|\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)");

  /** An identifier that is no function. */
  private static final Pattern NAME = Pattern.compile("\\b[a-zA-Z_:][a-zA-Z0-9_:]*+(?!\\s*\\()");

  private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "bool", "offset");

  private static final Pattern SERVER_METRIC =
      Pattern.compile("^\\| `(memcached_\\w+)` \\|", Pattern.MULTILINE);

  private static final Pattern OWN_METRIC =
      Pattern.compile("\"(securememcached[._][a-z][a-z._]*)\"");

  /** Units that Micrometer appends. */
  private static final Pattern UNIT = Pattern.compile("_(?:seconds|total|bytes)$");

  private Monitoring() {}

  /**
   * What a script said.
   *
   * @param output standard output and standard error
   */
  record Result(int code, String output) {}

  /** The groups of rules. */
  static List<JsonNode> rules() {
    return read(ALERTS)
        .at("/groups")
        .valueStream()
        .flatMap(of -> of.at("/rules").valueStream())
        .toList();
  }

  static List<JsonNode> alerts() {
    return rules().stream().filter(rule -> rule.has("alert")).toList();
  }

  /** All panels of the dashboard but the rows. */
  static List<JsonNode> panels() {
    return read(DASHBOARD)
        .at("/panels")
        .valueStream()
        .filter(panel -> !panel.at("/type").asText().equals("row"))
        .toList();
  }

  /** The expressions of the alerts and of the dashboard. */
  public static List<String> expressions() {
    List<String> expressions = new ArrayList<>();
    rules().forEach(rule -> expressions.add(rule.at("/expr").asText()));
    panels().forEach(panel -> expressions.addAll(panel.at("/targets").findValuesAsText("expr")));
    return expressions;
  }

  /** The names of metrics in expressions of PromQL. */
  public static Set<String> namesIn(List<String> expressions) {
    Set<String> names = new TreeSet<>();
    for (String expression : expressions) {
      NAME.matcher(NO_METRICS.matcher(expression).replaceAll(" "))
          .results()
          .map(MatchResult::group)
          .filter(name -> !OPERATORS.contains(name))
          .forEach(names::add);
    }
    return names;
  }

  /** The names in expressions that neither the exporter nor the operator nor a rule has. */
  static Set<String> unknown(List<String> expressions) throws IOException {
    Set<String> known = new TreeSet<>(exporterMetrics());
    rules().stream()
        .filter(rule -> rule.has("record"))
        .forEach(rule -> known.add(rule.at("/record").asText()));
    Set<String> own = ownMetrics();
    Set<String> unknown = namesIn(expressions);
    // The framework's are compared with its output by MetricsIT.
    unknown.removeIf(
        name ->
            known.contains(name)
                || own.contains(name)
                || own.contains(UNIT.matcher(name).replaceFirst(""))
                || name.startsWith("operator_sdk_"));
    return unknown;
  }

  /** The names in the tables that are generated from the definitions. */
  private static Set<String> exporterMetrics() {
    return SERVER_METRIC
        .matcher(text(Guarded.ROOT.resolve("docs/metrics.md")))
        .results()
        .map(name -> name.group(1))
        .collect(Collectors.toSet());
  }

  /** The names in the operator's code, without their units. */
  private static Set<String> ownMetrics() throws IOException {
    try (Stream<Path> files = Files.walk(Guarded.ROOT.resolve("operator/src/main/java"))) {
      return files
          .filter(Files::isRegularFile)
          .map(Monitoring::text)
          .flatMap(text -> OWN_METRIC.matcher(text).results())
          .map(name -> name.group(1).replace('.', '_'))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  static JsonNode read(String file) {
    return Serialization.unmarshal(text(Guarded.ROOT.resolve(file)), JsonNode.class);
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs {@code scripts/monitoring}. */
  static Result run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("scripts/monitoring"));
    command.addAll(List.of(arguments));
    return run(ProcessBuilder.Redirect.PIPE, command);
  }

  /** Runs {@code scripts/dashboard-picture}. */
  static Result picture(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("scripts/dashboard-picture"));
    command.addAll(List.of(arguments));
    return run(ProcessBuilder.Redirect.PIPE, command);
  }

  /** Its standard output alone, when it ends well. */
  static String output(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("scripts/monitoring"));
    command.addAll(List.of(arguments));
    Result result = run(ProcessBuilder.Redirect.INHERIT, command);
    if (result.code() != 0) {
      throw new IllegalStateException(command + " ended with " + result.code());
    }
    return result.output();
  }

  private static Result run(ProcessBuilder.Redirect errors, List<String> command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(Guarded.ROOT.toFile())
            .redirectErrorStream(errors == ProcessBuilder.Redirect.PIPE)
            .redirectError(errors)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }
}
