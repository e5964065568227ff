package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.securememcached.operator.resource.Labels;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The resources whose child or server an object claims to be, forged claims included. */
public final class ClaimedOwners {

  private static final List<String> LABELS = List.of(Labels.SERVER_OF, Labels.RESOURCE);

  private ClaimedOwners() {}

  /** A label of an object; null without it. */
  static String label(HasMetadata object, String key) {
    return object.getMetadata().getLabels().get(key);
  }

  /** The resource that the labels name. */
  public static Optional<ResourceID> byLabel(HasMetadata object) {
    return LABELS.stream()
        .flatMap(key -> Stream.ofNullable(label(object, key)))
        .findFirst()
        .map(name -> new ResourceID(name, object.getMetadata().getNamespace()));
  }

  /** By owner and by label, so that drift of either one is detected and corrected. */
  static Set<ResourceID> all(HasMetadata child) {
    ObjectMeta meta = child.getMetadata();
    // Called for each child of the cluster at start, before compilation: no streams.
    Set<ResourceID> owners = new HashSet<>();
    for (OwnerReference owner : meta.getOwnerReferences()) {
      if (owner.getKind().equals("SecureMemcached")) {
        owners.add(new ResourceID(owner.getName(), meta.getNamespace()));
      }
    }
    for (String label : LABELS) {
      String name = meta.getLabels().get(label);
      if (name != null) {
        owners.add(new ResourceID(name, meta.getNamespace()));
      }
    }
    return owners;
  }
}
