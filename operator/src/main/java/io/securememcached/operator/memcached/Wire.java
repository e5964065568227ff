package io.securememcached.operator.memcached;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.securememcached.operator.memcached.MemcachedException.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * A TCP connection with a time-out for every wait, also for writes. A blocking {@code Socket} has
 * no time-out for a write, so a server that stops reading would block its caller: hence a selector.
 */
final class Wire implements AutoCloseable {

  /** {@code ERROR Too many open connections}, as much as a response's header is long. */
  private static final byte[] FULL = "ERROR Too many open conn".getBytes(US_ASCII);

  private final InetSocketAddress address;
  private final Timeouts timeouts;
  private final Selector selector;
  private final SocketChannel channel;
  private final SelectionKey key;

  private Deadline overall;
  private String operation = "connect";
  private long deadline;

  private Wire(InetSocketAddress address, Timeouts timeouts, Deadline overall) throws IOException {
    this.address = address;
    this.timeouts = timeouts;
    this.overall = overall;
    channel = SocketChannel.open();
    try {
      channel.configureBlocking(false);
      selector = Selector.open();
    } catch (IOException e) {
      close(channel);
      throw e;
    }
    key = channel.register(selector, SelectionKey.OP_CONNECT);
  }

  /**
   * Connects.
   *
   * @param address resolved: a look-up of a name would have no deadline
   * @param overall ends each wait, whatever the time-outs say
   */
  static Wire connect(InetSocketAddress address, Timeouts timeouts, Deadline overall)
      throws MemcachedException {
    if (address.isUnresolved()) {
      throw new IllegalArgumentException("the address is not resolved: " + address);
    }
    Wire wire;
    try {
      wire = new Wire(address, timeouts, overall);
    } catch (IOException e) {
      throw new MemcachedException(Reason.UNREACHABLE, address + ": no socket available", e);
    }
    try {
      wire.connect();
      return wire;
    } catch (IOException e) {
      wire.close();
      throw wire.connectFailure(e);
    }
  }

  private void connect() throws IOException {
    begin("connect", timeouts.connect());
    boolean connected = channel.connect(address);
    while (!connected) {
      await(SelectionKey.OP_CONNECT, timeouts.connect());
      connected = channel.finishConnect();
    }
  }

  /**
   * Sets another deadline.
   *
   * @param overall ends each wait, whatever the time-outs say
   */
  void until(Deadline overall) {
    this.overall = overall;
  }

  /** Starts an operation: its name goes into messages, its time starts now. */
  void begin(String name) {
    begin(name, timeouts.operation());
  }

  private void begin(String name, Duration limit) {
    operation = name;
    deadline = System.nanoTime() + limit.toNanos();
  }

  /** Sends all of the buffer. */
  void write(ByteBuffer buffer) throws MemcachedException {
    try {
      while (buffer.hasRemaining()) {
        if (channel.write(buffer) == 0) {
          await(SelectionKey.OP_WRITE, timeouts.silence());
        }
      }
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /**
   * Receives until the buffer is full.
   *
   * @throws MemcachedException when the server closes the connection, goes silent or takes too
   *     long; the buffer has the data received so far
   */
  void readUntilEnd(ByteBuffer buffer) throws MemcachedException {
    while (buffer.hasRemaining()) {
      readSome(buffer);
    }
  }

  /** Receives at least one byte, and what else has arrived and fits. */
  void readSome(ByteBuffer buffer) throws MemcachedException {
    int before = buffer.position();
    try {
      while (buffer.position() == before) {
        // Checked also while bytes arrive, or a fast stream would outrun the deadline.
        remaining();
        int count = channel.read(buffer);
        if (count < 0) {
          throw failure(Reason.CLOSED, "the server closed the connection");
        }
        if (count == 0) {
          await(SelectionKey.OP_READ, timeouts.silence());
        }
      }
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Reads what has arrived and fits, without waiting. */
  void readRest(ByteBuffer buffer) {
    try {
      while (buffer.hasRemaining() && channel.read(buffer) > 0) {}
    } catch (IOException e) {
      // The connection has ended; what came before is in the buffer.
      return;
    }
  }

  /** The response of memcached 1.6 beyond its connection limit, whatever the request. */
  static boolean saysFull(ByteBuffer answer) {
    return answer.capacity() >= FULL.length
        && answer.get(0) == FULL[0]
        && answer.duplicate().clear().limit(FULL.length).equals(ByteBuffer.wrap(FULL));
  }

  /** The server reported that it is at its connection limit. */
  MemcachedException full() {
    return failure(
        Reason.FULL,
        "the server " + MemcachedException.NO_MORE_CONNECTIONS + ": its limit is reached");
  }

  /** A failure of the operation at hand that is not the network's. */
  MemcachedException failure(Reason reason, String problem) {
    return new MemcachedException(reason, message(problem));
  }

  private MemcachedException failure(Reason reason, String problem, IOException cause) {
    return new MemcachedException(reason, message(problem), cause);
  }

  private String message(String problem) {
    return "%s: %s: %s"
        .formatted(new ServerAddress(address.getAddress(), address.getPort()), operation, problem);
  }

  /** Waits until the socket is ready, or throws when this wait or the operation is over. */
  private void await(int operations, Duration limit) throws IOException {
    key.interestOps(operations);
    long end = Math.min(remaining(), limit.toNanos());
    selector.selectedKeys().clear();
    // Milliseconds rounded up, as 0 would mean no limit.
    boolean isReady = selector.select(Math.ceilDiv(end, 1_000_000)) > 0;
    if (Thread.currentThread().isInterrupted()) {
      throw failure(Reason.INTERRUPTED, "interrupted");
    }
    if (!isReady) {
      remaining();
      throw timeout("no data for " + limit.toMillis() + " ms");
    }
  }

  private long remaining() throws MemcachedException {
    long remaining = Math.min(deadline - System.nanoTime(), overall.remainingNanos());
    if (remaining <= 0) {
      throw timeout("operation timed out");
    }
    return remaining;
  }

  private MemcachedException timeout(String problem) {
    if (overall.isOver()) {
      return failure(Reason.TIMEOUT, "overall deadline exceeded");
    }
    return channel.isConnected()
        ? failure(Reason.TIMEOUT, problem)
        : failure(
            Reason.CONNECT_TIMEOUT, "no response within " + timeouts.connect().toMillis() + " ms");
  }

  private MemcachedException connectFailure(IOException e) {
    if (e instanceof MemcachedException own) {
      return own;
    }
    String problem = String.valueOf(e.getMessage());
    if (e instanceof ConnectException && problem.contains("refused")) {
      return failure(Reason.CONNECTION_REFUSED, "connection refused", e);
    }
    if (e instanceof ConnectException && problem.contains("timed out")) {
      return failure(Reason.CONNECT_TIMEOUT, problem, e);
    }
    return failure(Reason.UNREACHABLE, problem, e);
  }

  private MemcachedException broken(IOException e) {
    if (e instanceof MemcachedException own) {
      return own;
    }
    if (e instanceof ClosedByInterruptException) {
      return failure(Reason.INTERRUPTED, "interrupted", e);
    }
    if (e instanceof ClosedChannelException) {
      return failure(Reason.CLOSED, "the client is closed", e);
    }
    return failure(Reason.CLOSED, String.valueOf(e.getMessage()), e);
  }

  @Override
  public void close() {
    close(selector);
    close(channel);
  }

  private static void close(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      // Nothing to do: the caller is done with the server.
      return;
    }
  }
}
