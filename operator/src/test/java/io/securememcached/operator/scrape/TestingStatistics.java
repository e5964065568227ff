package io.securememcached.operator.scrape;

import static io.securememcached.operator.memcached.TestingMemcached.receive;
import static io.securememcached.operator.memcached.TestingMemcached.response;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.securememcached.operator.memcached.TestingMemcached;
import io.securememcached.operator.memcached.TestingMemcached.Received;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that accepts one login, and answers STATs as memcached 1.6 does. */
final class TestingStatistics implements TestingMemcached.Behaviour {

  static final int STAT = 0x10;
  static final int SASL_AUTH = 0x21;

  /** What each server gives, or its statistics are invalid. */
  private static final Map<String, List<String>> ANSWERS =
      Map.of(
          "",
          List.of(
              "pid 7",
              "uptime 100",
              "time 1700000000",
              "version 1.6.18",
              "rusage_user 1.500000",
              "rusage_system 0.500000",
              "curr_connections 3",
              "total_connections 9",
              "cmd_get 10",
              "cmd_set 5",
              "cmd_flush 0",
              "get_hits 7",
              "get_misses 3",
              "delete_misses 0",
              "delete_hits 0",
              "incr_misses 0",
              "incr_hits 0",
              "decr_misses 0",
              "decr_hits 0",
              "cas_misses 0",
              "cas_hits 0",
              "cas_badval 0",
              "touch_hits 0",
              "touch_misses 0",
              "auth_cmds 4",
              "auth_errors 1",
              "bytes_read 1000",
              "bytes_written 2000",
              "limit_maxbytes 67108864",
              "bytes 500",
              "curr_items 5",
              "total_items 5",
              "evictions 0",
              "reclaimed 0"),
          "settings",
          List.of("maxconns 1024", "inter 10.0.0.1", "lru_crawler no"),
          "items",
          List.of("items:1:number 5", "items:1:age 60", "items:1:evicted 0"),
          "slabs",
          List.of(
              "1:chunk_size 96",
              "1:get_hits 7",
              "1:cmd_set 5",
              "1:delete_hits 0",
              "1:incr_hits 0",
              "1:decr_hits 0",
              "1:cas_hits 0",
              "1:cas_badval 0",
              "1:touch_hits 0",
              "active_slabs 1",
              "total_malloced 1048576"));

  private final String password;

  /** Login names, and groups of statistics, in the order of the requests. */
  final List<String> asked = new CopyOnWriteArrayList<>();

  TestingStatistics(String password) {
    this.password = password;
  }

  @Override
  public void serve(TestingMemcached server, DataInputStream in, DataOutputStream out)
      throws IOException, InterruptedException {
    while (true) {
      out.write(answer(receive(in)));
    }
  }

  byte[] answer(Received request) throws IOException {
    return request.opcode() == SASL_AUTH ? login(request) : statistics(request);
  }

  /** The answer to a login; mechanism, NUL, user, NUL, password. */
  byte[] login(Received request) {
    String[] parts = new String(request.body(), UTF_8).split("\0", -1);
    asked.add(parts[1]);
    boolean isRight = parts[2].equals(password);
    return response(
        SASL_AUTH,
        request.opaque(),
        isRight ? 0 : 0x20,
        "",
        isRight ? "Authenticated" : "Auth failure");
  }

  /** The answer to a STAT. */
  byte[] statistics(Received request) throws IOException {
    String group = new String(request.body(), UTF_8);
    asked.add("STAT " + group);
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (String line : ANSWERS.get(group)) {
      String[] parts = line.split(" ", 2);
      lines.write(response(STAT, request.opaque(), 0, parts[0], parts[1]));
    }
    lines.write(response(STAT, request.opaque(), 0, "", ""));
    return lines.toByteArray();
  }
}
