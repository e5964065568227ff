package io.securememcached.operator.process;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.config.Cloner;
import io.javaoperatorsdk.operator.api.config.ConfigurationService;
import io.javaoperatorsdk.operator.api.config.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.monitoring.AggregatedMetrics;
import io.javaoperatorsdk.operator.health.InformerWrappingEventSourceHealthIndicator;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.javaoperatorsdk.operator.processing.Controller;
import io.javaoperatorsdk.operator.processing.event.source.controller.ControllerEventSource;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.config.OperatorConfig;
import io.securememcached.operator.endpoint.HttpEndpoint;
import io.securememcached.operator.endpoint.Protection;
import io.securememcached.operator.leader.Leadership;
import io.securememcached.operator.leader.Lease;
import io.securememcached.operator.leader.OtherOperators;
import io.securememcached.operator.probe.FairServerTasks;
import io.securememcached.operator.reconcile.ReconcilerLifecycle;
import io.securememcached.operator.rollout.RestartLimit;
import io.securememcached.operator.watches.WatchFaults;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running operator, assembled from its parts. */
public final class OperatorProcess implements AutoCloseable {

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  /** How long a start waits for a list; later objects are reconciled later. */
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

  /** When an operator without memory exits, so that a new one checks whether there is enough. */
  public static final Duration RETRY = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(OperatorProcess.class);

  private final KubernetesClient client;
  private final ConfigurationService framework;
  private final Controller<SecureMemcached> controller;
  private final ReconcilerLifecycle lifecycle;
  private final WatchFaults faults;
  private final WatchHealth watches;
  private final HttpEndpoint health;
  private final HttpEndpoint metrics;
  private final FairServerTasks servers = new FairServerTasks();
  private final Leadership leadership;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile boolean started;

  /** Why all work has ended; empty while it continues. */
  private volatile String shortage = "";

  /**
   * Puts the operator together.
   *
   * @param client rejects writes unless this instance is the leader; closed here only after a
   *     memory shortage
   * @param leadership acquired meanwhile; released at the end
   * @param registry of all metrics
   */
  public OperatorProcess(
      OperatorConfig config,
      KubernetesClient client,
      Leadership leadership,
      InstantSource clock,
      PrometheusMeterRegistry registry) {
    this.client = client;
    this.leadership = leadership;
    Gauge.builder("securememcached.leader", this, process -> process.isLeading() ? 1 : 0)
        .description("1 if this instance is the leader, 0 if it is a standby")
        .register(registry);
    framework =
        ConfigurationService.newOverriddenConfigurationService(
            overrider ->
                overrider
                    .withKubernetesClient(client)
                    .withConcurrentReconciliationThreads(config.threads())
                    // Own writes are recognised by resourceVersion; the annotation would be a write
                    // on every child.
                    .withPreviousAnnotationForDependentResources(false)
                    .withParseResourceVersions(true)
                    // An unreadable namespace must not affect the others.
                    .withStopOnInformerErrorDuringStartup(false)
                    .withCacheSyncTimeout(READ_TIMEOUT)
                    .withResourceCloner(new SameObject())
                    .withMetrics(
                        new AggregatedMetrics(
                            List.of(
                                MicrometerMetrics.newMicrometerMetricsBuilder(registry)
                                    .notCollectingMetricsPerResource()
                                    .build(),
                                new ReturnedResources(this::resources)))));
    faults = new WatchFaults(registry);
    lifecycle =
        new ReconcilerLifecycle(
            config.settings(),
            config.exporter(),
            new OtherOperators(
                config.settings().operatorNamespace(),
                Lease.NAME,
                config.leaderElection(),
                System::nanoTime),
            clock,
            servers,
            registry,
            new RestartLimit(config.maxConcurrentUpdates(), config.maxUpdatesPerMinute(), clock),
            faults);
    controller =
        new Controller<>(lifecycle.reconciler(), configuration(config.watchNamespaces()), client);
    watches = new WatchHealth(this::informers);
    health = HttpEndpoint.health(config.healthPort(), this::isAlive, this::isReady, this::faults);
    metrics =
        HttpEndpoint.metrics(
            config.metricsPort(),
            Protection.of(config.metricsAccess(), client.getConfiguration()),
            registry);
  }

