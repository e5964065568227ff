package io.securememcached.operator.resource;

import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.List;
import java.util.Map;

/**
 * What the installation decides for all resources.
 *
 * @param operatorNamespace namespace the operator's own pods run in
 * @param operatorLabels labels of the operator's pods, which the servers let in
 * @param images image reference by flavor
 * @param intended what foreign policies may open, by the administrator's decision
 */
public record Settings(
    String operatorNamespace,
    Map<String, String> operatorLabels,
    Map<Image.Flavor, String> images,
    List<IntendedTraffic> intended) {

  public Settings {
    intended = List.copyOf(intended);
  }

  /** Without anything that an administrator has decided. */
  public Settings(
      String operatorNamespace,
      Map<String, String> operatorLabels,
      Map<Image.Flavor, String> images) {
    this(operatorNamespace, operatorLabels, images, List.of());
  }

  /** The image the servers of a resource run. */
  public String imageOf(SecureMemcached primary) {
    Image image = primary.getSpec().image();
    return image.reference().isEmpty() ? images.get(image.flavor()) : image.reference();
  }
}
