package io.securememcached.operator.children;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.DeletionPolicy;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.watches.ChildSources;

/**
 * Distinguishes Secrets with logins from Secrets that were planted beforehand to know the
 * passwords.
 *
 * <p>Anyone who may create Secrets can choose any name, labels, annotations, managedFields and
 * owner, except the uid of a resource that does not exist yet. So the contents of a Secret prove
 * nothing; the following does, as it requires other permissions:
 *
 * <ul>
 *   <li>the Secret's owner is this resource, by its uid;
 *   <li>this resource had logins before, by its status;
 *   <li>its servers exist, which were orphaned or restored together with the Secrets;
 *   <li>this resource adopts retained Secrets: {@code deletionPolicy: Retain}.
 * </ul>
 */
final class PlantedSecrets {

  static final String ADVICE =
      " existed before this resource, and its logins can't be attributed to this resource. Delete it, or set spec.deletionPolicy to Retain to adopt its logins.";

  private final ChildSources sources;

  PlantedSecrets(ChildSources sources) {
    this.sources = sources;
  }

  /** Whether an object is a Secret that can't be attributed to this resource. */
  boolean isPlanted(SecureMemcached primary, HasMetadata object) {
    return object instanceof Secret
        && object.getMetadata().getOwnerReferences().stream()
            .noneMatch(owner -> owner.getUid().equals(primary.getMetadata().getUid()))
        && primary.getStatus().credentials().stream().noneMatch(login -> login.generation() > 0)
        && primary.getSpec().deletionPolicy() != DeletionPolicy.Retain
        && sources
            .get(
                StatefulSet.class,
                primary.getMetadata().getNamespace(),
                primary.getMetadata().getName())
            .filter(servers -> Labels.isChildOf(primary, servers))
            .isEmpty();
  }
}
