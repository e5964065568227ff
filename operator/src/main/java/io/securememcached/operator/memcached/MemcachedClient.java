package io.securememcached.operator.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.securememcached.operator.text.Quoted;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * One connection to a memcached server. Not for use by several threads at once.
 *
 * <p>Each operation ends within its time-outs. After a {@link MemcachedException} the connection is
 * closed, as what is left of a late response could be taken for the next one's; each operation
 * after that throws {@link MemcachedException.Reason#CLOSED}.
 */
public final class MemcachedClient implements AutoCloseable {

  /** memcached takes a longer expiry for a date. */
  private static final Duration MAX_EXPIRY = Duration.ofDays(30);

  private static final int MAX_KEY = 250;

  /** Groups with up to 28 lines for each of up to 63 slab classes. */
  private static final Set<String> OF_SLAB_CLASSES = Set.of("items", "slabs");

  /** All lines together, headers included; memcached 1.6 with 63 slab classes sends 110 KiB. */
  private static final int LONGEST_OF_SLAB_CLASSES = 256 * 1024;

  /** Bytes of a STAT that are read at once: each line is a response of some 50 bytes. */
  private static final int AHEAD = 8 * 1024;

  private final Wire wire;
  private int opaque;

  private MemcachedClient(Wire wire) {
    this.wire = wire;
  }

  /**
   * Connects without sending data.
   *
   * @param address resolved
   */
  public static MemcachedClient connect(InetSocketAddress address, Timeouts timeouts)
      throws MemcachedException {
    return connect(address, timeouts, Deadline.NONE);
  }

  /**
   * Connects without sending data.
   *
   * @param address resolved
   * @param deadline ends each operation that lasts until then, and each one after it
   */
  public static MemcachedClient connect(
      InetSocketAddress address, Timeouts timeouts, Deadline deadline) throws MemcachedException {
    return new MemcachedClient(Wire.connect(address, timeouts, deadline));
  }

  /**
   * Sets the deadline of the following operations.
   *
   * @param deadline in place of the former one
   */
  public void until(Deadline deadline) {
    wire.until(deadline);
  }

  /** SASL_LIST: the text holds the names of the mechanisms that the server offers. */
  public Response mechanisms() throws MemcachedException {
    return call(Request.of(Opcode.SASL_LIST));
  }

  /** SASL_AUTH with PLAIN: a rejected login returns {@link Status#AUTH_ERROR}. */
  public Response authenticate(PlainCredentials credentials) throws MemcachedException {
    return call(Request.of(Opcode.SASL_AUTH, "PLAIN", credentials.message()));
  }

  /**
   * SASL_AUTH with ANONYMOUS (RFC 4505): a server that does not offer it returns {@link
   * Status#AUTH_ERROR}.
   *
   * @param trace identification for the server's log; not verified
   */
  public Response authenticateAnonymously(String trace) throws MemcachedException {
    return call(Request.of(Opcode.SASL_AUTH, "ANONYMOUS", trace.getBytes(UTF_8)));
  }

  /** VERSION: also answered before a login. */
  public Response version() throws MemcachedException {
    return call(Request.of(Opcode.VERSION));
  }

  /** NOOP: the cheapest operation that needs a login. */
  public Response noop() throws MemcachedException {
    return call(Request.of(Opcode.NOOP));
  }

  /**
   * GET.
   *
   * @param key 1 to 250 bytes in UTF-8, without blanks and control characters
   */
  public Response get(String key) throws MemcachedException {
    requireKey(key);
    return call(Request.of(Opcode.GET, key));
  }

  /**
   * SET.
   *
   * @param key as for {@link #get}
   * @param expiry whole seconds up to 30 days; zero means never
   */
  public Response set(String key, byte[] value, Duration expiry) throws MemcachedException {
    requireKey(key);
    if (expiry.isNegative() || expiry.compareTo(MAX_EXPIRY) > 0) {
      throw new IllegalArgumentException("the expiry is not within 0 to 30 days: " + expiry);
    }
    byte[] flagsAndExpiry =
        ByteBuffer.allocate(8).putInt(0).putInt((int) expiry.toSeconds()).array();
    return call(new Request(Opcode.SET, flagsAndExpiry, key.getBytes(UTF_8), value));
  }

  /** STAT: the general statistics. */
  public Statistics statistics() throws MemcachedException {
    return statistics("");
  }

  /**
   * STAT of a group.
   *
   * @param group "settings" for one; empty means the general ones
   */
  public Statistics statistics(String group) throws MemcachedException {
    Map<String, Quoted> values = new HashMap<>();
    return exchange(
        Request.of(Opcode.STAT, group),
        OF_SLAB_CLASSES.contains(group) ? LONGEST_OF_SLAB_CLASSES : Opcode.STAT.longest(),
        AHEAD,
        reader -> {
          Response line = reader.next();
          // A response without a key ends the list.
          while (line.ok() && !line.key().isEmpty()) {
            values.put(line.key(), line.text());
            line = reader.next();
          }
          reader.end();
          return new Statistics(line.code(), line.ok() ? values : Map.of());
        });
  }

  @Override
  public void close() {
    wire.close();
  }

  private interface Receiver<T> {
    T receive(ResponseReader reader) throws MemcachedException;
  }

  private Response call(Request request) throws MemcachedException {
    return exchange(request, request.opcode().longest(), 0, ResponseReader::next);
  }

  private <T> T exchange(Request request, int longest, int ahead, Receiver<T> receiver)
      throws MemcachedException {
    try {
      opaque++;
      wire.begin(request.opcode().name());
      wire.write(request.encode(opaque));
      return receiver.receive(new ResponseReader(wire, request.opcode(), opaque, longest, ahead));
    } catch (MemcachedException e) {
      MemcachedException cause = e.reason() == MemcachedException.Reason.CLOSED ? whyClosed(e) : e;
      close();
      throw cause;
    }
  }

  /**
   * A server at its limit may have closed the connection before the request; its response can still
   * be read.
   */
  private MemcachedException whyClosed(MemcachedException closed) {
    ByteBuffer rest = ByteBuffer.allocate(Request.HEADER_LENGTH);
    wire.readRest(rest);
    return Wire.saysFull(rest) ? wire.full() : closed;
  }

  private static void requireKey(String key) {
    int length = key.getBytes(UTF_8).length;
    if (length < 1 || length > MAX_KEY || key.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      throw new IllegalArgumentException(
          "a key is 1 to 250 bytes without blanks and control characters: '%s'".formatted(key));
    }
  }
}
