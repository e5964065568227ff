package io.securememcached.operator.config;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.securememcached.operator.resource.IntendedTraffic;
import java.util.List;

/**
 * Reads the setting INTENDED_TRAFFIC, a JSON list. A misspelt field is rejected, as a rule without
 * {@code from} allows everything.
 */
final class IntendedTrafficText {

  private static final List<Class<?>> KINDS =
      List.of(
          NetworkPolicyIngressRule.class,
          NetworkPolicyEgressRule.class,
          NetworkPolicyPeer.class,
          NetworkPolicyPort.class,
          IPBlock.class,
          LabelSelector.class,
          LabelSelectorRequirement.class);

  private IntendedTrafficText() {}

  /**
   * The entries; none for an empty text.
   *
   * @throws IllegalArgumentException naming the variable and what is wrong
   */
  static List<IntendedTraffic> read(String text) {
    if (text.isBlank()) {
      return List.of();
    }
    ObjectMapper mapper =
        new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
    KINDS.forEach(kind -> mapper.addMixIn(kind, WithoutOtherFields.class));
    try {
      List<IntendedTraffic> listed = mapper.readerForListOf(IntendedTraffic.class).readValue(text);
      for (IntendedTraffic traffic : listed) {
        if (traffic == null || traffic.name() == null || traffic.name().isBlank()) {
          throw new IllegalArgumentException(
              "INTENDED_TRAFFIC has an entry without a name; set name, which reports use");
        }
      }
      return listed;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "INTENDED_TRAFFIC is invalid: "
              + e.getOriginalMessage()
              + "; expected a JSON list of objects with name, namespaces, ingress and egress, see docs/configuration.md",
          e);
    }
  }

  /** Kubernetes' model accepts any field otherwise. */
  abstract static class WithoutOtherFields {
    @JsonAnySetter(enabled = false)
    abstract void setAdditionalProperty(String name, Object value);
  }
}
