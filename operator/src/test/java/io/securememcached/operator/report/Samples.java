package io.securememcached.operator.report;

import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.CheckResult;
import io.securememcached.operator.verify.Distribution;
import io.securememcached.operator.verify.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** Reports, made up. */
final class Samples {

  /** Of a server that would like to write on a terminal and into XML. */
  static final String EVIL = "0x00 \u001b[2J</failure>]]> & \"PLAIN\"";

  private static final Instant TIME = Instant.parse("2026-11-22T20:40:00Z");

  private Samples() {}

  /** One hardened server, one that is not, one that could not be asked. */
  static ResourceReport mixed() {
    return report(
        server("sessions-0", Outcome.PASSED, "as expected"),
        ServerReport.asked(
            "sessions-1",
            "10.244.0.12:11211",
            "registry.example/memcached:1.4.15-centos7",
            Distribution.CENTOS_7,
            Arrays.stream(Check.values()).map(Samples::broken).toList()),
        ServerReport.notAsked(
            "sessions-2",
            "",
            "",
            Distribution.UNKNOWN,
            "Pod not found; see the events of the StatefulSet."));
  }

  static ResourceReport report(ServerReport... servers) {
    return new ResourceReport("shop", "sessions", TIME, List.of(servers));
  }

  /** A server on which all checks ended in the same way. */
  static ServerReport server(String pod, Outcome outcome, String evidence) {
    return ServerReport.asked(
        pod,
        "10.244.0.11:11211",
        "registry.example/memcached:1.6.18-debian12",
        Distribution.DEBIAN_12,
        Arrays.stream(Check.values()).map(check -> result(check, outcome, evidence)).toList());
  }

  private static CheckResult broken(Check check) {
    return switch (check) {
      case UNAUTHENTICATED_REFUSED -> result(check, Outcome.FAILED, EVIL);
      case LOGIN ->
          result(
              check, Outcome.UNKNOWN, "no password was sent, as a wrong password was not rejected");
      default -> result(check, Outcome.PASSED, "as expected");
    };
  }

  private static CheckResult result(Check check, Outcome outcome, String evidence) {
    return new CheckResult(check, outcome, evidence, Duration.ofNanos(1_500_000));
  }
}
