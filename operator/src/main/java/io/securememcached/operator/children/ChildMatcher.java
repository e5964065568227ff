package io.securememcached.operator.children;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetSpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.SSABasedGenericKubernetesResourceMatcher;
import io.securememcached.operator.resource.ExternalServices;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares a child with the desired state.
 *
 * <p>Owned fields are compared by managedFields. That alone would keep an added foreign field that
 * exposes a server, such as a rule in the default-deny policy or an external address of the
 * Service; {@link #isClosed} detects those.
 */
final class ChildMatcher extends SSABasedGenericKubernetesResourceMatcher<HasMetadata> {

  private static final Set<String> NOT_STORED = Set.of("hostNetwork", "hostPID", "hostIPC");

  @Override
  protected boolean matches(
      Map<String, Object> actualMap,
      Map<String, Object> desiredMap,
      HasMetadata actual,
      HasMetadata desired,
      Context<?> context) {
    dropAbsent(desiredMap);
    dropAbsent(actualMap);
    return super.matches(actualMap, desiredMap, actual, desired, context)
        && isClosed(actual, desired);
  }

  /** Whether a child has no foreign fields that could expose a server. */
  static boolean isClosed(HasMetadata actual, HasMetadata desired) {
    return switch (desired) {
      case NetworkPolicy policy -> policy.getSpec().equals(((NetworkPolicy) actual).getSpec());
      case Service service -> isClosed((Service) actual, service);
      case StatefulSet servers -> isClosed(((StatefulSet) actual).getSpec(), servers.getSpec());
      default -> true;
    };
  }

  private static boolean isClosed(Service actual, Service desired) {
    if (desired.getSpec().getType().equals("LoadBalancer")) {
      return ExternalServices.changes(actual, desired).isEmpty();
    }
    return "ClusterIP".equals(actual.getSpec().getType())
        && actual.getSpec().getExternalIPs().isEmpty()
        && actual.getSpec().getExternalName() == null
        && !Boolean.TRUE.equals(actual.getSpec().getPublishNotReadyAddresses())
        && actual.getSpec().getSelector().equals(desired.getSpec().getSelector())
        && actual.getSpec().getPorts().size() == desired.getSpec().getPorts().size();
  }

  private static boolean isClosed(StatefulSetSpec actual, StatefulSetSpec desired) {
    // Other ordinals are other host names, which the sasldb does not have; a partition delays a
    // change of the hardening.
    return actual.getOrdinals() == null
        && (actual.getUpdateStrategy().getRollingUpdate() == null
            || Integer.valueOf(0)
                .equals(actual.getUpdateStrategy().getRollingUpdate().getPartition()))
        && isClosed(actual.getTemplate().getSpec(), desired.getTemplate().getSpec());
  }

  private static boolean isClosed(PodSpec actual, PodSpec desired) {
    return !Boolean.TRUE.equals(actual.getHostNetwork())
        && !Boolean.TRUE.equals(actual.getHostPID())
        && !Boolean.TRUE.equals(actual.getHostIPC())
        && !Boolean.TRUE.equals(actual.getShareProcessNamespace())
        && actual.getSecurityContext().equals(desired.getSecurityContext())
        && actual.getVolumes().equals(desired.getVolumes())
        && actual.getInitContainers().isEmpty()
        && actual.getContainers().size() == desired.getContainers().size()
        && isClosed(actual.getContainers().getFirst(), desired.getContainers().getFirst());
  }

  /** Compares completely what the API server does not default. */
  private static boolean isClosed(Container actual, Container desired) {
    return actual.getCommand().equals(desired.getCommand())
        && actual.getArgs().equals(desired.getArgs())
        && actual.getEnv().equals(desired.getEnv())
        && actual.getEnvFrom().isEmpty()
        && actual.getVolumeMounts().equals(desired.getVolumeMounts())
        && actual.getVolumeDevices().isEmpty()
        && actual.getPorts().equals(desired.getPorts())
        && actual.getSecurityContext().equals(desired.getSecurityContext())
        && actual.getLifecycle() == null
        // It could restart a server and so empty its cache.
        && actual.getLivenessProbe() == null;
  }

  /**
   * The API server remembers that these fields were set to false, but stores no value for them.
   * Other fields it does store: there false and absent are not the same.
   */
  private static void dropAbsent(Object tree) {
    if (tree instanceof Map<?, ?> map) {
      map.entrySet()
          .removeIf(
              entry ->
                  entry.getValue() == null
                      || NOT_STORED.contains(entry.getKey()) && entry.getValue().equals(false));
      map.values().forEach(ChildMatcher::dropAbsent);
    } else if (tree instanceof List<?> list) {
      list.forEach(ChildMatcher::dropAbsent);
    }
  }
}
