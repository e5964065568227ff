package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.SecretReference;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.watches.ForeignBudget;
import io.securememcached.operator.watches.LabelledObjects;
import io.securememcached.operator.watches.WatchFaults;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

  private final EventSourceContext<SecureMemcached> context;
  private final KubernetesClient client;
  private final LabelledObjects labelled;
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
    labelled =
        new LabelledObjects(
            new LabelledObjects.Selection(
                "user-provided Secret",
                "Secret",
                "secrets",
                Labels.LOGIN_FOR,
                LabelledObjects::key),
            new References(),
            this::propagateEvent,
            context,
            budget,
            faults);
  }

  /** Returns once the list is complete, or after some seconds. */
  @Override
  public void start() {
    super.start();
    labelled.start();
  }

  @Override
  public void stop() {
    labelled.stop();
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
    labelled
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
      labelled
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

  /** Why a Secret that {@link #get} lacks may exist all the same, if so. */
  Optional<String> shortage(SecureMemcached primary) {
    return labelled.shortage(primary.getMetadata().getNamespace());
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

  private final class References implements LabelledObjects.Users {

    @Override
    public Stream<SecureMemcached> of(GenericKubernetesResource secret) {
      return context
          .getPrimaryCache()
          .list(secret.getMetadata().getNamespace())
          .filter(
              primary ->
                  UserProvidedLogins.secretsOf(primary).contains(secret.getMetadata().getName()));
    }

    @Override
    public Stream<SecureMemcached> ofAllIn(String namespace) {
      return (namespace.isEmpty()
              ? context.getPrimaryCache().list()
              : context.getPrimaryCache().list(namespace))
          .filter(primary -> !UserProvidedLogins.secretsOf(primary).isEmpty());
    }
  }
}
