package io.securememcached.operator.exporter;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.securememcached.operator.config.ExporterConfig;
import io.securememcached.operator.metrics.ScrapeOutcome;
import io.securememcached.operator.scrape.Scraper;
import io.securememcached.operator.scrape.Target;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@code --top}: prints what the servers do now, as {@code kubectl top} does for pods. It runs
 * beside the exporter in its pod, with the exporter's login and rights.
 *
 * <p>Its exit codes differ from those of kubectl and of a lost connection, see {@code
 * VerifyCommand}.
 */
public final class TopCommand {

  static final int DONE = 10;

  /** Nothing was printed: no such resource, no connection, invalid arguments. */
  static final int NOTHING = 12;

  private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);
  private static final long LOOK_AGAIN_MILLIS = 20;

  private final Map<String, String> environment;
  private final Supplier<KubernetesClient> client;
  private final Duration between;
  private final PrintStream output;
  private final PrintStream errors;

  /**
   * Not run.
   *
   * @param between time between the two looks at a server that give rates
   */
  public TopCommand(
      Map<String, String> environment,
      Supplier<KubernetesClient> client,
      Duration between,
      PrintStream output,
      PrintStream errors) {
    this.environment = environment;
    this.client = client;
    this.between = between;
    this.output = output;
    this.errors = errors;
  }

  /**
   * Runs to the end.
   *
   * @param arguments none for all servers, a namespace, or {@code NAMESPACE/NAME}
   * @return the exit code
   */
  public int run(List<String> arguments) throws InterruptedException {
    try {
      if (arguments.size() > 1) {
        throw new IllegalArgumentException(
            "unknown argument '" + arguments.get(1) + "'; expected NAMESPACE or NAMESPACE/NAME");
      }
      ExporterConfig config = ExporterConfig.from(environment);
      try (KubernetesClient connected = client.get()) {
        KeySecret key = new KeySecret(connected, config.operatorNamespace());
        try (Discovery discovery = new Discovery(connected, config.watchNamespaces(), () -> {})) {
          discovery.start();
          awaitLists(discovery, arguments);
          key.refresh();
          List<Discovery.Server> servers = servers(discovery, arguments);
          List<ScrapeOutcome> first = ask(servers, key, config);
          Thread.sleep(between);
          output.print(TopTable.of(servers, first, ask(servers, key, config), between));
          output.flush();
          return DONE;
        }
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      errors.println("securememcached-exporter: " + e.getMessage());
      return NOTHING;
    }
  }

  private static void awaitLists(Discovery discovery, List<String> arguments)
      throws InterruptedException {
    long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
    while (arguments.isEmpty()
        ? !discovery.isComplete()
        : !discovery.isSynced(arguments.getFirst().split("/", 2)[0])) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "resources and pods could not be listed within %d s; see the exporter's log"
                .formatted(READ_TIMEOUT.toSeconds()));
      }
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
  }

  private static List<Discovery.Server> servers(Discovery discovery, List<String> arguments) {
    if (arguments.isEmpty()) {
      return discovery.servers();
    }
    String[] parts = arguments.getFirst().split("/", 2);
    Optional<List<Discovery.Server>> found =
        parts.length == 1 ? discovery.servers(parts[0]) : discovery.servers(parts[0], parts[1]);
    return found.orElseThrow(
        () ->
            new IllegalStateException(
                parts.length == 1
                    ? "there is no SecureMemcached in namespace %s; list all with 'kubectl get smc -A'"
                        .formatted(parts[0])
                    : "there is no SecureMemcached %s in namespace %s; list all with 'kubectl get smc -A'"
                        .formatted(parts[1], parts[0])));
  }

  /** On new connections: the exporter asks a server once in 5 s, and this wants to know now. */
  private static List<ScrapeOutcome> ask(
      List<Discovery.Server> servers, KeySecret key, ExporterConfig config) {
    List<Target> targets = servers.stream().flatMap(of -> of.target().stream()).toList();
    List<ScrapeOutcome> outcomes = new ArrayList<>(servers.size());
    try (Scraper scraper =
        new Scraper(
            key::logins, config.scrapeTimeout(), System::nanoTime, new SimpleMeterRegistry())) {
      var answers = scraper.scrape(targets).iterator();
      for (Discovery.Server server : servers) {
        outcomes.add(server.target().isPresent() ? answers.next() : server.otherwise());
      }
    }
    return outcomes;
  }
}
