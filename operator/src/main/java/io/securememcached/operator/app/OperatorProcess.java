package io.securememcached.operator.app;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.reconcile.SecureMemcachedReconciler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running operator, put together from its parts. */
final class OperatorProcess implements AutoCloseable {

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  /** Servers that are asked at the same time, and those that are checked. */
  private static final int SERVER_THREADS = 4;

  private static final Logger LOG = LoggerFactory.getLogger(OperatorProcess.class);

  private final Operator operator;
  private final SecureMemcachedReconciler reconciler;
  private final HttpEndpoint http;
  private final ExecutorService probes;
  private final ExecutorService checks;
  private final Optional<Lease> lease;
  private volatile boolean started;

  OperatorProcess(OperatorConfig config, KubernetesClient client, InstantSource clock) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    probes = threads("probe-");
    checks = threads("check-");
    lease =
        config.leaderElection()
            ? Optional.of(
                new Lease(client, config.settings().operatorNamespace(), config.podName()))
            : Optional.empty();
    operator =
        new Operator(
            overrider -> {
              overrider
                  .withKubernetesClient(client)
                  .withCloseClientOnStop(false)
                  .withConcurrentReconciliationThreads(config.threads())
                  .withReconciliationTerminationTimeout(STOP_TIMEOUT)
                  // Own writes are recognised by resourceVersion; the annotation would be a write
                  // on every child.
                  .withPreviousAnnotationForDependentResources(false)
                  .withParseResourceVersions(true)
                  .withMetrics(
                      MicrometerMetrics.newMicrometerMetricsBuilder(registry)
                          .notCollectingMetricsPerResource()
                          .build());
              lease.ifPresent(held -> overrider.withLeaderElectionConfiguration(held.election()));
            });
    reconciler = new SecureMemcachedReconciler(config.settings(), clock, probes, checks, registry);
    operator.register(
        reconciler,
        overrider -> {
          if (!config.watchNamespaces().isEmpty()) {
            overrider.settingNamespaces(Set.copyOf(config.watchNamespaces()));
          }
        });
    http = new HttpEndpoint(config.httpPort(), this::isAlive, this::isReady, registry);
  }

  private static ExecutorService threads(String name) {
    return Executors.newFixedThreadPool(
        SERVER_THREADS, Thread.ofPlatform().daemon().name(name, 0).factory());
  }

  /** Starts, and returns at once where another instance leads. */
  void start() {
    operator.start();
    started = true;
  }

  int httpPort() {
    return http.port();
  }

  /** Lets passes that run come to their end, gives the lease back and closes the endpoint. */
  @Override
  public void close() {
    lease.ifPresent(Lease::stopping);
    if (!reconciler.end(STOP_TIMEOUT)) {
      LOG.warn("Passes still run after {} s; stopping all the same", STOP_TIMEOUT.toSeconds());
    }
    operator.stop();
    lease.ifPresent(Lease::release);
    probes.shutdownNow();
    checks.shutdownNow();
    http.close();
  }

  /** An operator that waits for the lease is alive, and ready to take over. */
  private boolean isReady() {
    return started;
  }

  private boolean isAlive() {
    return !started || operator.getRuntimeInfo().allEventSourcesAreHealthy();
  }
}
