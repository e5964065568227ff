package io.securememcached.operator.memcached;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** Status of a response, as in memcached's protocol_binary.h. */
public enum Status {
  /** Success. */
  SUCCESS(0x00),
  /** No such key, or no such group of statistics. */
  KEY_NOT_FOUND(0x01),
  /** The key is there already, or was changed meanwhile. */
  KEY_EXISTS(0x02),
  /** The value does not fit into an item. */
  VALUE_TOO_LARGE(0x03),
  /** Invalid request. */
  INVALID_ARGUMENTS(0x04),
  /** Not stored, as a condition did not hold. */
  NOT_STORED(0x05),
  /** Increment or decrement of something else than a number. */
  NOT_A_NUMBER(0x06),
  /** Not logged in, or the login was rejected. */
  AUTH_ERROR(0x20),
  /** The SASL mechanism wants another step. */
  AUTH_CONTINUE(0x21),
  /** The server does not know the operation. */
  UNKNOWN_COMMAND(0x81),
  /** The server has no memory for it. */
  OUT_OF_MEMORY(0x82),
  /** Known, but not done by this server. */
  NOT_SUPPORTED(0x83),
  /** The server failed. */
  INTERNAL_ERROR(0x84),
  /** The server is busy. */
  BUSY(0x85),
  /** Worth another try later. */
  TEMPORARY_FAILURE(0x86),
  /** A code that is not in this list; {@link Reply#code} has it. */
  OTHER(-1);

  private static final Map<Integer, Status> BY_CODE =
      Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(one -> one.code, one -> one));

  private final int code;

  Status(int code) {
    this.code = code;
  }

  static Status of(int code) {
    return BY_CODE.getOrDefault(code, OTHER);
  }
}
