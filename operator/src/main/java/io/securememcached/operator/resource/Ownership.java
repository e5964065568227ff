package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Whose an object is: this resource's, one that may become this resource's, or a foreign one
 * (docs/adr/0023-who-owns-a-child.md).
 */
public final class Ownership {

  private Ownership() {}

  /**
   * Whether an object is this resource's, to be corrected and to be pruned: it has the resource as
   * an owner, or none and this operator's trace. A policy never has an owner; others could give it
   * one, so there the uid in its labels decides.
   */
  public static boolean isOwned(SecureMemcached primary, HasMetadata object) {
    if (object instanceof NetworkPolicy policy) {
      return isOwnedPolicy(primary, policy);
    }
    List<OwnerReference> owners = object.getMetadata().getOwnerReferences();
    return owners.isEmpty()
        ? Labels.isChildOf(primary, object) && isApplied(object)
        : owners.stream().anyMatch(owner -> owner.getUid().equals(primary.getMetadata().getUid()));
  }

  private static boolean isOwnedPolicy(SecureMemcached primary, NetworkPolicy policy) {
    String uid = primary.getMetadata().getUid();
    Map<String, String> labels =
        Objects.requireNonNullElse(policy.getMetadata().getLabels(), Map.of());
    return uid.equals(labels.get(Labels.RESOURCE_UID))
        || Labels.isChildOf(primary, policy) && hasNoOtherOwner(primary, policy)
        // All labels were taken away: what is left is who wrote it.
        || !labels.containsKey(Labels.RESOURCE_UID)
            && !labels.containsKey(Labels.RESOURCE)
            && policy.getMetadata().getOwnerReferences().isEmpty()
            && isApplied(policy);
  }

  /**
   * Whether an object may become this resource's. Its own may, and one with the labels of a child
   * and no other owner: a backup brings children back without a record of who wrote them, and
   * without an owner or with the one of an earlier life. What somebody plants gains nothing by it:
   * the operator makes it what a child is. Of Secrets, which it reads before it writes them, it
   * takes only those of a form of its own.
   */
  public static boolean isAdoptable(SecureMemcached primary, HasMetadata object) {
    return isOwned(primary, object)
        || Labels.isChildOf(primary, object)
            && hasNoOtherOwner(primary, object)
            && (!(object instanceof Secret secret) || Secrets.isOurs(secret));
  }

  /**
   * Whether a child that its resource should no longer have is deleted: a policy of a zone, the
   * Secret of a user, the budget of a single server. Of other kinds a resource always has the same,
   * and the operator has no right to delete any. A copy of a Secret that somebody made, with its
   * labels, stays.
   */
  public static boolean isPrunable(SecureMemcached primary, HasMetadata object) {
    return switch (object) {
      case Secret secret -> isOwned(primary, secret);
      case NetworkPolicy policy -> isAdoptable(primary, policy);
      case PodDisruptionBudget budget -> isAdoptable(primary, budget);
      default -> false;
    };
  }

  /** Whether all owners are this resource, or one of its name before it. */
  private static boolean hasNoOtherOwner(SecureMemcached primary, HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .allMatch(
            owner ->
                owner.getKind().equals(primary.getKind())
                    && owner.getName().equals(primary.getMetadata().getName()));
  }

  /** Whether this operator has written the object, by its record. */
  private static boolean isApplied(HasMetadata object) {
    ObjectMeta meta = object.getMetadata();
    return meta.getManagedFields().stream()
        .anyMatch(
            fields ->
                fields.getManager().equals(Labels.OPERATOR)
                    && fields.getOperation().equals("Apply"));
  }
}
