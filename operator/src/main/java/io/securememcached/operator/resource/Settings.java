package io.securememcached.operator.resource;

import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.Map;

/**
 * What the installation decides for all resources.
 *
 * @param operatorNamespace namespace the operator's own pods run in
 * @param operatorLabels labels of the operator's pods, which the servers let in
 * @param images image reference by flavor
 */
public record Settings(
    String operatorNamespace,
    Map<String, String> operatorLabels,
    Map<Image.Flavor, String> images) {

  /** The image the servers of a resource run. */
  public String imageOf(SecureMemcached primary) {
    Image image = primary.getSpec().image();
    return image.reference().isEmpty() ? images.get(image.flavor()) : image.reference();
  }
}