  private ControllerEventSource<SecureMemcached> resources() {
    return controller.getEventSourceManager().getControllerEventSource();
  }

  private ControllerConfiguration<SecureMemcached> configuration(Set<String> watchNamespaces) {
    var defaults = framework.getConfigurationFor(lifecycle.reconciler());
    return watchNamespaces.isEmpty()
        ? defaults
        : ControllerConfigurationOverrider.override(defaults)
            .settingNamespaces(watchNamespaces)
            .build();
  }

  /**
   * Reads all lists and returns; reconciliations start once the Lease is held.
   *
   * @return complete once this instance is the leader; failed if it has no permission for the Lease
   * @throws OperatorException when something can't be read
   */
  public CompletableFuture<Void> start() {
    controller.start(false);
    started = true;
    return leadership.leading().thenRun(controller::startEventProcessing).thenRun(lifecycle::begin);
  }

  public int healthPort() {
    return health.port();
  }

  public int metricsPort() {
    return metrics.port();
  }

  /**
   * Ends all work after a memory shortage, but keeps running to report it, which an operator in a
   * crash loop can't. Servers, policies and logins are left unchanged.
   *
   * @param used the heap in use
   */
  public void stopForWantOfMemory(String used) {
    shortage =
        "The operator's memory limit is too small: %s of its heap (40 %% of the limit) are in use with %d resources. Raise resources.limits.memory of the operator, at first to twice the value. The operator changes nothing until then; it retries every %d minutes"
            .formatted(used, resources().keys().count(), RETRY.toMinutes());
    LOG.error("Stopped: {}", shortage);
    // Lists in progress would continue to fill the memory.
    client.close();
    endWork();
  }

  /** Whether {@link #stopForWantOfMemory} was called. */
  public boolean isStoppedForWantOfMemory() {
    return !shortage.isEmpty();
  }

  /** Waits for running reconciliations, releases the Lease and closes the endpoints. */
  @Override
  public void close() {
    endWork();
    health.close();
    metrics.close();
  }

  private void endWork() {
    if (ended.getAndSet(true)) {
      return;
    }
    if (!lifecycle.end(STOP_TIMEOUT)) {
      LOG.warn(
          "Reconciliations did not finish within {} s; stopped anyway", STOP_TIMEOUT.toSeconds());
    }
    if (started) {
      controller.stop();
    }
    framework.getExecutorServiceManager().stop(STOP_TIMEOUT);
    leadership.release();
    servers.close();
  }

  private boolean isLeading() {
    CompletableFuture<Void> leading = leadership.leading();
    return leading.isDone() && !leading.isCompletedExceptionally() && !ended.get();
  }

  /** An operator that waits for the Lease is alive, and a ready standby. */
  private boolean isReady() {
    return started && shortage.isEmpty() && watches.isReady();
  }

  /** The kubelet probes every few seconds, which is often enough for the gauge, too. */
  private Stream<String> faults() {
    if (!shortage.isEmpty()) {
      return Stream.of(shortage);
    }
    if (started) {
      watches.report(faults);
    }
    return faults.places();
  }

  private boolean isAlive() {
    return !started || !shortage.isEmpty() || watches.isAlive();
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // The framework omits the type parameter.
  private Map<String, InformerWrappingEventSourceHealthIndicator<?>> informers() {
    return (Map) controller.getControllerHealthInfo().informerEventSourceHealthIndicators();
  }

  /**
   * No copy for each reconciliation, which the framework makes by JSON: a reconciliation only reads
   * its resource.
   */
  private static final class SameObject implements Cloner {
    @Override
    public <R extends HasMetadata> R clone(R object) {
      return object;
    }
  }
}
