package io.securememcached.operator.testing;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Children;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.rotation.Logins;
import java.time.Instant;
import java.util.Map;

/** StatefulSets as the operator creates them, and pods as Kubernetes creates them from those. */
public final class Fleet {

  private Fleet() {}

  /** A resource "cache" with this spec, in YAML. */
  public static SecureMemcached resource(String spec) {
    return Serialization.unmarshal(
        """
        apiVersion: securememcached.io/v1beta1
        kind: SecureMemcached
        metadata: {name: cache, namespace: shop, uid: cache, generation: 1}
        spec: %s
        """
            .formatted(spec),
        SecureMemcached.class);
  }

  /**
   * The StatefulSet, observed by its controller.
   *
   * @param image that the operator's release has for all flavors
   */
  public static StatefulSet set(SecureMemcached resource, String image, int restarts) {
    Settings settings =
        new Settings(
            "system",
            Map.of("app", "operator"),
            Map.of(Image.Flavor.CentOS7, image, Image.Flavor.Debian12, image));
    HasMetadata set =
        Children.desired(resource, settings, Logins.none(Map.of()).withRestarts(restarts)).stream()
            .filter(StatefulSet.class::isInstance)
            .findFirst()
            .orElseThrow();
    String revision =
        "cache-"
            + Integer.toHexString(
                ((StatefulSet) set).getSpec().getTemplate().toString().hashCode());
    return new StatefulSetBuilder((StatefulSet) set)
        .editMetadata()
        .withGeneration(1L)
        .withUid("set")
        .endMetadata()
        .withNewStatus()
        .withObservedGeneration(1L)
        .withUpdateRevision(revision)
        .endStatus()
        .build();
  }

  /** A ready server that was created from the template of a set. */
  public static Pod server(StatefulSet set, int number, Instant readySince) {
    return new PodBuilder()
        .withMetadata(set.getSpec().getTemplate().getMetadata())
        .editMetadata()
        .withName("cache-" + number)
        .withNamespace("shop")
        .withUid("uid-" + number + "-" + readySince)
        .withCreationTimestamp(readySince.minusSeconds(3).toString())
        .addToLabels("controller-revision-hash", set.getStatus().getUpdateRevision())
        .endMetadata()
        .withSpec(set.getSpec().getTemplate().getSpec())
        .withNewStatus()
        .withPodIP("10.0.0." + (number + 1))
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .withLastTransitionTime(readySince.toString())
        .endCondition()
        .addNewContainerStatus()
        .withName("memcached")
        .withRestartCount(0)
        .withNewState()
        .withNewRunning()
        .withStartedAt(readySince.minusSeconds(2).toString())
        .endRunning()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  /** The same server, not ready. */
  public static Pod unready(Pod server) {
    return new PodBuilder(server)
        .editStatus()
        .editFirstCondition()
        .withStatus("False")
        .endCondition()
        .endStatus()
        .build();
  }

  /** The same server, whose container can't start. */
  public static Pod failing(Pod server, String reason) {
    return new PodBuilder(unready(server))
        .editStatus()
        .editFirstContainerStatus()
        .withNewState()
        .withNewWaiting()
        .withReason(reason)
        .endWaiting()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  /** The same server, being deleted. */
  public static Pod going(Pod server) {
    return new PodBuilder(server)
        .editMetadata()
        .withDeletionTimestamp("2026-11-28T12:00:00Z")
        .endMetadata()
        .build();
  }
}
