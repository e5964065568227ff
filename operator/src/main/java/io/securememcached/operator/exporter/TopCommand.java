package io.securememcached.operator.exporter;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.securememcached.operator.config.ExporterConfig;
import io.securememcached.operator.endpoint.MetricsScope;
import io.securememcached.operator.metrics.ServerSample;
import io.securememcached.operator.scrape.Scraper;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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

  /** For the lists of resources and pods. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

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
      ExporterConfig config = ExporterConfig.from(environment);
      MetricsScope scope = scope(arguments);
      try (KubernetesClient connected = client.get()) {
        KeySecret key = new KeySecret(connected, config.operatorNamespace());
        try (Discovery discovery = new Discovery(connected, namespaces(scope, config), () -> {})) {
          discovery
              .start()
              .toCompletableFuture()
              .completeOnTimeout(null, PATIENCE.toSeconds(), TimeUnit.SECONDS)
              .join();
          List<Discovery.Server> servers = servers(discovery, scope);
          key.refresh();
          List<ServerSample> first = ask(servers, key, config);
          Thread.sleep(between);
          output.print(TopTable.of(first, ask(servers, key, config), between));
          output.flush();
          return DONE;
        }
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      errors.println("securememcached-exporter: " + e.getMessage());
      return NOTHING;
    }
  }

  /** By the path that the exporter has for it. */
  private static MetricsScope scope(List<String> arguments) {
    if (arguments.isEmpty()) {
      return new MetricsScope.All();
    }
    if (arguments.size() > 1) {
      throw new IllegalArgumentException(
          "unknown argument '" + arguments.get(1) + "'; expected NAMESPACE or NAMESPACE/NAME");
    }
    return MetricsScope.of(MetricsScope.PATH + "/namespaces/" + arguments.getFirst())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'"
                        + arguments.getFirst()
                        + "' is no namespace or resource; expected NAMESPACE or NAMESPACE/NAME"));
  }

  /** No more than what is asked for. */
  private static Set<String> namespaces(MetricsScope scope, ExporterConfig config) {
    Set<String> watched = config.watchNamespaces();
    return switch (scope) {
      case MetricsScope.All all -> watched;
      case MetricsScope.Namespace own -> namespace(own.namespace(), watched, scope);
      case MetricsScope.Resource one -> namespace(one.namespace(), watched, scope);
    };
  }

  private static Set<String> namespace(String name, Set<String> watched, MetricsScope scope) {
    if (!watched.isEmpty() && !watched.contains(name)) {
      throw notFound(scope);
    }
    return Set.of(name);
  }

  private static List<Discovery.Server> servers(Discovery discovery, MetricsScope scope) {
    if (!discovery.isComplete()) {
      throw new IllegalStateException(
          "resources and pods could not be listed within %d s; see the exporter's log"
              .formatted(PATIENCE.toSeconds()));
    }
    return discovery.servers(scope).orElseThrow(() -> notFound(scope));
  }

  private static IllegalStateException notFound(MetricsScope scope) {
    return new IllegalStateException(
        "there is no %s; list all with 'kubectl get smc -A'".formatted(Samples.whose(scope)));
  }

  /** On new connections: the exporter asks a server once in 5 s, and this wants to know now. */
  private static List<ServerSample> ask(
      List<Discovery.Server> servers, KeySecret key, ExporterConfig config) {
    try (Scraper scraper =
        new Scraper(
            key::logins, config.scrapeTimeout(), System::nanoTime, new SimpleMeterRegistry())) {
      return Samples.of(servers, scraper);
    }
  }
}
