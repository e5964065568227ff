package io.securememcached.operator.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import io.securememcached.operator.api.v1beta1.Sizes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The rule of {@link Sizes} beside what a real memcached 1.6 takes when all its classes are full.
 */
class ServerMemoryIT {

  private static final int CONNECTIONS = 64;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"16, 1", "64, 1", "64, 5", "64, 32", "256, 32"})
  void memoryIsWithinTheRuleWhateverTheItemSize(int cache, int item) throws IOException {
    List<String> options =
        List.of(
            "-U",
            "0",
            "-l",
            "127.0.0.1",
            "-t",
            "4",
            "-c",
            "" + CONNECTIONS,
            "-m",
            "" + cache,
            "-I",
            item + "m");
    try (RealMemcached server = RealMemcached.start(folder, options);
        Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      OutputStream out = socket.getOutputStream();
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      int largest = (item << 20) - 1024;
      int stored = 0;
      for (int i = 0; i < cache * 5 / 4 / item + 2; i++) {
        stored += set(out, in, "large" + i, largest);
      }
      for (int i = 0; i < cache * 1024; i++) {
        out.write(
            ("set small" + i + " 0 0 1000 noreply\r\n" + "x".repeat(1000) + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
      }
      for (int size = 48; size < largest; size = size * 9 / 8 + 8) {
        for (int i = 0; i < 3; i++) {
          stored += set(out, in, "size" + size + "-" + i, size);
        }
      }
      assertThat(stored).as("items that were stored").isGreaterThan(150);
      assertThat(memory(server.pid()))
          .as("peak of resident memory, of which some MiB are the program's files")
          .isGreaterThan(((long) cache << 20) + (30 << 20))
          .isLessThan(
              Sizes.serverMemory(
                  Serialization.unmarshal(
                      "{\"cacheSize\": \"%dMi\", \"maxItemSize\": \"%dMi\", \"maxConnections\": %d}"
                          .formatted(cache, item, CONNECTIONS),
                      SecureMemcachedSpec.class),
                  Image.Flavor.Debian12));
    }
  }

  private static int set(OutputStream out, BufferedReader in, String key, int size)
      throws IOException {
    out.write(
        ("set " + key + " 0 0 " + size + "\r\n" + "x".repeat(size) + "\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    out.flush();
    return in.readLine().equals("STORED") ? 1 : 0;
  }

  /** {@code VmHWM} of proc(5), in bytes. */
  private static long memory(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .map(line -> line.replaceAll("\\D", ""))
        .mapToLong(kibibytes -> Long.parseLong(kibibytes) * 1024)
        .findFirst()
        .orElseThrow();
  }
}
