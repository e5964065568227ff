package io.securememcached.operator.report;

import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.CheckResult;
import io.securememcached.operator.verify.Distribution;
import io.securememcached.operator.verify.Outcome;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Results of one server.
 *
 * @param pod name of its pod
 * @param address checked address and port; empty if there is none
 * @param image as its pod names it; empty if there is no pod
 * @param notAsked why the server was not checked and what to do; empty if it was checked
 * @param results one for each check, in their order
 */
public record ServerReport(
    String pod,
    String address,
    String image,
    Distribution distribution,
    Optional<String> notAsked,
    List<CheckResult> results) {

  /** Keeps a copy of the list. */
  public ServerReport {
    results = List.copyOf(results);
  }

  /** A server that was checked. */
  public static ServerReport asked(
      String pod,
      String address,
      String image,
      Distribution distribution,
      List<CheckResult> results) {
    return new ServerReport(pod, address, image, distribution, Optional.empty(), results);
  }

  /** A server that could not be checked: all its results are unknown. */
  public static ServerReport notAsked(
      String pod, String address, String image, Distribution distribution, String reason) {
    return new ServerReport(
        pod,
        address,
        image,
        distribution,
        Optional.of(reason),
        Arrays.stream(Check.values())
            .map(check -> new CheckResult(check, Outcome.UNKNOWN, reason, Duration.ZERO))
            .toList());
  }

  long count(Outcome outcome) {
    return results.stream().filter(result -> result.outcome() == outcome).count();
  }

  Outcome outcome() {
    return ResourceReport.worst(results.stream().map(CheckResult::outcome).toList());
  }
}
