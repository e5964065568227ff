package io.securememcached.operator.memcached;

/**
 * Operations of the client, as in memcached's protocol_binary.h, and the longest response to each.
 * memcached never sends a longer one to the operator's requests.
 */
enum Opcode {
  /** One small item: the operator stores one byte. */
  GET(0x00, 4096),
  SET(0x01, Opcode.WORDS),
  NOOP(0x0a, Opcode.WORDS),
  /** Such as {@code 1.6.18}; a build may append its origin. */
  VERSION(0x0b, 64),
  /** All lines together, headers included; memcached 1.6 sends 3 to 5 KiB. */
  STAT(0x10, 64 * 1024),
  /** Names of all mechanisms that Cyrus SASL has. */
  SASL_LIST(0x20, 512),
  SASL_AUTH(0x21, Opcode.WORDS);

  /** A short reason: {@code Auth failure.} */
  private static final int WORDS = 256;

  private final byte code;
  private final int longest;

  Opcode(int code, int longest) {
    this.code = (byte) code;
    this.longest = longest;
  }

  /** Longest body in bytes, that of a refusal too. */
  int longest() {
    return longest;
  }

  byte code() {
    return code;
  }
}
