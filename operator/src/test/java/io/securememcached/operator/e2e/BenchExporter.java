package io.securememcached.operator.e2e;

import static io.securememcached.operator.exporter.TestingCaller.get;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.Main;
import io.securememcached.operator.exporter.FakeServers;
import io.securememcached.operator.exporter.TestingCluster;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.StartedApiServer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a scrape of many servers takes: an exporter on one processor, in the image's JVM flags, and
 * as many servers in this process that answer what a real memcached has answered.
 */
public final class BenchExporter {

  /** Odd, for the median. */
  private static final int SCRAPES = 7;

  private static final Duration BETWEEN = Duration.ofSeconds(6);

  private BenchExporter() {}

  /**
   * Prints the figures.
   *
   * @param arguments number of servers
   */
  public static void main(String[] arguments) throws Exception {
    int servers = Integer.parseInt(arguments[0]);
    PrintStream out = System.out;
    Path folder = Files.createTempDirectory("bench-exporter");
    try (ApiServer server = StartedApiServer.start();
        FakeServers fake = FakeServers.recorded(folder)) {
      TestingCluster cluster = new TestingCluster(server);
      String system = server.newNamespace();
      String shop = server.newNamespace();
      for (int cache = 0; cache * 10 < servers; cache++) {
        cluster.cache(shop, "cache" + cache, "{replicas: 10}");
        for (int ordinal = 0; ordinal < 10; ordinal++) {
          int number = cache * 10 + ordinal;
          cluster.pod(
              shop,
              "cache" + cache + "-" + ordinal,
              "cache" + cache,
              "cache" + cache,
              "127.1.%d.%d".formatted(number / 250, number % 250 + 1),
              fake.port());
        }
      }
      cluster.key(system, fake.keys());
      out.printf("%d servers with %d lines of statistics each%n", servers, fake.lines());
      Process exporter = start(folder, cluster.kubeconfig(system), system);
      try {
        measure(out, exporter, folder, servers);
      } finally {
        exporter.destroy();
        exporter.waitFor();
      }
    }
  }

  private static void measure(PrintStream out, Process exporter, Path folder, int servers)
      throws Exception {
    int port = port(exporter, folder);
    String up = "";
    double[] seconds = new double[SCRAPES];
    double[] cpu = new double[SCRAPES];
    for (int i = 0; i < SCRAPES; i++) {
      double before = cpuSeconds(exporter);
      long start = System.nanoTime();
      up = get("http", port, "/metrics", "").body();
      seconds[i] = (System.nanoTime() - start) / 1e9;
      cpu[i] = cpuSeconds(exporter) - before;
      long answered = up.lines().filter(line -> line.matches("memcached_up\\{.*} 1")).count();
      out.printf(
          Locale.ROOT,
          "scrape %d: %.2f s, %.2f s of processor time, %d of %d servers up, %d KiB of text, %d MiB"
              + " resident%n",
          i,
          seconds[i],
          cpu[i],
          answered,
          servers,
          up.length() / 1024,
          resident(exporter) / 1024);
      Thread.sleep(BETWEEN);
    }
    Arrays.sort(seconds);
    out.printf(
        Locale.ROOT, "median %.2f s, peak %d MiB%n", seconds[SCRAPES / 2], peak(exporter) / 1024);
  }

  private static Process start(Path folder, String kubeconfig, String system) throws IOException {
    Path file = Files.writeString(folder.resolve("kubeconfig"), kubeconfig);
    List<String> command =
        new ArrayList<>(
            List.of(
                "taskset",
                "-c",
                "0",
                Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    try (Stream<String> flags = Files.lines(Guarded.ROOT.resolve("images/operator/jvm.args"))) {
      flags.filter(line -> line.startsWith("-")).forEach(command::add);
    }
    command.addAll(
        List.of(
            "-XX:MaxRAM=128m",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "--exporter"));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("KUBECONFIG", file.toString());
    builder.environment().put("OPERATOR_NAMESPACE", system);
    builder.environment().put("METRICS_PORT", "0");
    builder.environment().put("HEALTH_PORT", "0");
    builder.environment().put("METRICS_AUTHENTICATION", "false");
    return builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
  }

  private static int port(Process exporter, Path folder) throws Exception {
    while (exporter.isAlive()) {
      for (String line : Files.readAllLines(folder.resolve("log"), UTF_8)) {
        if (line.contains("metricsPort=")) {
          int port = Integer.parseInt(line.replaceAll(".*metricsPort=(\\d+).*", "$1"));
          while (get("http", port, "/metrics", "").statusCode() != 200) {
            Thread.sleep(100);
          }
          Thread.sleep(BETWEEN);
          return port;
        }
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException(
        "The exporter ended: " + Files.readString(folder.resolve("log")));
  }

  private static double cpuSeconds(Process process) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
  }

  private static long resident(Process process) throws IOException {
    return kib(process, "VmRSS:");
  }

  private static long peak(Process process) throws IOException {
    return kib(process, "VmHWM:");
  }

  private static long kib(Process process, String field) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
