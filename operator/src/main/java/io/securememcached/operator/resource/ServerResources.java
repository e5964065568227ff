package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import io.securememcached.operator.api.v1beta1.Sizes;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;

/**
 * CPU and memory of a server: the values of the spec, and the rule of {@link Sizes} for the rest.
 */
final class ServerResources {

  private ServerResources() {}

  static ResourceRequirements of(SecureMemcachedSpec spec, Image.Flavor flavor) {
    Map<String, Quantity> limits = new TreeMap<>(spec.resources().limits());
    Map<String, Quantity> requests = new TreeMap<>(spec.resources().requests());
    limits.putIfAbsent("memory", memory(requests.get("memory"), Sizes.serverMemory(spec, flavor)));
    requests.putIfAbsent("memory", limits.get("memory"));
    requests.putIfAbsent("cpu", limits.getOrDefault("cpu", new Quantity("50m")));
    return new ResourceRequirementsBuilder().withRequests(requests).withLimits(limits).build();
  }

  /** The API server rejects a limit below the request. */
  private static Quantity memory(Quantity request, long needed) {
    return request != null && request.getNumericalAmount().compareTo(BigDecimal.valueOf(needed)) > 0
        ? request
        : Sizes.quantity(needed);
  }
}
