package io.securememcached.operator.verify;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.securememcached.operator.memcached.Deadline;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/**
 * Sends UDP requests at the start of a run and reads responses at its end. Before 1.5.20 a server
 * with both UDP and SASL requires no login over UDP, so open UDP means unauthenticated access, not
 * only amplification.
 */
final class UdpProbe implements AutoCloseable {

  /**
   * The result.
   *
   * @param text for people
   */
  record Seen(boolean answered, String text) {}

  private static final byte[] VERSION = "version\r\n".getBytes(US_ASCII);

  /** Magic 0x80, opcode 0x0a and nothing else. */
  private static final byte[] NOOP =
      ByteBuffer.allocate(24).put((byte) 0x80).put((byte) 0x0a).array();

  /** More than enough to detect a response. */
  private static final int LONGEST = 1500;

  private final DatagramSocket socket;
  private final Duration quiet;
  private final Deadline end;
  private Optional<IOException> failure = Optional.empty();

  private UdpProbe(DatagramSocket socket, Duration quiet) {
    this.socket = socket;
    this.quiet = quiet;
    end = Deadline.after(quiet);
  }

  /**
   * Sends two datagrams; {@link #seen} reports a failure.
   *
   * @param quiet how long to wait for a response that is not expected
   * @throws IOException if this machine has no socket for it
   */
  static UdpProbe start(InetSocketAddress address, Duration quiet) throws IOException {
    UdpProbe probe = new UdpProbe(new DatagramSocket(), quiet);
    try {
      // Connected, so that foreign datagrams are ignored and the kernel reports a closed port.
      probe.socket.connect((SocketAddress) address);
      probe.send(VERSION);
      probe.send(NOOP);
    } catch (IOException e) {
      probe.failure = Optional.of(e);
    }
    return probe;
  }

  private void send(byte[] request) throws IOException {
    // The frame header of doc/protocol.txt: request number, place, number of datagrams, zero.
    byte[] datagram =
        ByteBuffer.allocate(8 + request.length)
            .putShort((short) 1)
            .putShort((short) 0)
            .putShort((short) 1)
            .putShort((short) 0)
            .put(request)
            .array();
    socket.send(new DatagramPacket(datagram, datagram.length));
  }

  /** Waits for a response until the time is over. */
  Seen seen() {
    if (failure.isPresent()) {
      return failed(failure.get());
    }
    DatagramPacket packet = new DatagramPacket(new byte[LONGEST], LONGEST);
    try {
      // Milliseconds, at least one, as 0 would mean no limit.
      socket.setSoTimeout((int) Math.max(1, end.remainingNanos() / 1_000_000));
      socket.receive(packet);
      return new Seen(true, "%d bytes received over UDP".formatted(packet.getLength()));
    } catch (SocketTimeoutException e) {
      return new Seen(false, "no response over UDP within %d ms".formatted(quiet.toMillis()));
    } catch (IOException e) {
      return failed(e);
    }
  }

  private static Seen failed(IOException e) {
    return new Seen(
        false,
        e instanceof PortUnreachableException
            ? "UDP port closed"
            : "UDP failed: " + e.getMessage());
  }

  @Override
  public void close() {
    socket.close();
  }
}
