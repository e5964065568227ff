package io.securememcached.operator.children;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.client.ApiErrors;
import io.securememcached.operator.resource.ExternalServices;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Ownership;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.Reason;
import io.securememcached.operator.status.RejectionAdvice;
import io.securememcached.operator.status.Stage;
import io.securememcached.operator.watches.ChildSources;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies children by server-side apply, only if they differ, and never over a foreign object. */
public final class ChildWriter {

  /**
   * A resourceVersion that no object has. An apply with it creates the object or fails with a
   * conflict: a create that can't overwrite, in one request.
   */
  public static final String ABSENT = "1";

  private static final Logger LOG = LoggerFactory.getLogger(ChildWriter.class);

  private final ChildSources sources;
  private final PlantedSecrets planted;
  private final ChildMatcher matcher = new ChildMatcher();

  public ChildWriter(ChildSources sources) {
    this.sources = sources;
    this.planted = new PlantedSecrets(sources);
  }

  /**
   * Brings a child to the desired state.
   *
   * @throws ChildException if the API server rejects it, or its name is taken
   */
  <T extends HasMetadata> void write(
      SecureMemcached primary, T desired, Context<SecureMemcached> context) {
    try {
      Optional<T> seen = seen(desired);
      if (seen.isEmpty()) {
        create(primary, desired, context);
      } else {
        require(primary, seen.get());
        disown(primary, seen.get(), context.getClient());
        if (!matcher.matches(seen.get(), desired, context)
            && !isBeingOrphaned(primary, seen.get(), context.getClient())) {
          T written = put(desired, seen.get(), context.getClient());
          sources.written(kind(desired), written);
          log("Changed", desired);
        }
      }
    } catch (KubernetesClientException e) {
      throw refused(desired, e);
    }
  }

  static ChildException refused(HasMetadata child, KubernetesClientException e) {
    Reason reason = ApiErrors.reason(e);
    String said = RejectionAdvice.added(reason, ApiErrors.message(e));
    return new ChildException(
        new Failure(Stage.of(child), reason, describe(child) + ": " + said), e);
  }

  /**
   * Prunes a superfluous child, in the version that was seen as the resource's: the name may belong
   * to another object by now.
   */
  void delete(SecureMemcached primary, HasMetadata child, Context<SecureMemcached> context) {
    if (Ownership.isPrunable(primary, child)
        && child.getMetadata().getDeletionTimestamp() == null) {
      KubernetesClient client = context.getClient();
      try {
        deleteThisVersion(primary, child, client);
      } catch (KubernetesClientException e) {
        throw refused(child, e);
      }
    }
  }

  private static void deleteThisVersion(
      SecureMemcached primary, HasMetadata child, KubernetesClient client) {
    try {
      if (client.resource(child).lockResourceVersion().delete().isEmpty()) {
        // It is gone already, and its event not here yet.
        return;
      }
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      HasMetadata now = client.resource(child).get();
      if (now == null
          || now.getMetadata().getDeletionTimestamp() != null
          || !Ownership.isPrunable(primary, now)) {
        return;
      }
      client.resource(now).lockResourceVersion().delete();
    }
    log("Deleted", child);
  }

  /**
   * An own child, from the cache or, if its labels were removed, by name. A resource without a
   * status never had a child, so there is no request.
   */
  public <T extends HasMetadata> Optional<T> find(
      SecureMemcached primary, Class<T> kind, String name, KubernetesClient client) {
    String namespace = primary.getMetadata().getNamespace();
    return sources
        .get(kind, namespace, name)
        .or(
            () ->
                primary.getStatus().observedGeneration() > 0
                    ? Optional.ofNullable(
                        client.resources(kind).inNamespace(namespace).withName(name).get())
                    : Optional.empty())
        .filter(child -> Ownership.isAdoptable(primary, child))
        .filter(child -> !planted.isPlanted(primary, child));
  }

  private <T extends HasMetadata> void create(
      SecureMemcached primary, T desired, Context<SecureMemcached> context) {
    try {
      T created = apply(withVersion(desired, ABSENT, context.getClient()), context.getClient());
      sources.written(kind(desired), created);
      log("Created", desired);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      // It exists but not in the cache: just written, without our labels, or foreign.
      T actual = context.getClient().resource(desired).get();
      if (actual == null) {
        throw e;
      }
      require(primary, actual);
      disown(primary, actual, context.getClient());
      if (!matcher.matches(actual, desired, context)) {
        T written = put(desired, actual, context.getClient());
        sources.written(kind(desired), written);
        log("Changed", desired);
      }
    }
  }

  /**
   * A restored child has the owner of an earlier resource, and an object can have one controller
   * only. A policy never has an owner, as it would be deleted with it.
   */
  static void disown(SecureMemcached primary, HasMetadata actual, KubernetesClient client) {
    if (!actual.getMetadata().getOwnerReferences().isEmpty()
        && (actual instanceof NetworkPolicy || !Ownership.isOwned(primary, actual))) {
      client
          .resource(actual)
          .patch(
              PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"ownerReferences\": null}}");
    }
  }

