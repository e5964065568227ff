package io.securememcached.operator.verify;

import io.securememcached.operator.memcached.Deadline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Connects to several ports in parallel at the start of a run, and evaluates the results at its
 * end. Sends no data.
 */
final class OtherPorts implements AutoCloseable {

  private static final String OPEN = "open";
  private static final String REFUSED = "connection refused";
  private static final String REJECTED = "rejected by an ICMP error";
  private static final String SILENT = "no response";
  private static final String UNTOLD =
      "connection refused, TCP reset or ICMP error could not be determined";
  private static final String NO_WAY = "no route";
  private static final String NONE_TRIED = "no port to check";

  private final InetAddress address;
  private final Selector selector;
  private final Duration quiet;
  private final Deadline end;

  /** State by port. */
  private final Map<Integer, String> states = new TreeMap<>();

  private OtherPorts(InetAddress address, Selector selector, Duration quiet) {
    this.address = address;
    this.selector = selector;
    this.quiet = quiet;
    end = Deadline.after(quiet);
  }

  /**
   * Starts to connect.
   *
   * @param quiet how long to wait for a response that is not expected
   * @throws IOException if this machine has no sockets for it
   */
  static OtherPorts start(InetAddress address, List<Integer> ports, Duration quiet)
      throws IOException {
    OtherPorts others = new OtherPorts(address, Selector.open(), quiet);
    try {
      for (int port : ports) {
        others.connect(new InetSocketAddress(address, port));
      }
      return others;
    } catch (IOException e) {
      others.close();
      throw e;
    }
  }

  private void connect(InetSocketAddress address) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_CONNECT, address.getPort());
    states.put(address.getPort(), SILENT);
    finish(channel, address.getPort(), () -> channel.connect(address));
  }

  /** Waits until each port has responded or the time is over. */
  Verdict verdict(boolean reachable) throws IOException {
    await();
    return judge(reachable && !Thread.currentThread().isInterrupted());
  }

  /** Whether packets to these ports of a reachable server are dropped or rejected. */
  Verdict stopped() throws IOException {
    await();
    if (states.isEmpty()) {
      return Verdict.unknown(NONE_TRIED);
    }
    states.replaceAll((port, state) -> isAnswer(state) ? whose(port, state) : state);
    String evidence = evidence();
    if (states.containsValue(OPEN) || states.containsValue(REFUSED)) {
      return Verdict.failed(evidence);
    }
    return states.containsValue(UNTOLD)
            || states.containsValue(NO_WAY)
            || Thread.currentThread().isInterrupted()
        ? Verdict.unknown(evidence)
        : Verdict.passed(evidence);
  }

  private static boolean isAnswer(String state) {
    return state.equals(REFUSED) || state.equals(NO_WAY);
  }

  private String whose(int port, String state) {
    return switch (Refusal.of(new InetSocketAddress(address, port), quiet)) {
      case BY_SERVER -> REFUSED;
      case BY_FILTER -> REJECTED;
      case UNTOLD -> state.equals(REFUSED) ? UNTOLD : state;
    };
  }

  private void await() throws IOException {
    long left;
    do {
      left = end.remainingNanos();
      if (left > 0) {
        selector.select(this::finish, Math.ceilDiv(left, 1_000_000));
      }
      selector.selectNow(this::finish); // also removes closed channels from the keys
      // An interrupted thread's select returns at once, each time.
    } while (!selector.keys().isEmpty() && left > 0 && !Thread.currentThread().isInterrupted());
  }

  private String evidence() {
    return states.entrySet().stream()
        .collect(
            Collectors.groupingBy(
                Map.Entry::getValue,
                TreeMap::new,
                Collectors.mapping(
                    entry -> String.valueOf(entry.getKey()), Collectors.joining(" "))))
        .entrySet()
        .stream()
        .map(group -> group.getKey() + ": " + group.getValue())
        .collect(Collectors.joining("; "));
  }

  private Verdict judge(boolean silenceTells) {
    String evidence = evidence();
    if (states.containsValue(OPEN)) {
      return Verdict.failed(evidence);
    }
    if (states.isEmpty()) {
      return Verdict.unknown(NONE_TRIED);
    }
    return silenceTells ? Verdict.passed(evidence) : Verdict.unknown(evidence);
  }

  @FunctionalInterface
  private interface Attempt {
    boolean connected() throws IOException;
  }

  private void finish(SelectionKey key) {
    SocketChannel channel = (SocketChannel) key.channel();
    finish(channel, (Integer) key.attachment(), channel::finishConnect);
  }

  private void finish(SocketChannel channel, int port, Attempt attempt) {
    try {
      if (attempt.connected()) {
        states.put(port, OPEN);
        channel.close();
      }
    } catch (IOException e) {
      states.put(port, String.valueOf(e.getMessage()).contains("refused") ? REFUSED : NO_WAY);
      close(channel);
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing was sent, and nothing is expected.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
