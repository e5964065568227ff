package io.securememcached.operator.status;

/** Why a condition is as it is. docs/conditions.md says what to do about each. */
public enum Reason {
  /** Every wanted server is ready and runs the wanted settings. */
  AllServersReady(Health.HEALTHY),
  /** {@code replicas: 0}: there is nothing to run. */
  NoServersWanted(Health.HEALTHY),
  /** Servers are being created or have not answered yet. */
  ServersStarting(Health.PROGRESSING),
  /** A changed setting is being rolled out, server by server. */
  RollingOut(Health.PROGRESSING),
  /** Servers that are no longer wanted are ending. */
  ScalingIn(Health.PROGRESSING),
  /** No node takes a server yet; an autoscaler may bring one. The message says what is missing. */
  WaitingForNode(Health.PROGRESSING),
  /** A server can't start; the message says which and why. */
  ServerFailing(Health.DEGRADED),
  /** Kubernetes refuses to create the servers' pods; the message is the API server's own. */
  PodsRefused(Health.DEGRADED),
  /** A server has an IPv6 address, and its memcached can't listen on one. */
  AddressUnsupported(Health.DEGRADED),
  /** All objects of this stage are written. */
  Applied(Health.HEALTHY),
  /** The first login of a user is on its way to the servers. */
  CredentialsDelivering(Health.PROGRESSING),
  /** A Secret that a user brought is missing or can't be used; the message names it. */
  CredentialsUnusable(Health.DEGRADED),
  /** A Secret has no room for the logins of all servers; the message has the numbers. */
  CredentialsTooLong(Health.DEGRADED),
  /** The operator's notes about the logins can't be read, so no login is touched. */
  CredentialsUnreadable(Health.DEGRADED),
  /** The checks passed on every server, not long ago. */
  Verified(Health.HEALTHY),
  /** A server was not checked yet, or could not be. */
  NotVerified(Health.PROGRESSING),
  /** A server takes no more connections: {@code maxConnections} are open. */
  ConnectionsExhausted(Health.DEGRADED),
  /** A server listens where the operator can't reach it. */
  NotReachable(Health.HEALTHY),
  /** The last proof is older than twice the interval. */
  ProofTooOld(Health.DEGRADED),
  /** A check failed; the message names server and check. */
  CheckFailed(Health.DEGRADED),
  /** Connections that no policy lets in get through. */
  PoliciesNotEnforced(Health.DEGRADED),
  /** Nobody else's objects open the servers. */
  NotExposed(Health.HEALTHY),
  /** Not all objects that may open the servers can be read; the message names the kinds. */
  AuditIncomplete(Health.DEGRADED),
  /** An object that the operator did not write opens the servers; the message names it. */
  Exposed(Health.DEGRADED),
  /** The image's distribution still gets fixes. */
  ImageSupported(Health.HEALTHY),
  /** The image's distribution gets no fixes any more, or its memcached has a known hole. */
  ImageUnsupported(Health.DEGRADED),
  /** Servers run different builds of the image under one tag; the message has their digests. */
  ImageRevisionsDiffer(Health.HEALTHY),
  /** An image of the user's own, of which the operator knows nothing. */
  ImageUnknown(Health.HEALTHY),
  /** A stage before this one failed, so this one was not tried. */
  NotReached(Health.PROGRESSING),
  /** The resource is being deleted, and its servers before it. */
  Deleting(Health.PROGRESSING),
  /** An object of another owner has the name of a child. */
  NameConflict(Health.DEGRADED),
  /** {@code image.reference} is one that the administrator of the operator does not allow. */
  ImageNotAllowed(Health.DEGRADED),
  /** The spec has a value that this version does not know; nothing but policies is touched. */
  SpecUnreadable(Health.DEGRADED),
  /** The operator can't list a kind in this namespace; nothing but policies is touched. */
  NamespaceUnreadable(Health.DEGRADED),
  /** The API server refused a child; the message is the API server's own. */
  Refused(Health.DEGRADED),
  /** The API server could not be asked; the operator tries again. */
  Failed(Health.DEGRADED),
  /** An error that the operator does not expect: nothing is known; the operator tries again. */
  InternalError(Health.DEGRADED);

  private final Health health;

  Reason(Health health) {
    this.health = health;
  }

  /** How tools that wait for a resource take this reason of the condition Ready. */
  public Health health() {
    return health;
  }
}
