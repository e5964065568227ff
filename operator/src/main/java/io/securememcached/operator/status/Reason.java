package io.securememcached.operator.status;

/** Why a condition is as it is. docs/conditions.md says what to do about each. */
public enum Reason {
  /** Every wanted server is ready and runs the wanted settings. */
  AllServersReady,
  /** {@code replicas: 0}: there is nothing to run. */
  NoServersWanted,
  /** Servers are being created or have not answered yet. */
  ServersStarting,
  /** A changed setting is being rolled out, server by server. */
  RollingOut,
  /** Servers that are no longer wanted are ending. */
  ScalingIn,
  /** A server can't start; the message says which and why. */
  ServerFailing,
  /** All objects of this stage are written. */
  Applied,
  /** The first login of a user is on its way to the servers. */
  CredentialsDelivering,
  /** A Secret that a user brought is missing or can't be used; the message names it. */
  CredentialsUnusable,
  /** The operator's notes about the logins can't be read, so no login is touched. */
  CredentialsUnreadable,
  /** The checks passed on every server, not long ago. */
  Verified,
  /** A server was not checked yet, or could not be. */
  NotVerified,
  /** A server listens where the operator can't reach it. */
  NotReachable,
  /** The last proof is older than twice the interval. */
  ProofTooOld,
  /** A check failed; the message names server and check. */
  CheckFailed,
  /** Connections that no policy lets in get through. */
  PoliciesNotEnforced,
  /** Nobody else's objects open the servers. */
  NotExposed,
  /** An object that the operator did not write opens the servers; the message names it. */
  Exposed,
  /** The image's distribution still gets fixes. */
  ImageSupported,
  /** The image's distribution gets no fixes any more, or its memcached has a known hole. */
  ImageUnsupported,
  /** Servers run different builds of the image under one tag; the message has their digests. */
  ImageRevisionsDiffer,
  /** An image of the user's own, of which the operator knows nothing. */
  ImageUnknown,
  /** A stage before this one failed, so this one was not tried. */
  NotReached,
  /** An object of another owner has the name of a child. */
  NameConflict,
  /** The API server refused a child; the message is the API server's own. */
  Refused,
  /** The API server could not be asked, or another error; the operator tries again. */
  Failed
}
