package io.securememcached.operator.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.api.v1beta1.CredentialsPhase;
import io.securememcached.operator.metrics.Unavailable;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.status.Reason;
import io.securememcached.operator.verify.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every alert is complete, described and tested, and reads what exists. */
class AlertsTest {

  private static final String RUNBOOKS =
      "https://github.com/securememcached/securememcached/blob/main/docs/alerts.md#";
  private static final List<String> PARTS =
      List.of("*Meaning:*", "*Impact:*", "*Look:*", "*End it:*", "*Silence:*");

  /** A value of a label of the operator's metrics. */
  private static final Pattern MATCHER =
      Pattern.compile("\\b(type|reason|check|phase)[!=]?[=~]\"([^\"]*)\"");

  private final List<JsonNode> alerts = Monitoring.alerts();
  private final List<String> names =
      alerts.stream().map(alert -> alert.at("/alert").asText()).toList();

  @Test
  void namesAreUnique() {
    assertThat(names).hasSizeGreaterThan(16).doesNotHaveDuplicates();
  }

  @Test
  void everyAlertHasSeverityTextsAndRunbook() {
    assertThat(alerts)
        .allSatisfy(
            alert -> {
              assertThat(alert.at("/for").asText()).isNotEmpty();
              assertThat(alert.at("/labels/severity").asText()).isIn("critical", "warning", "info");
              assertThat(alert.at("/annotations/summary").asText()).endsWith(".");
              assertThat(alert.at("/annotations/description").asText()).endsWith(".");
              assertThat(alert.at("/annotations/runbook_url").asText())
                  .isEqualTo(RUNBOOKS + alert.at("/alert").asText().toLowerCase(Locale.ROOT));
            });
  }

  /** Those of a resource; the tests of promtool show that the labels are there. */
  @Test
  void textsNameTheResource() {
    assertThat(alerts)
        .filteredOn(alert -> !alert.at("/alert").asText().matches(".*(Operator|Exporter|Watch).*"))
        .hasSizeGreaterThan(13)
        .allSatisfy(
            alert -> {
              for (String text : List.of("summary", "description")) {
                assertThat(alert.at("/annotations/" + text).asText())
                    .contains("{{ $labels.namespace }}/{{ $labels.name }}");
              }
            });
  }

  @Test
  void everyAlertHasASectionAndNoOther() throws IOException {
    assertThat(
            lines().stream().filter(line -> line.startsWith("## ")).map(line -> line.substring(3)))
        .containsExactlyElementsOf(names);
  }

  @Test
  void everySectionHasAllParts() throws IOException {
    for (String section :
        Files.readString(Guarded.ROOT.resolve("docs/alerts.md")).split("(?m)^## ", -1)) {
      if (names.contains(section.lines().findFirst().orElse(""))) {
        assertThat(
                section
                    .lines()
                    .filter(line -> line.startsWith("*"))
                    .map(line -> line.replaceFirst(":\\*.*", ":*")))
            .as(section)
            .containsExactlyElementsOf(PARTS);
      }
    }
  }

  @Test
  void everyMetricExists() throws IOException {
    assertThat(Monitoring.unknown(expressions())).isEmpty();
  }

  /** The counter-example. */
  @Test
  void unknownMetricsAreFound() throws IOException {
    assertThat(
            Monitoring.unknown(
                List.of(
                    "sum by (pod) (rate(memcached_hits_total{name=\"a\"}[5m])) / on (pod)"
                        + " memcached_up > 1",
                    "securememcached_proof_age_seconds or securememcached_proof")))
        .containsExactly("memcached_hits_total", "securememcached_proof");
  }

  @Test
  void everyValueOfALabelExists() {
    Set<String> known = new TreeSet<>();
    Arrays.stream(Reason.values()).map(Reason::name).forEach(known::add);
    Arrays.stream(Check.values()).map(Check::id).forEach(known::add);
    Arrays.stream(CredentialsPhase.values()).map(CredentialsPhase::name).forEach(known::add);
    Arrays.stream(Unavailable.values()).map(Unavailable::label).forEach(known::add);
    known.addAll(
        List.of(
            Conditions.READY,
            Conditions.SASL_ENFORCED,
            Conditions.NETWORK_RESTRICTED,
            Conditions.NOT_EXPOSED,
            Conditions.IMAGE_SUPPORTED));
    Set<String> used =
        expressions().stream()
            .flatMap(expression -> MATCHER.matcher(expression).results())
            .flatMap(matcher -> Arrays.stream(matcher.group(2).split("\\|")))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(used).hasSizeGreaterThan(10).isSubsetOf(known);
  }

  /**
   * On some series it fires, though not before its time, and on some it never does; AlertsIT runs
   * them.
   */
  @Test
  void everyAlertIsTestedBothWays() throws IOException {
    // Of each test of an alert: at which of its times the alert fires.
    Map<String, List<List<Boolean>>> tested = new TreeMap<>();
    for (JsonNode test : tests()) {
      List<JsonNode> times = test.at("/alert_rule_test").valueStream().toList();
      String name = times.getFirst().at("/alertname").asText();
      assertThat(times).allMatch(time -> time.at("/alertname").asText().equals(name));
      tested
          .computeIfAbsent(name, found -> new ArrayList<>())
          .add(times.stream().map(time -> !time.at("/exp_alerts").isEmpty()).toList());
    }
    assertThat(tested.keySet()).containsExactlyInAnyOrderElementsOf(names);
    assertThat(tested)
        .allSatisfy(
            (name, tests) ->
                assertThat(tests)
                    .contains(List.of(false, true), List.of(false))
                    .allMatch(fires -> !fires.getFirst()));
  }

  private List<String> expressions() {
    return Monitoring.rules().stream().map(rule -> rule.at("/expr").asText()).toList();
  }

  private static List<JsonNode> tests() throws IOException {
    try (Stream<Path> files = Files.list(Guarded.ROOT.resolve("monitoring"))) {
      return files
          .filter(file -> file.toString().endsWith(".test.yaml"))
          .map(file -> Serialization.unmarshal(Monitoring.text(file), JsonNode.class))
          .flatMap(file -> file.at("/tests").valueStream())
          .toList();
    }
  }

  private static List<String> lines() throws IOException {
    return Files.readAllLines(Guarded.ROOT.resolve("docs/alerts.md"));
  }
}
