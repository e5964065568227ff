package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.SSABasedGenericKubernetesResourceMatcher;
import java.util.List;
import java.util.Map;

/**
 * Tells whether a child is as it should be.
 *
 * <p>Owned fields are compared by managedFields. That alone would leave a field in place that
 * somebody added and that opens a server, such as a rule in the default-deny policy or an external
 * address of the Service; {@link #isClosed} looks for those.
 */
final class ChildMatcher extends SSABasedGenericKubernetesResourceMatcher<HasMetadata> {

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

  /** Whether nobody added to a child what could open a server. */
  static boolean isClosed(HasMetadata actual, HasMetadata desired) {
    return switch (desired) {
      case NetworkPolicy policy -> policy.getSpec().equals(((NetworkPolicy) actual).getSpec());
      case Service service -> isClosed((Service) actual, service);
      case StatefulSet servers ->
          isClosed(
              ((StatefulSet) actual).getSpec().getTemplate().getSpec(),
              servers.getSpec().getTemplate().getSpec());
      default -> true;
    };
  }

  private static boolean isClosed(Service actual, Service desired) {
    return "ClusterIP".equals(actual.getSpec().getType())
        && actual.getSpec().getExternalIPs().isEmpty()
        && actual.getSpec().getExternalName() == null
        && !Boolean.TRUE.equals(actual.getSpec().getPublishNotReadyAddresses())
        && actual.getSpec().getSelector().equals(desired.getSpec().getSelector())
        && actual.getSpec().getPorts().size() == desired.getSpec().getPorts().size();
  }

  private static boolean isClosed(PodSpec actual, PodSpec desired) {
    return !Boolean.TRUE.equals(actual.getHostNetwork())
        && !Boolean.TRUE.equals(actual.getHostPID())
        && !Boolean.TRUE.equals(actual.getHostIPC())
        && actual.getInitContainers().isEmpty()
        && actual.getVolumes().size() == desired.getVolumes().size()
        && actual.getContainers().size() == desired.getContainers().size()
        && isClosed(actual.getContainers().getFirst(), desired.getContainers().getFirst());
  }

  private static boolean isClosed(Container actual, Container desired) {
    return actual.getCommand().equals(desired.getCommand())
        && actual.getArgs().equals(desired.getArgs())
        && actual.getEnv().size() == desired.getEnv().size()
        && actual.getEnvFrom().isEmpty()
        && actual.getLifecycle() == null
        && actual.getVolumeMounts().size() == desired.getVolumeMounts().size()
        && actual.getPorts().size() == desired.getPorts().size()
        && actual.getPorts().stream().allMatch(port -> port.getHostPort() == null);
  }

  /** The API server remembers that a field was set to false, but stores no value for it. */
  private static void dropAbsent(Object tree) {
    if (tree instanceof Map<?, ?> map) {
      map.values().removeIf(value -> value == null || value.equals(false));
      map.values().forEach(ChildMatcher::dropAbsent);
    } else if (tree instanceof List<?> list) {
      list.forEach(ChildMatcher::dropAbsent);
    }
  }
}
