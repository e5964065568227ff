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
 * What the checks of one server found.
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

  /** Whether the server answered at all. */
  public boolean isReached() {
    return unknown(Check.REACHABLE).isEmpty() && failure(Check.REACHABLE).isEmpty();
  }

  /** Whether all that protects a server's data was seen to work. */
  public boolean isProven() {
    return isReached()
        && hardeningFailures().isEmpty()
        && unknown.stream().allMatch(Verification::isMinor);
  }

  /** Whether connections that no policy lets in were seen not to get through. */
  public boolean isRestricted() {
    return failure(Check.POLICIES_ENFORCED).isEmpty() && unknown(Check.POLICIES_ENFORCED).isEmpty();
  }

  /**
   * What a server said that takes no more connections; empty if it does, or was seen to be open.
   * The version is left out: there it may say what it likes.
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

  /** Without the failure of policies: it was seen of others than there are now. */
  public Verification withPoliciesOpen() {
    return failure(Check.POLICIES_ENFORCED).isEmpty()
        ? this
        : new Verification(
            at,
            failed.stream().filter(text -> !is(text, Check.POLICIES_ENFORCED)).toList(),
            Stream.concat(
                    unknown.stream(),
                    Stream.of(
                        Quoted.of(
                            Check.POLICIES_ENFORCED.id() + ": NetworkPolicies have changed since")))
                .toList());
  }

  private static boolean isMinor(Quoted text) {
    return MINOR.stream().anyMatch(check -> is(text, check));
  }

  private static boolean is(Quoted text, Check check) {
    return text.text().startsWith(check.id() + ":");
  }
}
