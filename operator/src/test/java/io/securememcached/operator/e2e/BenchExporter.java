package io.securememcached.operator.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.Main;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exporter.FakeServers;
import io.securememcached.operator.exporter.ServersWithLogin;
import io.securememcached.operator.exporter.TestingCaller;
import io.securememcached.operator.exporter.TestingCluster;
import io.securememcached.operator.memcached.RealMemcached;
import io.securememcached.operator.metrics.MemcachedExporter;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.StartedApiServer;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * What a scrape of many servers takes the exporter, as the image runs it and as Prometheus asks it,
 * beside memcached_exporter and as many servers without a login, interleaved. Some servers are
 * real, and the others in this process answer what a real one has answered.
 */
final class BenchExporter {

  /** Odd, for the median. */
  private static final int SCRAPES = 7;

  /** No server is asked more often than once in 5 s. */
  private static final Duration BETWEEN = Duration.ofSeconds(6);

  /** Servers of a resource; the first resource's are real. */
  private static final int REPLICAS = 10;

  /** Requests at a time to memcached_exporter, of one server each. */
  private static final int REQUESTS = 8;

  private static final int CONTAINER_MIB = 256;

  private static final List<String> PLAIN = List.of("-U", "0", "-l", "127.0.0.1");

  private final Path folder = Files.createTempDirectory("bench-exporter");
  private final List<AutoCloseable> closeables = new ArrayList<>();
  private final HttpClient client = TestingCaller.client();
  private final PrintStream out = System.out;

  /** Addresses without a login. */
  private final List<String> plain = new ArrayList<>();

  private BenchExporter() throws Exception {}

  /**
   * Prints the figures.
   *
   * @param servers number of servers, a multiple of 10
   */
  static void run(int servers) throws Exception {
    BenchExporter bench = new BenchExporter();
    try {
      bench.compare(servers);
    } finally {
      bench.close();
    }
  }

  /** One figure of each scrape. */
  private record Scrape(double seconds, double processor, long bytes, long up) {}

  private void compare(int servers) throws Exception {
    ApiServer api = close(StartedApiServer.start());
    FakeServers fake = close(FakeServers.recorded(directory("recorded")));
    String system = api.newNamespace();
    TestingCluster cluster = new TestingCluster(api);
    fill(cluster, api.newNamespace(), fake, servers);
    cluster.key(system, fake.keys());
    String token = cluster.prometheus(system);
    Process ours = start(cluster.kubeconfig(system), system);
    closeables.add(() -> end(ours));
    URI page = URI.create("https://localhost:%d/metrics".formatted(port(ours)));
    MemcachedExporter theirs =
        close(MemcachedExporter.startOnOneProcessor(folder.resolve("memcached_exporter.log")));

    HttpRequest request =
        HttpRequest.newBuilder(page)
            .header("Authorization", "Bearer " + token)
            .header("Accept-Encoding", "gzip")
            .build();
    while (scrape(ours, List.of(request)).up() != servers) {
      Bench.letPass(BETWEEN);
    }
    List<Scrape> own = new ArrayList<>();
    List<Scrape> beside = new ArrayList<>();
    List<HttpRequest> each =
        plain.stream()
            .map(
                address ->
                    HttpRequest.newBuilder(
                            URI.create(
                                "http://127.0.0.1:%d/scrape?target=%s"
                                    .formatted(theirs.port(), address)))
                        .header("Accept-Encoding", "gzip")
                        .build())
            .toList();
    // The first round warms up both.
    for (int i = -1; i < SCRAPES; i++) {
      Bench.letPass(BETWEEN);
      Scrape one = scrape(ours, List.of(request));
      Scrape other = scrape(theirs.process(), each);
      if (one.up() != servers || other.up() != servers) {
        throw new IllegalStateException(
            "Of %d servers %d and %d were up".formatted(servers, one.up(), other.up()));
      }
      if (i >= 0) {
        own.add(one);
        beside.add(other);
      }
    }
    out.printf(
        Locale.ROOT,
        "scrape of %d servers, %d of them real, with up to %d statistics each, on one core: %s; memcached_exporter with as many servers without a login: %s; ratios %.2f and %.2f, medians of %d interleaved scrapes%n",
        servers,
        REPLICAS,
        fake.lines(),
        text(own, ours),
        text(beside, theirs.process()),
        median(own) / median(beside),
        (double) kib(ours, "VmRSS:") / kib(theirs.process(), "VmRSS:"),
        SCRAPES);
  }

