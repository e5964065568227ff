package io.securememcached.operator.monitoring;

/** A Secret holds no keys that this version can read; the message names the field, never a key. */
public final class ExporterKeysFormatException extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean newer;

  /**
   * @param problem as the rest of a sentence that starts with the name of the Secret
   * @param newer whether a later version of the operator wrote it
   */
  ExporterKeysFormatException(String problem, boolean newer) {
    super(problem);
    this.newer = newer;
  }

  /** Whether a later version of the operator wrote it, so that it must be left alone. */
  public boolean isNewer() {
    return newer;
  }
}
