package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Settings of the installation for all resources.
 *
 * @param operatorNamespace namespace the operator's own pods run in
 * @param operatorLabels labels of the operator's pods, to which the servers allow access
 * @param images image reference by flavor
 * @param intended traffic that foreign policies may allow, by the administrator's decision
 * @param allowedImages images that resources may use in {@code image.reference}
 * @param platformUserIds whether the platform assigns user and group ids to pods, as OpenShift
 *     does, which rejects pods with their own
 * @param defaultFlavor flavor of servers whose resource has none
 * @param externalAnnotations keys of annotations that resources may set on their Services of type
 *     LoadBalancer
 * @param mesh the mesh whose traffic the servers' policies let through
 */
public record Settings(
    String operatorNamespace,
    Map<String, String> operatorLabels,
    Map<Image.Flavor, String> images,
    List<IntendedTraffic> intended,
    AllowedImages allowedImages,
    boolean platformUserIds,
    Image.Flavor defaultFlavor,
    Set<String> externalAnnotations,
    Mesh mesh) {

  public Settings {
    intended = List.copyOf(intended);
    externalAnnotations = Set.copyOf(externalAnnotations);
  }

  /** Without decisions of an administrator. */
  public Settings(
      String operatorNamespace,
      Map<String, String> operatorLabels,
      Map<Image.Flavor, String> images) {
    this(
        operatorNamespace,
        operatorLabels,
        images,
        List.of(),
        AllowedImages.any(),
        false,
        Image.Flavor.CentOS7,
        Set.of(),
        Mesh.None);
  }

  /**
   * These settings for a resource with existing servers, which keep the flavor of their creation,
   * so that another default restarts no server.
   */
  public Settings keeping(Optional<StatefulSet> servers) {
    return servers
        .flatMap(Servers::flavorOf)
        .map(
            flavor ->
                new Settings(
                    operatorNamespace,
                    operatorLabels,
                    images,
                    intended,
                    allowedImages,
                    platformUserIds,
                    flavor,
                    externalAnnotations,
                    mesh))
        .orElse(this);
  }

  /** The flavor of a resource: its own, else the default. */
  public Image.Flavor flavorOf(SecureMemcached primary) {
    return primary.getSpec().image().chosenFlavor().orElse(defaultFlavor);
  }

  /** The image the servers of a resource run. */
  public String imageOf(SecureMemcached primary) {
    Image image = primary.getSpec().image();
    return image.reference().isEmpty() ? images.get(flavorOf(primary)) : image.reference();
  }

  /** Why a resource's servers may not be applied, and the way out, if so. */
  public Optional<String> imageRefusal(SecureMemcached primary) {
    return allowsImageOf(primary)
        ? Optional.empty()
        : Optional.of(
            "spec.image.reference %s is not allowed by the operator's administrator (allowed: %s). Use an allowed image, or remove the field."
                .formatted(primary.getSpec().image().reference(), allowedImages.describe()));
  }

  /** Whether a resource's servers may be applied. Without servers no image runs. */
  public boolean allowsImageOf(SecureMemcached primary) {
    String reference = primary.getSpec().image().reference();
    return reference.isEmpty()
        || primary.getSpec().replicas() == 0
        || allowedImages.allows(reference);
  }
}
