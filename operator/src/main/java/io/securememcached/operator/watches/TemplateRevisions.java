package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.securememcached.operator.client.ApiErrors;
import io.securememcached.operator.exposure.TemplateRevision;
import io.securememcached.operator.resource.ActualServers;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The earlier templates of StatefulSets, which their controller records in ControllerRevisions.
 * Each is immutable, so it is requested once by its name while a pod needs it, and not watched.
 */
public final class TemplateRevisions {

  /** No event says that a revision can be read. */
  private static final Duration LATER = Duration.ofMinutes(1);

  /**
   * What was read for a resource.
   *
   * @param set uid of its StatefulSet
   * @param retry when to request the unknown ones again; empty if there are none
   */
  private record Known(
      String set, Map<String, TemplateRevision> revisions, Optional<Instant> retry) {

    Known {
      revisions = Map.copyOf(revisions);
    }
  }

  private final Map<ResourceID, Known> known = new ConcurrentHashMap<>();

  /**
   * The templates of a resource.
   *
   * @param names of their ControllerRevisions, from labels that whoever may patch pods can change
   */
  public Map<String, TemplateRevision> read(ReconcileContext context, Set<String> names) {
    ResourceID resource = ResourceID.fromResource(context.primary());
    if (names.isEmpty() || context.set().isEmpty()) {
      known.remove(resource);
      return Map.of();
    }
    StatefulSet set = context.set().get();
    String uid = set.getMetadata().getUid();
    Optional<Known> last =
        Optional.ofNullable(known.get(resource)).filter(of -> of.set().equals(uid));
    boolean isRetry =
        last.flatMap(Known::retry).filter(due -> !context.now().isBefore(due)).isPresent();
    Map<String, TemplateRevision> revisions = new HashMap<>();
    for (String name : names) {
      revisions.put(
          name,
          last.flatMap(of -> Optional.ofNullable(of.revisions().get(name)))
              .filter(of -> !isRetry || of instanceof TemplateRevision.Recorded)
              .orElseGet(() -> request(context, uid, name)));
    }
    boolean isComplete =
        revisions.values().stream().allMatch(TemplateRevision.Recorded.class::isInstance);
    Optional<Instant> retry =
        isComplete
            ? Optional.empty()
            : last.flatMap(Known::retry)
                .filter(due -> !isRetry)
                .or(() -> Optional.of(context.now().plus(LATER)));
    known.put(resource, new Known(uid, revisions, retry));
    return revisions;
  }

  /** When to reconcile a resource, so that what could not be read is requested again. */
  public Optional<Instant> due(ResourceID resource) {
    return Optional.ofNullable(known.get(resource)).flatMap(Known::retry);
  }

  /** Forgets a deleted resource. */
  public void forget(ResourceID resource) {
    known.remove(resource);
  }

  private static TemplateRevision request(ReconcileContext context, String set, String name) {
    KubernetesClient client = context.client();
    try {
      ControllerRevision revision =
          client.apps().controllerRevisions().inNamespace(context.namespace()).withName(name).get();
      if (revision == null) {
        return new TemplateRevision.Unknown("was not found; delete the pod");
      }
      return isOf(set, revision)
          ? template(revision, client.getKubernetesSerialization())
          : new TemplateRevision.Unknown("is not the StatefulSet's; delete the pod");
    } catch (KubernetesClientException e) {
      return new TemplateRevision.Unknown("can't be read: " + ApiErrors.message(e));
    }
  }

  /** The pod's label may name the revision of any other controller of the namespace. */
  private static boolean isOf(String set, ControllerRevision revision) {
    return revision.getMetadata().getOwnerReferences().stream()
        .anyMatch(
            owner -> Boolean.TRUE.equals(owner.getController()) && owner.getUid().equals(set));
  }

  /** The data is a patch of the StatefulSet with {@code spec.template}, all of it. */
  private static TemplateRevision template(
      ControllerRevision revision, KubernetesSerialization json) {
    try {
      return Optional.ofNullable(revision.getData())
          .map(data -> json.convertValue(data, StatefulSet.class))
          .map(StatefulSet::getSpec)
          .map(StatefulSetSpec::getTemplate)
          .map(PodTemplateSpec::getSpec)
          .flatMap(ActualServers::container)
          .<TemplateRevision>map(TemplateRevision.Recorded::new)
          .orElseGet(TemplateRevisions::unreadable);
    } catch (IllegalArgumentException e) {
      return unreadable();
    }
  }

  private static TemplateRevision unreadable() {
    return new TemplateRevision.Unknown("has no template of memcached; delete the pod");
  }
}
