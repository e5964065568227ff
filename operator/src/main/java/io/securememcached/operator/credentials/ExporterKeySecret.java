package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.monitoring.ExporterKey;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.monitoring.ExporterSettings;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.watches.ForeignBudget;
import io.securememcached.operator.watches.ForeignWatch;
import io.securememcached.operator.watches.WatchFaults;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Secret with the keys of the exporter's logins, in the operator's namespace. As the leader
 * this operator creates it, rotates the key, and replaces it at once where it was deleted; each
 * change of the accepted keys triggers a reconciliation of all resources.
 */
public final class ExporterKeySecret extends SimpleInboundEventSource<SecureMemcached> {

  private static final Logger LOG = LoggerFactory.getLogger(ExporterKeySecret.class);

  private static final Duration START = Duration.ofSeconds(10);

  /** In which a planned change reaches all resources: each writes two Secrets. */
  private static final Duration SPREAD = Duration.ofMinutes(10);

  /** Between two resources, if there are few. */
  private static final Duration LONGEST_STEP = Duration.ofSeconds(1);

  private final EventSourceContext<SecureMemcached> context;
  private final KubernetesClient client;
  private final ExporterSettings settings;
  private final String namespace;
  private final ExporterKeyWriter writer;
  private final ForeignWatch<Secret> watch;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("exporter-key-", 0).factory());

  private volatile Future<?> looking = CompletableFuture.completedFuture(null);

  private volatile boolean leading;

  /** What all resources have, or are told of; empty until it was known once. */
  private Optional<List<ExporterKey>> announced = Optional.empty();

  /**
   * A watch; nothing is written before {@link #begin}.
   *
   * @param namespace of the operator
   */
  public ExporterKeySecret(
      EventSourceContext<SecureMemcached> context,
      ExporterSettings settings,
      String namespace,
      InstantSource clock,
      WatchFaults faults) {
    super("exporter-key");
    this.context = context;
    this.client = context.getClient();
    this.settings = settings;
    this.namespace = namespace;
    writer = new ExporterKeyWriter(client, settings, namespace, clock);
    watch =
        new ForeignWatch<>(
            "Secret " + ExporterKeys.NAME,
            Set.of(namespace),
            own -> client.secrets().inNamespace(own).withName(ExporterKeys.NAME),
            secret -> List.of(namespace),
            new Changes(),
            // Of its own: foreign objects must not displace the key.
            ForeignBudget.ofHeap(),
            faults);
  }

  /** Returns once the Secret was read, or after some seconds. */
  @Override
  public void start() {
    super.start();
    if (settings.enabled()) {
      watch.start().completeOnTimeout(null, START.toSeconds(), TimeUnit.SECONDS).join();
      announced = find().accepted();
    }
    // No event says that a key is due.
    looking = timer.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
  }

  @Override
  public void stop() {
    looking.cancel(true);
    watch.stop();
    timer.shutdownNow();
    super.stop();
  }

  /** From now on this instance leads, and writes the Secret. */
  public void begin() {
    leading = true;
    timer.execute(this::look);
  }

  /** This instance writes the Secret no more. */
  public void end() {
    leading = false;
  }

  /**
   * The exporter's logins on the servers of a resource, newest first; empty while the keys are
   * unknown, so that the servers keep what they accept.
   */
  Optional<List<Login>> logins(SecureMemcached primary) {
    return find()
        .accepted()
        .map(
            keys ->
                keys.stream()
                    .map(
                        key ->
                            key.login(
                                primary.getMetadata().getNamespace(),
                                primary.getMetadata().getName(),
                                primary.getMetadata().getUid()))
                    .toList());
  }

  private ExporterKeyState find() {
    if (!settings.enabled()) {
      return new ExporterKeyState.Absent();
    }
    if (watch.fault(namespace).isPresent()) {
      return new ExporterKeyState.Unread();
    }
    return ExporterKeyState.of(watch.concerning(namespace).findFirst());
  }

  private void look() {
    try {
      if (settings.enabled()) {
        watch.look(changed -> {});
      }
      if (leading) {
        boolean isInCreation = writer.write(find());
        if (!isInCreation && settings.enabled()) {
          announce();
        }
      }
    } catch (RuntimeException e) {
      LOG.error("Could not look at the exporter's key", e);
    }
  }

  private void announce() {
    Optional<List<ExporterKey>> now = find().accepted();
    if (now.isEmpty() || now.equals(announced)) {
      return;
    }
    reconcileAll(announced.filter(before -> isPlanned(before, now.get())).isPresent());
    announced = now;
  }

  /** Whether no login has ended but one whose time had come. */
  private static boolean isPlanned(List<ExporterKey> before, List<ExporterKey> now) {
    return before.isEmpty() || now.contains(before.getFirst());
  }

  private void reconcileAll(boolean isPlanned) {
    List<ResourceID> all = context.getPrimaryCache().list().map(ResourceID::fromResource).toList();
    long step =
        isPlanned && !all.isEmpty()
            ? Math.min(LONGEST_STEP.toMillis(), SPREAD.toMillis() / all.size())
            : 0;
    for (int i = 0; i < all.size(); i++) {
      ResourceID resource = all.get(i);
      CompletableFuture.delayedExecutor(i * step, TimeUnit.MILLISECONDS, timer)
          .execute(() -> propagateEvent(resource));
    }
  }

  private final class Changes implements ResourceEventHandler<Secret> {

    @Override
    public void onAdd(Secret secret) {
      timer.execute(ExporterKeySecret.this::look);
    }

    @Override
    public void onUpdate(Secret before, Secret now) {
      timer.execute(ExporterKeySecret.this::look);
    }

    @Override
    public void onDelete(Secret secret, boolean unknownState) {
      timer.execute(ExporterKeySecret.this::look);
    }
  }
}
