package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.verify.Distribution;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Condition ServersReady: every requested server is ready and runs the requested settings. */
final class ServersReadyCondition {

  /** The kubelet's reasons for an image that can't be pulled. */
  private static final List<String> PULLING =
      List.of("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName");

  private ServersReadyCondition() {}

  static Condition of(StatusInput facts) {
    Optional<Failure> failure =
        facts.failure().filter(found -> found.stage().compareTo(Stage.SERVERS) <= 0);
    if (failure.isPresent()) {
      return failure.get().stage() == Stage.SERVERS
          ? condition(facts, "False", failure.get().reason(), failure.get().message())
          : condition(
              facts, "Unknown", Reason.NotAttempted, "Not attempted: an earlier step failed.");
    }
    int wanted = facts.wanted();
    Optional<StatefulSetStatus> seen =
        // Numbers of an older generation don't describe the current one.
        facts.servers().filter(ActualServers::isObserved).map(StatefulSet::getStatus);
    int ready = seen.map(status -> count(status.getReadyReplicas())).orElse(0);
    int outdated =
        facts.rollout().filter(Rollout::isApplyingSpec).map(of -> of.pending().size()).orElse(0);
    int replicas = seen.map(status -> count(status.getReplicas())).orElse(-1);
    if (wanted == 0 && replicas <= 0 && facts.pods().isEmpty()) {
      return condition(
          facts, "True", Reason.NoServersRequested, "No servers requested: spec.replicas is 0.");
    }
    if (ready == wanted && outdated == 0 && replicas == wanted) {
      return condition(
          facts,
          "True",
          Reason.AllServersReady,
          wanted + " of " + wanted + " servers are ready." + UnexpectedMesh.note(facts));
    }
    if (facts.refusedPods().isPresent()) {
      return condition(
          facts,
          "False",
          Reason.PodsRejected,
          "Kubernetes rejects the pods: \"%s\". %s, or change what rejects them; see docs/conditions.md#podsrejected."
              .formatted(
                  facts.refusedPods().get(),
                  RejectionAdvice.of(facts.refusedPods().get())
                      .orElse("Change spec.resources, spec.scheduling or spec.pod")));
    }
    Optional<String> address = unsupportedAddress(facts);
    if (address.isPresent()) {
      return condition(facts, "False", Reason.AddressUnsupported, address.get());
    }
    // Before the restarts that the mesh causes.
    Optional<String> mesh = UnexpectedMesh.failing(facts);
    if (mesh.isPresent()) {
      return condition(
          facts,
          "False",
          Reason.MeshNotEnabled,
          "%d of %d servers are ready. %s".formatted(ready, wanted, mesh.get()));
    }
    Optional<String> problem = first(facts, Pods::problem);
    if (problem.isPresent()) {
      return condition(
          facts, "False", Reason.ServerFailing, problem.get() + imageHelp(facts, problem.get()));
    }
    Optional<String> unschedulable = first(facts, Pods::unschedulable);
    if (unschedulable.isPresent()) {
      return condition(facts, "False", Reason.WaitingForNode, unschedulable.get());
    }
    if (replicas > wanted) {
      return condition(
          facts,
          "False",
          Reason.ScalingIn,
          "Scaling in: %d %s terminating.%s"
              .formatted(
                  replicas - wanted,
                  replicas - wanted == 1 ? "server" : "servers",
                  Scaling.underWay(facts)));
    }
    String progress = ready + " of " + wanted + " servers are ready.";
    if (replicas == wanted && outdated > 0) {
      return condition(
          facts,
          "False",
          Reason.RollingOut,
          progress
              + " Restarted with the changed settings: %d of %d. "
                  .formatted(wanted - outdated, wanted)
              + facts.rollout().map(Rollout::detail).orElse(""));
    }
    return condition(
        facts,
        "False",
        Reason.ServersStarting,
        progress + Scaling.underWay(facts) + UnexpectedMesh.note(facts));
  }

  /** memcached before 1.4.25 cuts an address at its first colon, and exits. */
  private static Optional<String> unsupportedAddress(StatusInput facts) {
    SecureMemcachedSpec spec = facts.primary().getSpec();
    if (spec.listen() != Listen.PodIP
        || ImageCondition.distribution(facts) != Distribution.CENTOS_7) {
      return Optional.empty();
    }
    return facts.pods().stream()
        .flatMap(
            pod ->
                Pods.address(pod, spec.port()).filter(ServerAddress::isIpv6).stream()
                    .map(
                        address ->
                            pod.getMetadata().getName() + " has IPv6 address " + address.host()))
        .sorted()
        .findFirst()
        .map(
            text ->
                text
                    + ", on which memcached 1.4.15 (spec.image.flavor CentOS7) can't listen. Set spec.image.flavor to Debian13, or have the cluster assign IPv4 addresses first.");
  }

  private static Optional<String> first(
      StatusInput facts, Function<Pod, Optional<String>> problem) {
    return facts.pods().stream()
        .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
        .flatMap(
            pod ->
                problem.apply(pod).map(text -> pod.getMetadata().getName() + ": " + text).stream())
        .findFirst();
  }

  /** How to fix an image that can't be pulled. */
  private static String imageHelp(StatusInput facts, String problem) {
    if (PULLING.stream().noneMatch(problem::contains)) {
      return "";
    }
    return facts.primary().getSpec().image().reference().isEmpty()
        ? ". Available flavors: %s. Set spec.image.flavor to one of them, or spec.image.reference to an image of your own. The chart values images and defaultFlavor configure the flavors."
            .formatted(
                facts.settings().images().entrySet().stream()
                    .map(flavor -> flavor.getKey() + " (" + flavor.getValue() + ")")
                    .sorted()
                    .collect(Collectors.joining(", ")))
        : ". Check spec.image.reference and spec.image.pullSecrets.";
  }

  private static int count(Integer number) {
    return number == null ? 0 : number;
  }

  private static Condition condition(
      StatusInput facts, String status, Reason reason, String message) {
    return Conditions.of(facts, Conditions.SERVERS_READY, status, reason, message);
  }
}
