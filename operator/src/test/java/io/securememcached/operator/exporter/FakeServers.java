package io.securememcached.operator.exporter;

import static io.securememcached.operator.memcached.TestingMemcached.response;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.RealMemcached;
import io.securememcached.operator.memcached.TestingMemcached;
import io.securememcached.operator.memcached.TestingMemcached.Received;
import io.securememcached.operator.monitoring.ExporterKey;
import io.securememcached.operator.monitoring.ExporterKeys;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Any number of servers behind one port, which answer what a real memcached has answered: after any
 * login in the binary protocol, and behind another port without one in the text protocol.
 */
public final class FakeServers implements AutoCloseable {

  private static final int SASL_AUTH = 0x21;
  private static final int STAT = 0x10;
  private static final int OPAQUE = 12;

  /** Sizes of values, so that several slab classes are in use. */
  private static final int[] SIZES = {10, 200, 1000, 5000, 20_000, 100_000};

  /** The responses to a STAT, and where each begins. */
  private record Recording(byte[] bytes, List<Integer> starts) {}

  private final Map<String, Recording> recordings = new HashMap<>();
  private final Map<String, byte[]> texts = new HashMap<>();
  private final ExporterKeys keys = ExporterKeys.first(ExporterKey.generate(1), Instant.now());
  private final TestingMemcached server;
  private final TestingMemcached plain;

  private FakeServers(MemcachedClient real) throws IOException {
    for (int size : SIZES) {
      real.set("key" + size, new byte[size], Duration.ZERO);
    }
    for (String group : List.of("", "settings", "items", "slabs")) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      List<Integer> starts = new ArrayList<>();
      StringBuilder text = new StringBuilder();
      for (var line : real.statistics(group).values().entrySet()) {
        starts.add(bytes.size());
        bytes.write(response(STAT, 0, 0, line.getKey(), line.getValue().text()));
        text.append("STAT %s %s\r\n".formatted(line.getKey(), line.getValue()));
      }
      starts.add(bytes.size());
      bytes.write(response(STAT, 0, 0, "", ""));
      texts.put(("stats " + group).strip(), text.append("END\r\n").toString().getBytes(US_ASCII));
      recordings.put(group, new Recording(bytes.toByteArray(), starts));
    }
    InetAddress any = InetAddress.getByName("0.0.0.0");
    server = TestingMemcached.behavingAt(any, 0, this::serve);
    plain = TestingMemcached.behavingAt(any, 0, this::servePlain);
  }

  /** With the statistics of a memcached that is started for that, without a login. */
  public static FakeServers recorded(Path folder) throws IOException {
    try (RealMemcached real = RealMemcached.start(folder, List.of("-U", "0", "-l", "127.0.0.1"));
        MemcachedClient client = real.connect()) {
      return new FakeServers(client);
    }
  }

  public int port() {
    return server.address().getPort();
  }

  /** Of the servers without a login. */
  public int plainPort() {
    return plain.address().getPort();
  }

  /** Any: each login is accepted. */
  public ExporterKeys keys() {
    return keys;
  }

  /** Number of statistics of a server. */
  public int lines() {
    return recordings.values().stream().mapToInt(one -> one.starts().size() - 1).sum();
  }

  private void serve(TestingMemcached self, DataInputStream in, DataOutputStream out)
      throws IOException {
    while (true) {
      Received request = TestingMemcached.receive(in);
      if (request.opcode() == SASL_AUTH) {
        out.write(response(SASL_AUTH, request.opaque(), 0, "", "Authenticated"));
      } else {
        Recording recording = recordings.get(new String(request.body(), UTF_8));
        ByteBuffer answer = ByteBuffer.wrap(recording.bytes().clone());
        recording.starts().forEach(start -> answer.putInt(start + OPAQUE, request.opaque()));
        out.write(answer.array());
      }
    }
  }

  private void servePlain(TestingMemcached self, DataInputStream in, DataOutputStream out)
      throws IOException {
    BufferedReader commands = new BufferedReader(new InputStreamReader(in, US_ASCII));
    for (String command = commands.readLine(); command != null; command = commands.readLine()) {
      out.write(texts.getOrDefault(command, "ERROR\r\n".getBytes(US_ASCII)));
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    plain.close();
  }
}
