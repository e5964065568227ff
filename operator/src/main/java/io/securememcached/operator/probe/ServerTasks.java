package io.securememcached.operator.probe;

/** Runs what waits for servers, beside the reconciliations. */
@FunctionalInterface
public interface ServerTasks {

  /** Who goes first. */
  enum Urgency {
    /** A server that clients wait for: it was not asked yet, or not reached yet. */
    FIRST,
    /** A server that was asked before. */
    REPEATED
  }

  /**
   * Runs a task at once or later, on a thread of its own.
   *
   * @param namespace whose servers it asks
   * @param task ends in seconds, however its server behaves
   */
  void execute(String namespace, Urgency urgency, Runnable task);
}
