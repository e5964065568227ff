package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;

/** Private addresses of the servers for clients outside of the cluster. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record External(
    @JsonPropertyDescription(
            "Who provides the addresses; the operator writes its annotations for an internal load balancer. AWS: AWS Load Balancer Controller. GKE: internal passthrough load balancers. AKS: internal load balancers. OpenStack: Octavia. MetalLB and Cilium: the address pools of the cluster's administrator. Another provider may give the servers other addresses.")
        @Required
        Provider provider,
    @JsonPropertyDescription(
            "Further annotations of these Services, such as a subnet. The operator's administrator allows their keys (chart value external.allowedAnnotations); others are left out, and condition ExternalRestricted names them. They never override the operator's own. A change restarts nothing.")
        @Size(max = 32)
        @ValidationRule(value = PodMetadata.RESERVED_RULE, message = PodMetadata.RESERVED_MESSAGE)
        @ValidationRule(value = ExposingAnnotations.RULE, message = ExposingAnnotations.MESSAGE)
        Map<String, String> annotations) {

  public External {
    annotations = Copies.of(annotations);
  }

  /** Whose load balancers give the servers their addresses. */
  public enum Provider {
    AWS,
    GKE,
    AKS,
    OpenStack,
    MetalLB,
    Cilium
  }
}
