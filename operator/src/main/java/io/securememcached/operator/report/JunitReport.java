package io.securememcached.operator.report;

import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.CheckResult;
import io.securememcached.operator.verify.Outcome;
import java.time.Duration;
import java.util.Locale;

/**
 * JUnit's XML as Maven Surefire writes it and pipelines read it: a test suite for each server. An
 * unknown result is an error, never skipped: a skipped test lets a pipeline continue.
 *
 * <p>A few lines of text in place of {@code java.xml}, a module that the image does not include.
 */
final class JunitReport {

  private JunitReport() {}

  static String render(ResourceReport report) {
    StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    if (report.servers().isEmpty()) {
      // Without a test case a pipeline would pass.
      return xml.append("<testsuites tests=\"1\" failures=\"0\" errors=\"1\">\n")
          .append(
              "  <testsuite%s tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">\n"
                  .formatted(attribute("name", suite(report))))
          .append(
              "    <testcase%s name=\"servers\">\n"
                  .formatted(attribute("classname", suite(report))))
          .append(
              "      <error type=\"unknown\"%s/>\n"
                  .formatted(attribute("message", Words.NO_SERVER)))
          .append("    </testcase>\n  </testsuite>\n</testsuites>\n")
          .toString();
    }
    long tests = report.servers().stream().mapToLong(server -> server.results().size()).sum();
    xml.append(
        "<testsuites tests=\"%d\" failures=\"%d\" errors=\"%d\">\n"
            .formatted(tests, report.count(Outcome.FAILED), report.count(Outcome.UNKNOWN)));
    report.servers().forEach(server -> append(xml, server, report));
    return xml.append("</testsuites>\n").toString();
  }

  private static String suite(ResourceReport report) {
    return "securememcached.%s.%s".formatted(report.namespace(), report.name());
  }

  private static void append(StringBuilder xml, ServerReport server, ResourceReport report) {
    String name = suite(report) + "." + server.pod();
    Duration took =
        server.results().stream().map(CheckResult::took).reduce(Duration.ZERO, Duration::plus);
    xml.append(
        "  <testsuite%s tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"0\"%s%s%s>\n"
            .formatted(
                attribute("name", name),
                server.results().size(),
                server.count(Outcome.FAILED),
                server.count(Outcome.UNKNOWN),
                attribute("time", seconds(took)),
                attribute("timestamp", report.time().toString()),
                attribute("hostname", server.pod())));
    for (CheckResult result : server.results()) {
      xml.append(
          "    <testcase%s%s%s>\n%s    </testcase>\n"
              .formatted(
                  attribute("classname", name),
                  attribute("name", result.check().id()),
                  attribute("time", seconds(result.took())),
                  result(result)));
    }
    xml.append("  </testsuite>\n");
  }

  private static String result(CheckResult result) {
    String text = text(result);
    if (result.outcome() == Outcome.PASSED) {
      return "      <system-out>%s</system-out>\n".formatted(text);
    }
    String element = result.outcome() == Outcome.FAILED ? "failure" : "error";
    return "      <%s%s%s>%s</%s>\n"
        .formatted(
            element,
            attribute("type", Words.of(result.outcome())),
            attribute("message", result.evidence()),
            text,
            element);
  }

  private static String text(CheckResult result) {
    Check check = result.check();
    return escaped(
            "by hand on CentOS 7: %s\nrun: %s\nexpected: %s\nseen: "
                .formatted(check.byHand(), check.ran(), check.expected()))
        + escaped(Words.printable(result.evidence()));
  }

  private static String seconds(Duration took) {
    return String.format(Locale.ROOT, "%.3f", took.toNanos() / 1e9);
  }

  private static String attribute(String name, String value) {
    return " %s=\"%s\"".formatted(name, escaped(Words.printable(value)));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