  private String text(List<Scrape> scrapes, Process process) throws IOException {
    return String.format(
        Locale.ROOT,
        "%.2f s of processor time in %.2f s, %d kB sent, %.0f MB resident, %.0f of them its own, at most %.0f",
        median(scrapes),
        scrapes.stream().mapToDouble(Scrape::seconds).sorted().toArray()[SCRAPES / 2],
        scrapes.getLast().bytes() / 1000,
        kib(process, "VmRSS:") * 1024 / 1e6,
        kib(process, "RssAnon:") * 1024 / 1e6,
        kib(process, "VmHWM:") * 1024 / 1e6);
  }

  private static double median(List<Scrape> scrapes) {
    return scrapes.stream().mapToDouble(Scrape::processor).sorted().toArray()[SCRAPES / 2];
  }

  /** The same resources and servers for both, those for memcached_exporter without a login. */
  private void fill(TestingCluster cluster, String namespace, FakeServers fake, int servers)
      throws IOException {
    for (int number = 0; number < servers; number++) {
      String cache = "cache" + number / REPLICAS;
      String pod = cache + "-" + number % REPLICAS;
      if (number % REPLICAS == 0) {
        SecureMemcached resource =
            cluster.cache(namespace, cache, "{replicas: %d}".formatted(REPLICAS));
        if (number == 0) {
          fillReal(cluster, resource, fake);
        }
      }
      if (number >= REPLICAS) {
        String ip = "127.1.%d.%d".formatted(number / 250, number % 250 + 1);
        cluster.pod(namespace, pod, cache, cache, ip, fake.port());
        plain.add(ip + ":" + fake.plainPort());
      }
    }
  }

  private void fillReal(TestingCluster cluster, SecureMemcached resource, FakeServers fake)
      throws IOException {
    String namespace = resource.getMetadata().getNamespace();
    String name = resource.getMetadata().getName();
    String uid = resource.getMetadata().getUid();
    for (int ordinal = 0; ordinal < REPLICAS; ordinal++) {
      RealMemcached real =
          close(
              ServersWithLogin.start(
                  directory("real" + ordinal),
                  fake.keys().logins(namespace, name, uid).getFirst()));
      int port = real.address().getPort();
      cluster.pod(namespace, name + "-" + ordinal, name, name, "127.0.0.1", port);
      RealMemcached open = close(RealMemcached.start(directory("plain" + ordinal), PLAIN));
      plain.add("127.0.0.1:" + open.address().getPort());
    }
  }

