package io.securememcached.operator.status;

import io.securememcached.operator.api.v1beta1.ServerStatus;
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
public record Verification(Instant at, List<String> failed, List<String> unknown) {

  /** Id of the check that the network plugin drops what no policy lets in. */
  public static final String POLICIES = "policies-enforced";

  /** Id of the check that is about the image, not about what the server does. */
  public static final String WEAKNESSES = "known-weaknesses";

  /** Id of the check that says whether the others could be made. */
  private static final String REACHABLE = "reachable";

  /** As a status has it, if it has one. */
  public static Optional<Verification> of(ServerStatus server) {
    return server.verifiedAt().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Verification(
                Instant.parse(server.verifiedAt()), server.failedChecks(), server.unknownChecks()));
  }

  /** Failures of the server itself. */
  public List<String> hardeningFailures() {
    return failed.stream().filter(text -> !is(text, POLICIES) && !is(text, WEAKNESSES)).toList();
  }

  /** What was seen if a check failed. */
  public Optional<String> failure(String check) {
    return failed.stream().filter(text -> is(text, check)).findFirst();
  }

  /** Why a check could not be told, if so. */
  public Optional<String> unknown(String check) {
    return unknown.stream().filter(text -> is(text, check)).findFirst();
  }

  /** Whether the server answered at all. */
  public boolean isReached() {
    return unknown(REACHABLE).isEmpty() && failure(REACHABLE).isEmpty();
  }

  /** Whether all that protects a server's data was seen to work. */
  public boolean isProven() {
    return isReached() && hardeningFailures().isEmpty() && unknown.stream().allMatch(this::isMinor);
  }

  /** Whether connections that no policy lets in were seen not to get through. */
  public boolean isRestricted() {
    return failure(POLICIES).isEmpty() && unknown(POLICIES).isEmpty();
  }

  /** Without the failure of policies: it was seen of others than there are now. */
  public Verification withPoliciesOpen() {
    return failure(POLICIES).isEmpty()
        ? this
        : new Verification(
            at,
            failed.stream().filter(text -> !is(text, POLICIES)).toList(),
            Stream.concat(unknown.stream(), Stream.of(POLICIES + ": policies have changed since"))
                .toList());
  }

  /** What a server may be trusted without: policies are not its own doing. */
  private boolean isMinor(String text) {
    return is(text, POLICIES) || is(text, WEAKNESSES);
  }

  private static boolean is(String text, String check) {
    return text.startsWith(check + ":");
  }
}
