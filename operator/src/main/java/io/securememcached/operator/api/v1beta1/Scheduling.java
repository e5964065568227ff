package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;

/**
 * Where servers may run; Kubernetes' own fields.
 *
 * @param affinity null when absent, as it then goes into the pod
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Scheduling(
    @JsonPropertyDescription("Labels that a node must have.") Map<String, String> nodeSelector,
    @JsonPropertyDescription("Taints of nodes that servers tolerate.") List<Toleration> tolerations,
    @JsonPropertyDescription("Node and pod affinity rules.") Affinity affinity,
    @JsonPropertyDescription(
            "How servers spread over zones and nodes. A constraint without labelSelector counts this resource's servers.")
        List<TopologySpreadConstraint> topologySpreadConstraints,
    @JsonPropertyDescription("PriorityClass of the servers.") String priorityClassName) {

  public Scheduling {
    nodeSelector = Copies.of(nodeSelector);
    tolerations = Copies.of(tolerations);
    topologySpreadConstraints = Copies.of(topologySpreadConstraints);
    priorityClassName = requireNonNullElse(priorityClassName, "");
  }

  /** No constraints. */
  public static Scheduling anywhere() {
    return new Scheduling(null, null, null, null, null);
  }
}
