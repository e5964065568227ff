package io.securememcached.operator.memcached;

/** Operations that the client knows, as in memcached's protocol_binary.h. */
enum Opcode {
  GET(0x00),
  SET(0x01),
  QUIT(0x07),
  NOOP(0x0a),
  VERSION(0x0b),
  STAT(0x10),
  SASL_LIST(0x20),
  SASL_AUTH(0x21);

  private final byte code;

  Opcode(int code) {
    this.code = (byte) code;
  }

  byte code() {
    return code;
  }
}
