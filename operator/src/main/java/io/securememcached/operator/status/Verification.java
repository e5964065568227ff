package io.securememcached.operator.status;

import io.securememcached.operator.api.v1beta1.ServerStatus;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.Outcome;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Results of the checks of one server.
 *
 * @param at when
 * @param version of memcached as the server said; empty if it said none
 * @param findings checks that did not pass, at most one of each
 */
public record Verification(Instant at, Quoted version, List<Finding> findings) {

  /** Checks that don't decide about traffic, as neither depends on the server. */
  private static final Set<Check> MINOR =
      Set.of(Check.POLICIES_ENFORCED, Check.KNOWN_VULNERABILITIES);

  /** Keeps the findings in the order of the checks. */
  public Verification {
    findings = findings.stream().sorted(Comparator.comparing(Finding::check)).toList();
  }

  /** As a status has it, if it has one that this version of the operator can read. */
  public static Optional<Verification> of(ServerStatus server) {
    List<Finding> findings =
        server.checks().stream().flatMap(check -> Finding.of(check).stream()).toList();
    return server.verifiedAt().isEmpty() || findings.size() < server.checks().size()
        ? Optional.empty()
        : Optional.of(
            new Verification(Instant.parse(server.verifiedAt()), server.version(), findings));
  }

  /** Failures of the server itself. */
  public List<Finding> hardeningFailures() {
    return findings.stream().filter(found -> found.isFailure() && !isMinor(found)).toList();
  }

  /** Evidence of a failed check. */
  public Optional<Finding> failure(Check check) {
    return finding(check).filter(Finding::isFailure);
  }

  /** What a check that did not pass has found. */
  public Optional<Finding> finding(Check check) {
    return findings.stream().filter(found -> found.check() == check).findFirst();
  }

  /** Whether the server responded. */
  public boolean isReached() {
    return finding(Check.REACHABLE).isEmpty();
  }

  /** Whether everything that protects a server's data is verified. */
  public boolean isProven() {
    return findings.stream().allMatch(Verification::isMinor);
  }

  /** Whether NetworkPolicy enforcement is verified. */
  public boolean isRestricted() {
    return finding(Check.POLICIES_ENFORCED).isEmpty();
  }

  /**
   * Response of a server at its connection limit; empty if there is none, or if the server failed a
   * check. Its version text is ignored, as the server chooses it freely.
   */
  public Optional<Finding> exhausted() {
    return hardeningFailures().isEmpty()
        ? findings.stream()
            .filter(found -> !found.isFailure() && found.check() != Check.KNOWN_VULNERABILITIES)
            .filter(
                found -> found.evidence().text().contains(MemcachedException.NO_MORE_CONNECTIONS))
            .findFirst()
        : Optional.empty();
  }

  /** With another finding of a check. */
  public Verification with(Finding finding) {
    return new Verification(
        at,
        version,
        Stream.concat(
                Stream.of(finding),
                findings.stream().filter(found -> found.check() != finding.check()))
            .toList());
  }

  /** With the version that was known before, if the server said none this time. */
  public Verification orVersion(Quoted before) {
    return version.isEmpty() ? new Verification(at, before, findings) : this;
  }

  /** With a failed policy check as unknown: the policies have changed since. */
  public Verification withPoliciesOpen() {
    return failure(Check.POLICIES_ENFORCED).isEmpty()
        ? this
        : with(
            new Finding(
                Check.POLICIES_ENFORCED,
                Outcome.UNKNOWN,
                Quoted.of("NetworkPolicies have changed since")));
  }

  private static boolean isMinor(Finding found) {
    return MINOR.contains(found.check());
  }
}
