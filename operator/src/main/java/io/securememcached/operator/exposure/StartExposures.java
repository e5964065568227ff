package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.resource.Servers;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Servers that were started with other settings than the operator's.
 *
 * <p>Two rules. Settings of every operator version and every resource are required of every pod:
 * the login, no UDP, the confinement. Settings that a resource or a version may change are those of
 * the template that a pod was created from, see {@link Rollout#expected}. So the operator's own
 * rollout is no finding, and no rollout hides a server without login.
 */
final class StartExposures {

  private StartExposures() {}

  static Stream<Exposure> of(AuditInput observed) {
    Rollout rollout = Rollout.of(observed);
    return observed.serverPods().stream()
        .flatMap(
            pod -> {
              List<String> faults = new ArrayList<>();
              ActualServers.container(pod.getSpec())
                  .ifPresentOrElse(
                      server -> {
                        faults.addAll(always(observed, pod, server));
                        if (faults.isEmpty()) {
                          String whose =
                              rollout.hasReached(pod)
                                  ? "this resource"
                                  : "the template that it was created from";
                          rollout
                              .expected(observed, pod)
                              .ifPresent(wanted -> faults.addAll(changed(server, wanted, whose)));
                        }
                      },
                      () -> faults.add("has no container " + Servers.CONTAINER_NAME));
              return faults.isEmpty() ? Stream.of() : Stream.of(exposure(pod, faults));
            });
  }

  private static List<String> always(AuditInput observed, Pod pod, Container server) {
    List<String> faults = new ArrayList<>();
    if (!server.getCommand().equals(List.of("memcached"))) {
      faults.add("runs another command than memcached");
    }
    faults.addAll(CommandLine.faults(server.getArgs()));
    faults.addAll(Environment.faults(server));
    faults.addAll(Confinement.faults(pod.getSpec(), server));
    faults.addAll(Mounts.faults(observed, pod, server));
    faults.addAll(Probes.faults(server));
    if (server.getLifecycle() != null) {
      faults.add("has a lifecycle hook");
    }
    return faults;
  }

  private static List<String> changed(Container server, Container wanted, String whose) {
    List<String> faults = new ArrayList<>();
    if (!server.getArgs().equals(wanted.getArgs())) {
      faults.add("has arguments that differ from those of " + whose);
    }
    if (!server.getEnv().equals(wanted.getEnv())) {
      faults.add("has environment variables that differ from those of " + whose);
    }
    return faults;
  }

  private static Exposure exposure(Pod pod, List<String> faults) {
    return new Exposure(
        Kind.CHANGED_ARGUMENTS,
        "Pod " + pod.getMetadata().getName(),
        String.join("; ", faults)
            + "; find the admission webhook or user that changed the pod, and delete the pod: the StatefulSet recreates it");
  }
}
