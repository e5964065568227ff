package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.Collection;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Determines which namespaces a change of a foreign object affects.
 *
 * @param begun whether full reconciliations have started; objects that are first seen before
 *     trigger none
 * @param concerned namespaces whose servers an object may expose
 * @param reconcile called for each affected namespace
 */
record ForeignChanges<T extends HasMetadata>(
    BooleanSupplier begun,
    Function<T, ? extends Collection<String>> concerned,
    Consumer<String> reconcile)
    implements ResourceEventHandler<T> {

  @Override
  public void onAdd(T object) {
    if (begun.getAsBoolean()) {
      concerned.apply(object).forEach(reconcile);
    }
  }

  @Override
  public void onUpdate(T before, T now) {
    if (isChange(before, now)) {
      Stream.of(before, now)
          .flatMap(object -> concerned.apply(object).stream())
          .distinct()
          .forEach(reconcile);
    }
  }

  @Override
  public void onDelete(T object, boolean unknownState) {
    concerned.apply(object).forEach(reconcile);
  }

  /**
   * A status, such as a load balancer's address, exposes nothing by itself. Of foreign annotations
   * only those are cached that do.
   */
  private static boolean isChange(HasMetadata before, HasMetadata now) {
    return now instanceof EndpointSlice
        || !Objects.equals(now.getMetadata().getLabels(), before.getMetadata().getLabels())
        || !Objects.equals(
            now.getMetadata().getAnnotations(), before.getMetadata().getAnnotations())
        || !Objects.equals(spec(now), spec(before));
  }

  private static Object spec(HasMetadata object) {
    return switch (object) {
      case NetworkPolicy policy -> policy.getSpec();
      case Service service -> service.getSpec();
      case Ingress ingress -> ingress.getSpec();
      case GenericKubernetesResource route -> route.getAdditionalProperties().get("spec");
      default -> object;
    };
  }
}