  private static <T extends HasMetadata> T put(T desired, T actual, KubernetesClient client) {
    T applied;
    try {
      applied = apply(desired, client);
    } catch (KubernetesClientException e) {
      if (e.getCode() != ApiErrors.UNPROCESSABLE) {
        throw e;
      }
      // Foreign and desired list entries may conflict, such as a second port of the same name.
      replace(desired, actual, client);
      applied = apply(desired, client);
    }
    // Server-side apply keeps foreign fields; a replacement removes them.
    return ChildMatcher.isClosed(applied, desired) ? applied : replace(desired, applied, client);
  }

  /** All, but for those by which others could open a load balancer. */
  private static Map<String, String> keptAnnotations(HasMetadata desired, HasMetadata actual) {
    return desired instanceof Service service && service.getSpec().getType().equals("LoadBalancer")
        ? ExternalServices.keptAnnotations((Service) actual, service)
        : actual.getMetadata().getAnnotations();
  }

  /** Replaces everything but the metadata with the desired state. */
  private static <T extends HasMetadata> T replace(T desired, T actual, KubernetesClient client) {
    T replacement = client.getKubernetesSerialization().clone(desired);
    replacement.setMetadata(
        new ObjectMetaBuilder(actual.getMetadata())
            .withManagedFields(List.of())
            // A status update in between must not leave a server exposed.
            .withResourceVersion(null)
            .withAnnotations(keptAnnotations(desired, actual))
            .build());
    if (replacement instanceof Service service) {
      // Final once somebody, such as a cloud's webhook, has set it.
      service.getSpec().setLoadBalancerClass(((Service) actual).getSpec().getLoadBalancerClass());
    }
    return client.resource(replacement).update();
  }

  /** A copy to be applied to that version alone. */
  static <T extends HasMetadata> T withVersion(T desired, String version, KubernetesClient client) {
    T copy = client.getKubernetesSerialization().clone(desired);
    copy.getMetadata().setResourceVersion(version);
    return copy;
  }

  static <T extends HasMetadata> T apply(T desired, KubernetesClient client) {
    return client
        .resource(desired)
        .fieldManager(Labels.OPERATOR)
        .forceConflicts()
        .serverSideApply();
  }

  private <T extends HasMetadata> Optional<T> seen(T desired) {
    ObjectMeta meta = desired.getMetadata();
    return sources.get(kind(desired), meta.getNamespace(), meta.getName());
  }

  /** Rejects an object that this resource does not own. */
  void require(SecureMemcached primary, HasMetadata actual) {
    List<OwnerReference> owners = actual.getMetadata().getOwnerReferences();
    if (planted.isPlanted(primary, actual) || !Ownership.isAdoptable(primary, actual)) {
      String advice =
          !owners.isEmpty() && !Ownership.isAdoptable(primary, actual)
              ? " already exists and is owned by %s %s. Rename this resource, or wait if that owner is being deleted."
                  .formatted(owners.getFirst().getKind(), owners.getFirst().getName())
              : Ownership.isAdoptable(primary, actual)
                  ? PlantedSecrets.ADVICE
                  : " already exists and is not managed by this resource. Delete or rename it, or rename this resource.";
      throw new ChildException(
          new Failure(Stage.of(actual), Reason.NameConflict, describe(actual) + advice), null);
    }
  }

  /**
   * Whether a child without an owner is left behind by {@code kubectl delete --cascade=orphan}. Its
   * event may arrive before the one of the resource's deletion, as events of two kinds have no
   * order; restoring the owner then would delete the child.
   */
  static boolean isBeingOrphaned(
      SecureMemcached primary, HasMetadata child, KubernetesClient client) {
    ObjectMeta meta = primary.getMetadata();
    return child.getMetadata().getOwnerReferences().isEmpty()
        // They never have one.
        && !(child instanceof NetworkPolicy)
        && client
            .resources(SecureMemcached.class)
            .inNamespace(meta.getNamespace())
            .withField("metadata.name", meta.getName())
            .list()
            .getItems()
            .stream()
            .map(SecureMemcached::getMetadata)
            .noneMatch(
                now -> now.getUid().equals(meta.getUid()) && now.getDeletionTimestamp() == null);
  }

  private static String describe(HasMetadata child) {
    return child.getKind() + " " + child.getMetadata().getName();
  }

  @SuppressWarnings("unchecked")
  private static <T extends HasMetadata> Class<T> kind(T child) {
    return (Class<T>) child.getClass();
  }

  static void log(String what, HasMetadata child) {
    LOG.atInfo()
        .addKeyValue("kind", child.getKind())
        .addKeyValue("namespace", child.getMetadata().getNamespace())
        .addKeyValue("name", child.getMetadata().getName())
        .log("{} child", what);
  }
}
