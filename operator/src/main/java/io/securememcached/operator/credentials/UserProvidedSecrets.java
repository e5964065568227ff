package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.SecretReference;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.watches.ForeignBudget;
import io.securememcached.operator.watches.ForeignWatch;
import io.securememcached.operator.watches.WatchFaults;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Secrets with logins that users provide. Their owner consents by the label {@link
 * Labels#LOGIN_FOR}, whose value is the one resource that may read the Secret
 * (docs/adr/0019-user-provided-secrets.md).
 *
 * <p>One watch for all of them, of their metadata only: the contents of a Secret are requested by
 * name, for the resource that its label names, and only the keys that this resource references are
 * cached.
 */
public final class UserProvidedSecrets extends SimpleInboundEventSource<SecureMemcached>
    implements ResourceEventAware<SecureMemcached> {

  /** Of a value in Base64; a password has at most 1024 bytes, which is checked elsewhere. */
  private static final int LONGEST_VALUE = 8192;

  private static final Duration START = Duration.ofSeconds(10);

  private static final ResourceDefinitionContext SECRETS =
      new ResourceDefinitionContext.Builder()
          .withVersion("v1")
          .withKind("Secret")
          .withPlural("secrets")
          .withNamespaced(true)
          .build();

  private final EventSourceContext<SecureMemcached> context;
  private final KubernetesClient client;
  private final ForeignWatch<GenericKubernetesResource> watch;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("user-secrets-", 0).factory());

  private volatile Future<?> looking = CompletableFuture.completedFuture(null);

  private final Map<ResourceID, Read> read = new ConcurrentHashMap<>();

  /**
   * The cached Secrets of a resource.
   *
   * @param generation of the resource; a later one may reference other keys
   * @param secrets by name, with the referenced keys only
   */
  private record Read(long generation, Map<String, Secret> secrets) {}

  public UserProvidedSecrets(
      EventSourceContext<SecureMemcached> context, ForeignBudget budget, WatchFaults faults) {
    super("user-secrets");
    this.context = context;
    this.client = context.getClient();
    watch =
        new ForeignWatch<>(
            "user-provided Secret",
            ForeignWatch.namespaces(context),
            this::labelled,
            secret -> List.of(key(secret.getMetadata())),
            new Changes(),
            budget,
            faults);
  }

  /** Returns once the list is complete, or after some seconds. */
  @Override
  public void start() {
    super.start();
    watch.start().completeOnTimeout(null, START.toSeconds(), TimeUnit.SECONDS).join();
    looking =
        timer.scheduleWithFixedDelay(
            () -> watch.look(namespace -> reconcile(namespace, "")), 0, 1, TimeUnit.SECONDS);
  }

  @Override
  public void stop() {
    looking.cancel(true);
    timer.shutdownNow();
    watch.stop();
    super.stop();
  }

  /**
   * The user-provided Secrets of a resource that exist and have the label.
   *
   * @throws KubernetesClientException if the existing Secrets are unknown
   */
  Map<String, Secret> get(SecureMemcached primary) {
    ResourceID id = ResourceID.fromResource(primary);
    Set<String> names = UserProvidedLogins.secretsOf(primary);
    if (names.isEmpty()) {
      read.remove(id);
      return Map.of();
    }
    String namespace = primary.getMetadata().getNamespace();
    watch
        .fault(namespace)
        .ifPresent(
            fault -> {
              throw new KubernetesClientException(
                  "Can't list or watch Secrets with label " + Labels.LOGIN_FOR + ": " + fault);
            });
    long generation = primary.getMetadata().getGeneration();
    Map<String, Secret> before =
        Optional.ofNullable(read.get(id))
            .filter(last -> last.generation() == generation)
            .map(Read::secrets)
            .orElse(Map.of());
    Map<String, Secret> now = new HashMap<>();
    for (String name : names) {
      watch
          .concerning(namespace + "/" + name)
          .filter(metadata -> Labels.isLoginFor(primary, metadata))
          .findFirst()
          .flatMap(
              metadata ->
                  Optional.ofNullable(before.get(name))
                      .filter(known -> isSame(known, metadata))
                      .or(() -> fetch(primary, name)))
          .ifPresent(secret -> now.put(name, secret));
    }
    read.put(id, new Read(generation, Map.copyOf(now)));
    return now;
  }

  @Override
  public void onResourceDeleted(SecureMemcached primary) {
    read.remove(ResourceID.fromResource(primary));
  }

  /** The label is checked again, as it may have been removed since the watch event. */
  private Optional<Secret> fetch(SecureMemcached primary, String name) {
    return Optional.ofNullable(
            client.secrets().inNamespace(primary.getMetadata().getNamespace()).withName(name).get())
        .filter(secret -> Labels.isLoginFor(primary, secret))
        .map(secret -> keep(secret, keysOf(primary, name)));
  }

  private static Set<String> keysOf(SecureMemcached primary, String name) {
    return primary.getSpec().users().stream()
        .flatMap(user -> user.existingSecret().stream())
        .filter(reference -> reference.name().equals(name))
        .flatMap(UserProvidedSecrets::keysOf)
        .collect(Collectors.toSet());
  }

  private static Stream<String> keysOf(SecretReference reference) {
    return Stream.of(reference.usernameKey(), reference.passwordKey());
  }

  private static Secret keep(Secret secret, Set<String> keys) {
    Map<String, String> data = new HashMap<>();
    Objects.requireNonNullElse(secret.getData(), Map.<String, String>of())
        .forEach(
            (key, value) -> {
              if (keys.contains(key)) {
                // Base64 can be cut at multiples of four characters, which are three bytes.
                data.put(
                    key,
                    value.length() > LONGEST_VALUE ? value.substring(0, LONGEST_VALUE) : value);
              }
            });
    secret.setData(data);
    secret.getMetadata().setAnnotations(Map.of());
    secret.getMetadata().setManagedFields(List.of());
    return secret;
  }

  private static boolean isSame(Secret known, HasMetadata now) {
    return known.getMetadata().getResourceVersion().equals(now.getMetadata().getResourceVersion());
  }

  private Informable<GenericKubernetesResource> labelled(String namespace) {
    var all = client.genericKubernetesResources(SECRETS);
    return namespace.isEmpty()
        ? all.inAnyNamespace().withLabel(Labels.LOGIN_FOR)
        : all.inNamespace(namespace).withLabel(Labels.LOGIN_FOR);
  }

  private static String key(ObjectMeta metadata) {
    return metadata.getNamespace() + "/" + metadata.getName();
  }

  /** The resources that reference a Secret; an empty name stands for all Secrets. */
  private void reconcile(String namespace, String name) {
    (namespace.isEmpty()
            ? context.getPrimaryCache().list()
            : context.getPrimaryCache().list(namespace))
        .filter(
            primary ->
                name.isEmpty()
                    ? !UserProvidedLogins.secretsOf(primary).isEmpty()
                    : UserProvidedLogins.secretsOf(primary).contains(name))
        .map(ResourceID::fromResource)
        .forEach(this::propagateEvent);
  }

  private final class Changes implements ResourceEventHandler<GenericKubernetesResource> {

    @Override
    public void onAdd(GenericKubernetesResource secret) {
      changed(secret);
    }

    @Override
    public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource now) {
      changed(now);
    }

    @Override
    public void onDelete(GenericKubernetesResource secret, boolean unknownState) {
      changed(secret);
    }

    private void changed(GenericKubernetesResource secret) {
      reconcile(secret.getMetadata().getNamespace(), secret.getMetadata().getName());
    }
  }
}
