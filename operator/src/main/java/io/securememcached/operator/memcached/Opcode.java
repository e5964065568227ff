package io.securememcached.operator.memcached;

/**
 * Operations that the client knows, as in memcached's protocol_binary.h, and the longest answer to
 * each. What is longer comes from no memcached that is asked what the operator asks.
 */
enum Opcode {
  /** One small item: the operator stores one byte. */
  GET(0x00, 4096),
  SET(0x01, Opcode.WORDS),
  QUIT(0x07, Opcode.WORDS),
  NOOP(0x0a, Opcode.WORDS),
  /** Such as {@code 1.6.18}; a build may append where it is from. */
  VERSION(0x0b, 64),
  /** All lines together, headers included; memcached 1.6 sends 3 to 5 KiB. */
  STAT(0x10, 64 * 1024),
  /** Names of all mechanisms that Cyrus SASL has. */
  SASL_LIST(0x20, 512),
  SASL_AUTH(0x21, Opcode.WORDS);

  /** Why not, in a few words: {@code Auth failure.} */
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