  /** Asks some at a time, and counts the servers that are up. */
  private Scrape scrape(Process process, List<HttpRequest> requests) throws Exception {
    double before = processorSeconds(process);
    long start = System.nanoTime();
    long bytes = 0;
    List<byte[]> bodies = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(REQUESTS)) {
      List<Future<HttpResponse<byte[]>>> responses = new ArrayList<>();
      for (HttpRequest request : requests) {
        responses.add(
            threads.submit(() -> client.send(request, HttpResponse.BodyHandlers.ofByteArray())));
      }
      for (Future<HttpResponse<byte[]>> response : responses) {
        bytes += response.get().body().length;
        bodies.add(response.get().body());
      }
    }
    double seconds = Bench.seconds(start);
    double processor = processorSeconds(process) - before;
    long up = 0;
    for (byte[] body : bodies) {
      up += countUp(body);
    }
    return new Scrape(seconds, processor, bytes, up);
  }

  private static long countUp(byte[] body) throws IOException {
    boolean isCompressed = body.length > 1 && body[0] == 0x1f && body[1] == (byte) 0x8b;
    InputStream plain = new ByteArrayInputStream(body);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(isCompressed ? new GZIPInputStream(plain) : plain, UTF_8))) {
      return lines.lines().filter(line -> line.matches("memcached_up(\\{.*})? 1")).count();
    }
  }

  /** In the image's JVM flags and with an AOT cache of the same training, on one processor. */
  private Process start(String kubeconfig, String system) throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    List<String> flags = new ArrayList<>();
    try (Stream<String> lines = Files.lines(Guarded.ROOT.resolve("images/operator/jvm.args"))) {
      lines.filter(line -> line.startsWith("-")).forEach(flags::add);
    }
    String libraries = libraries();
    flags.addAll(List.of("-cp", jar("operator") + ":" + libraries, Main.class.getName()));
    Path cache = folder.resolve("operator.aot");
    List<String> training =
        new ArrayList<>(
            List.of(
                java.toString(),
                "-cp",
                jar("image-training") + ":" + libraries,
                "io.securememcached.training.Training",
                "-",
                java.toString(),
                "-XX:AOTCacheOutput=" + cache));
    training.addAll(flags);
    Path log = folder.resolve("training.log");
    if (new ProcessBuilder(training)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor()
        != 0) {
      throw new IllegalStateException("The training failed: " + Files.readString(log));
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                "taskset",
                "-c",
                "0",
                java.toString(),
                "-XX:AOTCache=" + cache,
                "-XX:MaxRAM=%dm".formatted(CONTAINER_MIB)));
    command.addAll(flags);
    command.add("--exporter");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    builder
        .environment()
        .put("KUBECONFIG", Files.writeString(folder.resolve("kubeconfig"), kubeconfig).toString());
    builder.environment().put("OPERATOR_NAMESPACE", system);
    builder.environment().put("METRICS_PORT", "0");
    builder.environment().put("HEALTH_PORT", "0");
    return builder
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("exporter.log").toFile())
        .start();
  }

  private static String jar(String module) throws IOException {
    try (Stream<Path> files = Files.list(Guarded.ROOT.resolve(module + "/target"))) {
      return files
          .filter(file -> file.getFileName().toString().matches(module + "-[0-9].*\\.jar"))
          .findFirst()
          .orElseThrow(
              () -> new IllegalStateException(module + " is not built; run mvn package first"))
          .toString();
    }
  }

  /** In the order of the image. */
  private static String libraries() throws IOException {
    try (Stream<Path> files = Files.list(Guarded.ROOT.resolve("operator/target/lib"))) {
      return String.join(":", files.map(Path::toString).sorted().toList());
    }
  }

  private int port(Process exporter) throws Exception {
    Path log = folder.resolve("exporter.log");
    while (exporter.isAlive()) {
      for (String line : Files.readAllLines(log, UTF_8)) {
        if (line.contains("metricsPort=")) {
          return Integer.parseInt(line.replaceAll(".*metricsPort=(\\d+).*", "$1"));
        }
      }
      Bench.letPass(Duration.ofMillis(100));
    }
    throw new IllegalStateException("The exporter ended: " + Files.readString(log));
  }

  private Path directory(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  private <T extends AutoCloseable> T close(T later) {
    closeables.add(later);
    return later;
  }

  private static void end(Process process) throws InterruptedException {
    process.destroy();
    process.waitFor();
  }

  private void close() throws Exception {
    for (AutoCloseable one : closeables.reversed()) {
      one.close();
    }
    client.close();
  }

  private static double processorSeconds(Process process) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
  }

  private static long kib(Process process, String field) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
