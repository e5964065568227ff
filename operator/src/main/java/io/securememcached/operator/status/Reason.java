package io.securememcached.operator.status;

import java.util.Arrays;
import java.util.Optional;

/** Reasons of conditions. docs/conditions.md says what to do about each. */
public enum Reason {
  /** Every requested server is ready and runs the requested settings. */
  AllServersReady(Health.HEALTHY),
  /** {@code replicas: 0}: no servers are requested. */
  NoServersRequested(Health.HEALTHY),
  /** Servers are being created or don't respond yet. */
  ServersStarting(Health.PROGRESSING),
  /** A changed setting is being rolled out, server by server. */
  RollingOut(Health.PROGRESSING),
  /** Superfluous servers are terminating. */
  ScalingIn(Health.PROGRESSING),
  /**
   * A server can't be scheduled; an autoscaler may add a node. The message says what is missing.
   */
  WaitingForNode(Health.PROGRESSING),
  /** A server can't start; the message says which and why. */
  ServerFailing(Health.DEGRADED),
  /** Kubernetes rejects the servers' pods; the message is the API server's. */
  PodsRejected(Health.DEGRADED),
  /** A server has an IPv6 address, and its memcached can't listen on one. */
  AddressUnsupported(Health.DEGRADED),
  /** A mesh has taken in a server, and the policies drop its traffic; the message names both. */
  MeshNotEnabled(Health.DEGRADED),
  /** All objects of this step are applied. */
  Applied(Health.HEALTHY),
  /** A list of CIDRs can't be used; the last good one stays in force. The message says why. */
  SourceListUnusable(Health.DEGRADED),
  /** The first login of a user is being delivered to the servers. */
  CredentialsDelivering(Health.PROGRESSING),
  /** A user-provided Secret is missing or can't be used; the message names it. */
  CredentialsUnusable(Health.DEGRADED),
  /** The logins of all servers exceed a Secret; the message has the numbers. */
  CredentialsTooLarge(Health.DEGRADED),
  /** The resource is paused, so a requested revocation waits; the message says of which users. */
  RevocationPaused(Health.DEGRADED),
  /** A login is not copied to another namespace; the message says what is missing there. */
  CopyMissing(Health.DEGRADED),
  /** The operator's records of the logins can't be read, so no login is changed. */
  CredentialsUnreadable(Health.DEGRADED),
  /** The checks passed on every server within two intervals. */
  Verified(Health.HEALTHY),
  /** A server was not checked yet, or the result is unknown. */
  NotVerified(Health.PROGRESSING),
  /** A server accepts no more connections: {@code maxConnections} is reached. */
  ConnectionsExhausted(Health.DEGRADED),
  /** A server listens where the operator can't reach it. */
  NotVerifiable(Health.HEALTHY),
  /** The last result is older than twice the interval. */
  VerificationExpired(Health.DEGRADED),
  /** A check failed; the message names server and check. */
  CheckFailed(Health.DEGRADED),
  /** NetworkPolicies are not enforced. */
  PoliciesNotEnforced(Health.DEGRADED),
  /** No foreign object exposes the servers. */
  NotExposed(Health.HEALTHY),
  /** Not all that may expose the servers can be audited; the message says what and why. */
  AuditIncomplete(Health.DEGRADED),
  /** A foreign object exposes the servers; the message names it. */
  Exposed(Health.DEGRADED),
  /** The image's distribution publishes security updates. */
  ImageSupported(Health.HEALTHY),
  /**
   * The image's distribution publishes no more security updates, or its memcached has a known
   * serious vulnerability.
   */
  ImageUnsupported(Health.DEGRADED),
  /** Servers run different builds of the image under one tag; the message has their digests. */
  ImageRevisionsDiffer(Health.HEALTHY),
  /** A user-provided image, whose support status is unknown. */
  ImageUnknown(Health.HEALTHY),
  /** Clients outside of the cluster get in only from the zones' networks. */
  ExternalRestricted(Health.HEALTHY),
  /** No zone has a cidr, so no server has an address outside of the cluster. */
  NoCidrSource(Health.HEALTHY),
  /** The load balancer's controller has not given an address yet. */
  ExternalSourcesTooWide(Health.DEGRADED),
  ExternalAddressPending(Health.PROGRESSING),
  /** A Service was deleted, and its load balancer may still exist. */
  ExternalClosing(Health.PROGRESSING),
  /** Nobody can tell from inside of the cluster; the message says why. */
  ExternalNotVerifiable(Health.HEALTHY),
  /** The administrator does not allow an annotation of {@code spec.external}. */
  ExternalAnnotationNotAllowed(Health.DEGRADED),
  /** A load balancer has an address that is not of a private network. */
  ExternalAddressPublic(Health.DEGRADED),
  /** A Service is not as the operator applied it, and could not be restored yet. */
  ExternalServiceChanged(Health.DEGRADED),
  /** Every server runs what it should. */
  UpToDate(Health.HEALTHY),
  /** Servers restart when somebody approves it; the message has the command. */
  ApprovalNeeded(Health.HEALTHY),
  /** An annotation stops all changes to servers and logins; the message says since when. */
  Paused(Health.PROGRESSING),
  /** Servers restart in the next window; the message says when. */
  WaitingForWindow(Health.HEALTHY),
  /** A node has not resized a running server yet, or can't; the message says which and why. */
  ResizePending(Health.PROGRESSING),
  /**
   * A restarted server is worse than before, so the others are left alone; the message says why.
   */
  RolloutHalted(Health.DEGRADED),
  /** An earlier step failed, so this one was not attempted. */
  NotAttempted(Health.PROGRESSING),
  /** The resource is being deleted, with its servers first. */
  Deleting(Health.PROGRESSING),
  /** A foreign object has the name of a child. */
  NameConflict(Health.DEGRADED),
  /** The operator's administrator does not allow the image in {@code image.reference}. */
  ImageNotAllowed(Health.DEGRADED),
  /** The spec has a value that this version does not support; only policies are reconciled. */
  SpecUnreadable(Health.DEGRADED),
  /** The operator can't list a kind in this namespace; only policies are reconciled. */
  NamespaceUnreadable(Health.DEGRADED),
  /** The API server rejected a child; the message is the API server's. */
  ChildRejected(Health.DEGRADED),
  /** A Kubernetes API request failed; the operator retries. */
  RequestFailed(Health.DEGRADED),
  /** An unexpected error; the state is unknown and the operator retries. */
  InternalError(Health.DEGRADED);

  private final Health health;

  Reason(Health health) {
    this.health = health;
  }

  /** The reason of a name; none for one of another version of the operator. */
  static Optional<Reason> named(String name) {
    return Arrays.stream(values()).filter(reason -> reason.name().equals(name)).findFirst();
  }

  /** How tools that wait for a resource interpret this reason of condition Ready. */
  public Health health() {
    return health;
  }
}
