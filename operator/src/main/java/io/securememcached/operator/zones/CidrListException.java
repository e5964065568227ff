package io.securememcached.operator.zones;

/** A list of CIDRs can't be used. The message says why and what to do. */
public final class CidrListException extends Exception {

  private static final long serialVersionUID = 1L;

  public CidrListException(String message) {
    super(message);
  }
}
