package io.securememcached.operator.exporter;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.config.ExporterConfig;
import io.securememcached.operator.endpoint.HttpEndpoint;
import io.securememcached.operator.endpoint.MetricsPage;
import io.securememcached.operator.endpoint.MetricsScope;
import io.securememcached.operator.endpoint.Protection;
import io.securememcached.operator.metrics.Exposition;
import io.securememcached.operator.metrics.ServerSample;
import io.securememcached.operator.scrape.Scraper;
import io.securememcached.operator.scrape.Target;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A running exporter, assembled from its parts. */
public final class ExporterProcess implements AutoCloseable {

  /** A restart may help an exporter whose watches have all been down for that long. */
  private static final Duration DEAF = Duration.ofMinutes(10);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Discovery discovery;
  private final KeySecret key;
  private final Scraper scraper;
  private final HttpEndpoint health;
  private final HttpEndpoint metrics;
  private volatile long lastWatched = System.nanoTime();

  /**
   * Puts the exporter together.
   *
   * @param client for lists and watches; closed by the caller
   * @throws IllegalArgumentException if the folder with the certificate can't be used
   * @throws java.io.UncheckedIOException when a port is taken
   */
  public ExporterProcess(ExporterConfig config, KubernetesClient client) {
    new JvmMemoryMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    key = new KeySecret(client, config.operatorNamespace());
    scraper = new Scraper(key::logins, config.scrapeTimeout(), System::nanoTime, registry);
    discovery = new Discovery(client, config.watchNamespaces(), this::closeOthers);
    health = HttpEndpoint.health(config.healthPort(), this::isAlive, discovery::isSynced);
    metrics =
        HttpEndpoint.metrics(
            config.metricsPort(),
            Protection.of(config.metricsAccess(), client.getConfiguration()),
            this::page);
  }

  /** Starts the lists and watches, and returns. */
  public void start() {
    key.start();
    discovery.start();
  }

  public int healthPort() {
    return health.port();
  }

  public int metricsPort() {
    return metrics.port();
  }

  @Override
  public void close() {
    metrics.close();
    health.close();
    discovery.close();
    key.close();
    scraper.close();
  }

  private boolean isAlive() {
    if (discovery.isWatching()) {
      lastWatched = System.nanoTime();
    }
    return System.nanoTime() - lastWatched < DEAF.toNanos();
  }

  private MetricsPage page(MetricsScope scope) {
    if (!discovery.isSynced(scope)) {
      return MetricsPage.unavailable("Resources and pods are still being listed; retry later");
    }
    Optional<List<Discovery.Server>> servers = discovery.servers(scope);
    if (servers.isEmpty()) {
      return MetricsPage.notFound(
          "There is no %s, or the exporter does not watch that namespace"
              .formatted(Samples.whose(scope)));
    }
    key.refresh();
    List<ServerSample> samples = Samples.of(servers.get(), scraper);
    return MetricsPage.ok(
        out -> {
          Exposition.write(samples, out);
          if (scope instanceof MetricsScope.All) {
            out.append(registry.scrape());
          }
        });
  }

  private void closeOthers() {
    Set<Target> targets = new HashSet<>();
    discovery
        .servers(new MetricsScope.All())
        .orElseThrow()
        .forEach(server -> server.target().ifPresent(targets::add));
    scraper.retain(targets);
  }
}
