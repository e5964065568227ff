package io.securememcached.operator.report;

import io.securememcached.operator.verify.CheckResult;
import io.securememcached.operator.verify.Outcome;
import io.securememcached.operator.verify.Support;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A table for each server, followed by the failed and unknown checks. */
final class TableReport {

  private static final List<String> TITLE =
      List.of("by hand on CentOS 7", "run here", "expected", "seen", "result");

  private TableReport() {}

  /**
   * The tables.
   *
   * @param rows of a server
   */
  static String render(
      ResourceReport report, int width, Function<ServerReport, List<List<String>>> rows) {
    StringBuilder text = new StringBuilder();
    for (ServerReport server : report.servers()) {
      append(text, server, report, width, rows);
    }
    text.append(
        "SecureMemcached %s/%s at %s: %s\n"
            .formatted(report.namespace(), report.name(), report.time(), Words.counts(report)));
    if (report.servers().isEmpty()) {
      text.append(Words.NO_SERVER).append("\n");
    }
    for (ServerReport server : report.servers()) {
      appendWrong(text, server);
    }
    return text.toString();
  }

  private static void append(
      StringBuilder text,
      ServerReport server,
      ResourceReport report,
      int width,
      Function<ServerReport, List<List<String>>> rows) {
    text.append(
        "%s%s%s\n"
            .formatted(
                server.pod(),
                server.address().isEmpty() ? "" : " at " + server.address(),
                image(server, report)));
    if (server.notAsked().isEmpty()) {
      text.append(Grid.render(TITLE, rows.apply(server), width));
    }
    text.append("\n");
  }

  /** A row for each check. */
  static List<List<String>> checks(ServerReport server) {
    return server.results().stream().map(TableReport::row).toList();
  }

  /** A row for each step of the manual guide. */
  static List<List<String>> steps(ServerReport server) {
    return GuideStep.of(server.results()).stream()
        .map(
            step ->
                List.of(
                    step.byHand(),
                    step.ran(),
                    step.expected(),
                    Words.printable(step.seen()),
                    mark(step.outcome())))
        .toList();
  }

  private static List<String> row(CheckResult result) {
    return List.of(
        result.check().byHand(),
        result.check().ran(),
        result.check().expected(),
        Words.printable(result.evidence()),
        mark(result.outcome()));
  }

  private static void appendWrong(StringBuilder text, ServerReport server) {
    Optional<String> notAsked = server.notAsked().map(Words::printable);
    if (notAsked.isPresent()) {
      text.append("unknown  %s: %s\n".formatted(server.pod(), notAsked.get()));
      return;
    }
    for (CheckResult result : server.results()) {
      if (result.outcome() != Outcome.PASSED) {
        text.append(
            "%-7s  %s %s: %s (docs/checks.md#%s)\n"
                .formatted(
                    mark(result.outcome()),
                    server.pod(),
                    result.check().id(),
                    Words.printable(result.evidence()),
                    result.check().id()));
      }
    }
  }

  private static String image(ServerReport server, ResourceReport report) {
    if (server.image().isEmpty()) {
      return "";
    }
    Support support = Words.support(server.distribution(), report.time());
    String fixes =
        server
            .distribution()
            .lastFixes()
            .map(
                day ->
                    (support == Support.ENDED ? " (no fixes since " : " (fixes until ") + day + ")")
            .orElse("");
    return ", " + Words.printable(server.image()) + fixes;
  }

  private static String mark(Outcome outcome) {
    return switch (outcome) {
      case PASSED -> "ok";
      case FAILED -> "FAILED";
      case UNKNOWN -> "unknown";
    };
  }
}
