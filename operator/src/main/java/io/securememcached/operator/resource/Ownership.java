package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Who owns an object: this resource, a resource that may adopt it, or a foreign owner
 * (docs/adr/0023-who-owns-a-child.md).
 */
public final class Ownership {

  private Ownership() {}

  /**
   * Whether this resource owns an object, which the operator then corrects and prunes: the resource
   * is its owner, or it has no owner but was applied by this operator. A policy never has an owner;
   * others could add one, so the uid in its labels decides.
   */
  public static boolean isOwned(SecureMemcached primary, HasMetadata object) {
    if (object instanceof NetworkPolicy policy) {
      return isOwnedPolicy(primary, policy);
    }
    List<OwnerReference> owners = object.getMetadata().getOwnerReferences();
    return owners.isEmpty()
        ? Labels.isChildOf(primary, object) && AppliedFields.exist(object)
        : owners.stream().anyMatch(owner -> owner.getUid().equals(primary.getMetadata().getUid()));
  }

  private static boolean isOwnedPolicy(SecureMemcached primary, NetworkPolicy policy) {
    String uid = primary.getMetadata().getUid();
    Map<String, String> labels =
        Objects.requireNonNullElse(policy.getMetadata().getLabels(), Map.of());
    return uid.equals(labels.get(Labels.RESOURCE_UID))
        || Labels.isChildOf(primary, policy) && hasNoOtherOwner(primary, policy)
        // All labels were removed: the field manager is what is left.
        || !labels.containsKey(Labels.RESOURCE_UID)
            && !labels.containsKey(Labels.RESOURCE)
            && policy.getMetadata().getOwnerReferences().isEmpty()
            && AppliedFields.exist(policy);
  }

  /**
   * Whether this resource may adopt an object: its own, or one with the labels of a child and no
   * other owner. A backup restores children without their managed fields, and without an owner or
   * with that of an earlier resource. A planted object gains nothing by it: the operator overwrites
   * it. Of Secrets, which are read before they are written, only those in the operator's own form
   * are adopted.
   */
  public static boolean isAdoptable(SecureMemcached primary, HasMetadata object) {
    return isOwned(primary, object)
        || Labels.isChildOf(primary, object)
            && hasNoOtherOwner(primary, object)
            && (!(object instanceof Secret secret) || Secrets.isOurs(secret));
  }

  /**
   * Whether a superfluous child is pruned: the policy of a zone, the Secret of a user, the budget
   * of a single server, the Service for clients outside. Children of other kinds are never
   * superfluous, and the operator has no permission to delete them. A foreign copy of a Secret,
   * with its labels, is kept.
   */
  public static boolean isPrunable(SecureMemcached primary, HasMetadata object) {
    return switch (object) {
      case Secret secret -> isOwned(primary, secret);
      case NetworkPolicy policy -> isAdoptable(primary, policy);
      case PodDisruptionBudget budget -> isAdoptable(primary, budget);
      case Service service ->
          ExternalServices.isOne(primary, service) && isAdoptable(primary, service);
      default -> false;
    };
  }

  /** Whether all owners are this resource, or an earlier one of its name. */
  private static boolean hasNoOtherOwner(SecureMemcached primary, HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .allMatch(
            owner ->
                owner.getKind().equals(primary.getKind())
                    && owner.getName().equals(primary.getMetadata().getName()));
  }
}
