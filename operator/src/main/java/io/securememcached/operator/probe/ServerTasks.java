package io.securememcached.operator.probe;

/** Runs tasks that wait for servers, in parallel with the reconciliations. */
@FunctionalInterface
public interface ServerTasks {

  /** Priority. */
  enum Urgency {
    /** A server that clients wait for: not checked or not reached yet. */
    FIRST,
    /** A server that was checked before. */
    REPEATED
  }

  /**
   * Runs a task at once or later, on a thread of its own.
   *
   * @param namespace of the server
   * @param task ends in seconds, however its server behaves
   */
  void execute(String namespace, Urgency urgency, Runnable task);
}
