package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.ServerSetting;
import io.securememcached.operator.verify.Distribution;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/** Which image a pod runs: the resource may name another one, for which the pod has to restart. */
public final class RunningImage {

  private RunningImage() {}

  /**
   * Distribution of a server's image. The image of a flavor may be another one since the operator
   * was upgraded, or a webhook may have replaced it: then the pod's record of its settings counts.
   *
   * @param images image reference by flavor
   */
  public static Distribution distribution(
      SecureMemcached primary, Pod server, Map<Image.Flavor, String> images) {
    return flavor(
            ActualServers.container(server.getSpec()).map(Container::getImage).orElse(""), images)
        .map(ImageCondition::distribution)
        .orElseGet(
            () ->
                AppliedTemplate.of(server)
                    .settings()
                    .map(settings -> recorded(primary, settings))
                    .orElseGet(() -> ImageCondition.distribution(primary)));
  }

  /** Distribution of an image, whoever runs it: unknown for one that is no flavor's. */
  public static Distribution distribution(String image, Map<Image.Flavor, String> images) {
    return flavor(image, images).map(ImageCondition::distribution).orElse(Distribution.UNKNOWN);
  }

  private static Optional<Image.Flavor> flavor(String image, Map<Image.Flavor, String> images) {
    return images.entrySet().stream()
        .filter(flavor -> flavor.getValue().equals(image))
        .map(Map.Entry::getKey)
        .min(Comparator.naturalOrder());
  }

  /** A server without a flavor in its record has the default at its creation. */
  private static Distribution recorded(SecureMemcached primary, Map<String, String> settings) {
    if (!ServerSetting.value(settings, ServerSetting.REFERENCE.field()).isEmpty()) {
      return Distribution.UNKNOWN;
    }
    return Image.Flavor.named(ServerSetting.value(settings, ServerSetting.FLAVOR.field()))
        .map(ImageCondition::distribution)
        .orElseGet(() -> ImageCondition.distribution(primary));
  }
}
