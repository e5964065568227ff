package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;

/**
 * Secrets that users brought, each watched by its name: they have no label to select them by, and
 * the operator keeps no other Secret in memory. A resource has at most 16 of them.
 */
final class BroughtSecrets extends SimpleInboundEventSource<SecureMemcached>
    implements ResourceEventAware<SecureMemcached> {

  private final KubernetesClient client;

  /** By resource and name of the Secret. */
  private final ConcurrentMap<ResourceID, Map<String, SharedIndexInformer<Secret>>> watches =
      new ConcurrentHashMap<>();

  BroughtSecrets(KubernetesClient client) {
    super("brought-secret");
    this.client = client;
  }

  /** The Secrets of these names that there are; from now on they are watched, and no others. */
  Map<String, Secret> get(SecureMemcached primary, Set<String> names) {
    ResourceID id = ResourceID.fromResource(primary);
    if (names.isEmpty() && !watches.containsKey(id)) {
      return Map.of();
    }
    Map<String, SharedIndexInformer<Secret>> mine =
        watches.computeIfAbsent(id, key -> new ConcurrentHashMap<>());
    mine.keySet().stream()
        .filter(name -> !names.contains(name))
        .toList()
        .forEach(name -> mine.remove(name).stop());
    return names.stream()
        .flatMap(
            name -> mine.computeIfAbsent(name, key -> watch(id, name)).getStore().list().stream())
        .collect(Collectors.toMap(secret -> secret.getMetadata().getName(), secret -> secret));
  }

  @Override
  public void onResourceDeleted(SecureMemcached primary) {
    Optional.ofNullable(watches.remove(ResourceID.fromResource(primary)))
        .ifPresent(mine -> stop(mine.values()));
  }

  @Override
  public void stop() {
    watches.values().forEach(mine -> stop(mine.values()));
    watches.clear();
    super.stop();
  }

  private static void stop(Collection<SharedIndexInformer<Secret>> informers) {
    informers.forEach(SharedIndexInformer::stop);
  }

  /** Returns once the Secret is known, or known not to be there. */
  private SharedIndexInformer<Secret> watch(ResourceID id, String name) {
    return client
        .secrets()
        .inNamespace(id.getNamespace().orElseThrow())
        .withName(name)
        .inform(
            new ResourceEventHandler<>() {
              @Override
              public void onAdd(Secret secret) {
                propagateEvent(id);
              }

              @Override
              public void onUpdate(Secret before, Secret after) {
                propagateEvent(id);
              }

              @Override
              public void onDelete(Secret secret, boolean unknownState) {
                propagateEvent(id);
              }
            });
  }
}
