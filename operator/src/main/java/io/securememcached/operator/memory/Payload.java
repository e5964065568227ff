package io.securememcached.operator.memory;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressSpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetSpec;
import io.securememcached.operator.api.v1beta1.ExposingAnnotations;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.exposure.RouteExposures;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Secrets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reduces objects of lists and watches to what is cached. Foreign annotations, and contents of
 * foreign Secrets, are dropped. An object that is still larger than {@value #LARGEST} characters is
 * cached by name only, and requested by name if it is needed.
 */
public final class Payload {

  /** Limit for one cached object, in characters of JSON. */
  public static final int LARGEST = 64 * 1024;

  /** Maximum number of objects in a page; for large ones the client requests fewer. */
  public static final long PAGE = 50;

  /** On objects that are cached by name only: their size. */
  private static final String CUT = "securememcached.io/cut";

  private static final String OWN = "securememcached.io/";
  private static final int LONGEST_LABELS = 16 * 1024;
  private static final int MOST_OWNERS = 4;

  /** Of an object, or of a kind with its group. */
  private static final int LONGEST_NAME = 320;

  private Payload() {}

  /**
   * The reduced object.
   *
   * @param read bytes from which the object was read, at most
   */
  public static HasMetadata cut(HasMetadata object, long read) {
    boolean isOwn = isOwn(object);
    ObjectMeta meta = object.getMetadata();
    if (meta == null) {
      return object;
    }
    if (!isOwn) {
      meta.setAnnotations(ownAnnotations(meta));
      if (object instanceof Secret secret) {
        secret.setData(Map.of());
      }
    }
    switch (object) {
      case Ingress ingress -> ingress.setStatus(null);
      case GenericKubernetesResource route ->
          route.setAdditionalProperties(RouteExposures.backendsOf(route));
      default -> {}
    }
    if (object instanceof SecureMemcached) {
      // Bounded by its schema, and needed in full.
      return object;
    }
    // A small object stays small, and need not be measured.
    long size = read > LARGEST ? JsonSize.of(object) : read;
    if (size > LARGEST) {
      empty(object, size);
    }
    return object;
  }

  /** The size of an object that is cached by name only. */
  public static Optional<Long> cutFrom(HasMetadata object) {
    return Optional.ofNullable(object.getMetadata().getAnnotations())
        .flatMap(annotations -> Optional.ofNullable(annotations.get(CUT)))
        .filter(size -> size.matches("[0-9]{1,12}"))
        .map(Long::valueOf);
  }

  /** Of a tenant's own they may be as well: who owns an object is written in it. */
  private static boolean isOwn(HasMetadata object) {
    ObjectMeta meta = object.getMetadata();
    return meta != null
        && !(object instanceof SecureMemcached)
        && (meta.getOwnerReferences().stream()
                .anyMatch(owner -> owner.getKind().equals("SecureMemcached"))
            || Labels.isOperators(object)
                && (!(object instanceof Secret secret)
                    || Secrets.isOurs(secret)
                    || ExporterKeys.NAME.equals(meta.getName())));
  }

  private static Map<String, String> ownAnnotations(ObjectMeta meta) {
    Map<String, String> own = new TreeMap<>();
    Objects.requireNonNullElse(meta.getAnnotations(), Map.<String, String>of())
        .forEach(
            (key, value) -> {
              if (key.startsWith(OWN) && !key.equals(CUT)) {
                own.put(key, value);
              } else if (ExposingAnnotations.isOne(key)) {
                // The audit reports it, whatever its value.
                own.put(key, "");
              }
            });
    return own;
  }

  /** Other code reads the spec without a null check. */
  private static void empty(HasMetadata object, long size) {
    ObjectMeta meta = object.getMetadata();
    boolean areLabelsLarge =
        meta.getLabels() != null
            && meta.getLabels().entrySet().stream()
                    .mapToInt(label -> label.getKey().length() + label.getValue().length())
                    .sum()
                > LONGEST_LABELS;
    Map<String, String> labels = new TreeMap<>();
    for (String key :
        List.of(
            Labels.MANAGED_BY,
            Labels.RESOURCE,
            Labels.SERVER_OF,
            Labels.LOGIN_FOR,
            Labels.COPY_FROM)) {
      if (meta.getLabels() != null && meta.getLabels().containsKey(key)) {
        labels.put(key, meta.getLabels().get(key));
      }
    }
    object.setMetadata(
        new ObjectMetaBuilder()
            .withName(meta.getName())
            .withNamespace(meta.getNamespace())
            .withUid(meta.getUid())
            .withResourceVersion(meta.getResourceVersion())
            .withGeneration(meta.getGeneration())
            .withDeletionTimestamp(meta.getDeletionTimestamp())
            .withOwnerReferences(
                meta.getOwnerReferences().stream().limit(MOST_OWNERS).map(Payload::cut).toList())
            .withLabels(areLabelsLarge ? labels : meta.getLabels())
            .addToAnnotations(CUT, Long.toString(size))
            .build());
    switch (object) {
      case Secret secret -> {
        secret.setData(Map.of());
        secret.setType(cut(secret.getType()));
      }
      case Service service -> service.setSpec(new ServiceSpec());
      case NetworkPolicy policy -> policy.setSpec(new NetworkPolicySpec());
      case Ingress ingress -> ingress.setSpec(new IngressSpec());
      case EndpointSlice slice -> {
        slice.setEndpoints(List.of());
        slice.setPorts(List.of());
      }
      case StatefulSet set -> set.setSpec(new StatefulSetSpec());
      case PodDisruptionBudget budget -> budget.setSpec(new PodDisruptionBudgetSpec());
      case ServiceAccount account -> {
        account.setSecrets(List.of());
        account.setImagePullSecrets(List.of());
      }
      case Pod pod -> pod.setSpec(new PodSpec());
      case GenericKubernetesResource route -> route.setAdditionalProperties(Map.of());
      default -> {}
    }
  }

  /** Its contents are unbounded; real names fit. */
  private static OwnerReference cut(OwnerReference owner) {
    return new OwnerReferenceBuilder(owner)
        .withApiVersion(cut(owner.getApiVersion()))
        .withKind(cut(owner.getKind()))
        .withName(cut(owner.getName()))
        .withUid(cut(owner.getUid()))
        .build();
  }

  private static String cut(String name) {
    return name == null || name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
  }
}
