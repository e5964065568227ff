package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.securememcached.operator.text.Quoted;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Condition types, and how conditions are built and found. */
public final class Conditions {

  /** All of the below; pipelines wait for it. */
  public static final String READY = "Ready";

  /** Every user has a login that every server accepts. */
  public static final String CREDENTIALS_READY = "CredentialsReady";

  /**
   * The NetworkPolicies are applied; {@link #NETWORK_RESTRICTED} says whether they are enforced.
   */
  public static final String NETWORK_POLICIES_APPLIED = "NetworkPoliciesApplied";

  /** The servers accept connections. */
  public static final String SERVERS_READY = "ServersReady";

  /** Every server rejects unauthenticated requests. */
  public static final String SASL_ENFORCED = "SASLEnforced";

  /** The network plugin blocks connections that no policy allows. */
  public static final String NETWORK_RESTRICTED = "NetworkRestricted";

  /** No foreign object exposes the servers. */
  public static final String NOT_EXPOSED = "NotExposed";

  /**
   * The image gets security updates and has no known serious vulnerability; {@link #READY} does not
   * depend on it.
   */
  public static final String IMAGE_SUPPORTED = "ImageSupported";

  /** Every server runs what it should; {@link #READY} does not depend on it. */
  public static final String UP_TO_DATE = "UpToDate";

  /**
   * Clients outside of the cluster get in only from the zones' networks; absent without {@code
   * spec.external}. {@link #READY} does not depend on it.
   */
  public static final String EXTERNAL_RESTRICTED = "ExternalRestricted";

  /** Longest message in characters. */
  static final int LONGEST = 4096;

  /** The types that every resource has, in the order of the status. */
  static final List<String> TYPES =
      List.of(
          READY,
          NETWORK_POLICIES_APPLIED,
          CREDENTIALS_READY,
          SASL_ENFORCED,
          NETWORK_RESTRICTED,
          NOT_EXPOSED,
          SERVERS_READY,
          IMAGE_SUPPORTED,
          UP_TO_DATE);

  private Conditions() {}

  /** The condition of a type, if the list has it. */
  public static Optional<Condition> find(List<Condition> conditions, String type) {
    return conditions.stream().filter(condition -> condition.getType().equals(type)).findFirst();
  }

  /** A condition; it keeps the time of the last transition while its status is unchanged. */
  static Condition of(
      StatusInput facts, String type, String status, Reason reason, String message) {
    String now = facts.now().truncatedTo(ChronoUnit.SECONDS).toString();
    String since =
        find(facts.primary().getStatus().conditions(), type)
            .filter(last -> last.getStatus().equals(status))
            .map(Condition::getLastTransitionTime)
            .orElse(now);
    return new ConditionBuilder()
        .withType(type)
        .withStatus(status)
        .withReason(reason.name())
        .withMessage(Quoted.printable(message, LONGEST))
        .withObservedGeneration(facts.generation())
        .withLastTransitionTime(since)
        .build();
  }
}
