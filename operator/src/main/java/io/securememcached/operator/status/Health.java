package io.securememcached.operator.status;

/**
 * What a reason of the condition Ready means for tools that wait for a resource. The health checks
 * for Argo CD and Flux in examples/gitops are generated from it.
 */
public enum Health {
  /**
   * As requested. Also with no servers requested: Argo CD's Suspended would hold up a sync for as
   * long as it lasts.
   */
  HEALTHY,
  /** On the way to what was requested, with nothing to do but to wait. */
  PROGRESSING,
  /** Somebody has to look. A tool may end its deployment as failed. */
  DEGRADED
}
