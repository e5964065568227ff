package io.securememcached.operator.status;

/**
 * What a reason of condition Ready means for tools that wait for a resource. The health checks for
 * Argo CD and Flux in examples/gitops are generated from it.
 */
public enum Health {
  /**
   * As requested. Also with no servers requested: Argo CD's Suspended would hold up a sync for as
   * long as it lasts.
   */
  HEALTHY,
  /** Progressing to the requested state; only waiting helps. */
  PROGRESSING,
  /** Needs attention. A tool may report its deployment as failed. */
  DEGRADED
}
