package io.securememcached.operator.status;

import io.securememcached.operator.api.v1beta1.ServerStatus;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.verify.Check;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Results of the checks of one server.
 *
 * @param at when
 * @param failed checks that failed, as {@code id: evidence}
 * @param unknown checks that could not be told, likewise
 */
public record Verification(Instant at, List<Quoted> failed, List<Quoted> unknown) {

  /** What a server may be trusted without: neither is its own doing. */
  private static final List<Check> MINOR = List.of(Check.POLICIES_ENFORCED, Check.KNOWN_WEAKNESSES);

  /** Keeps copies of the lists, no longer than there are checks. */
  public Verification {
    failed = failed.stream().limit(Check.values().length).toList();
    unknown = unknown.stream().limit(Check.values().length).toList();
  }

  /** As a status has it, if it has one. */
  public static Optional<Verification> of(ServerStatus server) {
    return server.verifiedAt().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Verification(
                Instant.parse(server.verifiedAt()), server.failedChecks(), server.unknownChecks()));
  }

  /** Failures of the server itself. */
  public List<Quoted> hardeningFailures() {
    return failed.stream().filter(text -> !isMinor(text)).toList();
  }

  /** What was seen if a check failed. */
  public Optional<Quoted> failure(Check check) {
    return failed.stream().filter(text -> is(text, check)).findFirst();
  }

  /** Why a check could not be told, if so. */
  public Optional<Quoted> unknown(Check check) {
    return unknown.stream().filter(text -> is(text, check)).findFirst();
  }

  /** Whether the server responded. */
  public boolean isReached() {
    return unknown(Check.REACHABLE).isEmpty() && failure(Check.REACHABLE).isEmpty();
  }

  /** Whether everything that protects a server's data is verified. */
  public boolean isProven() {
    return isReached()
        && hardeningFailures().isEmpty()
        && unknown.stream().allMatch(Verification::isMinor);
  }

  /** Whether NetworkPolicy enforcement is verified. */
  public boolean isRestricted() {
    return failure(Check.POLICIES_ENFORCED).isEmpty() && unknown(Check.POLICIES_ENFORCED).isEmpty();
  }

  /**
   * Response of a server at its connection limit; empty if there is none, or if the server failed a
   * check. Its version text is ignored, as the server chooses it freely.
   */
  public Optional<Quoted> exhausted() {
    return hardeningFailures().isEmpty()
        ? unknown.stream()
            .filter(text -> !is(text, Check.KNOWN_WEAKNESSES))
            .filter(text -> text.text().contains(MemcachedException.NO_MORE_CONNECTIONS))
            .findFirst()
        : Optional.empty();
  }

  /** With one more check that could not be told. */
  public Verification with(Quoted unknownCheck) {
    return new Verification(
        at, failed, Stream.concat(Stream.of(unknownCheck), unknown.stream()).toList());
  }

  /** With a failed policy check as unknown: the policies have changed since. */
  public Verification withPoliciesOpen() {
    return failure(Check.POLICIES_ENFORCED).isEmpty()
        ? this
        : new Verification(
            at,
            failed.stream().filter(text -> !is(text, Check.POLICIES_ENFORCED)).toList(),
            Stream.concat(
                    unknown.stream(),
                    Stream.of(
                        Quoted.of(Check.POLICIES_ENFORCED.id() + ": policies have changed since")))
                .toList());
  }

  private static boolean isMinor(Quoted text) {
    return MINOR.stream().anyMatch(check -> is(text, check));
  }

  private static boolean is(Quoted text, Check check) {
    return text.text().startsWith(check.id() + ":");
  }
}
