package io.securememcached.operator.sasl;

/** A file is not a readable sasldb; the message has offset and field. */
public final class SaslDbFormatException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * @param offset of the field in the file, in bytes
   * @param field name in Berkeley DB's db_page.h, or what the bytes are
   * @param problem what was found, and what was expected
   */
  SaslDbFormatException(long offset, String field, String problem) {
    super("Damaged or foreign sasldb: %s at offset %d: %s".formatted(field, offset, problem));
  }
}
