package io.securememcached.operator.verification;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.api.v1beta1.VerificationPolicy.Gate;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Servers;
import io.securememcached.operator.status.Finding;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.watches.ReconcileContext;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Gives a server traffic once it has passed, and removes it when it fails. A server that could not
 * be checked keeps its state: a network failure of the operator must not remove all caches from
 * service.
 */
public final class ReadinessGate {

  private static final PatchContext APPLY =
      new PatchContext.Builder()
          .withPatchType(PatchType.SERVER_SIDE_APPLY)
          .withFieldManager(Labels.OPERATOR)
          .withForce(true)
          .build();

  private ReadinessGate() {}

  public static void set(ReconcileContext context, Map<String, Verification> verifications) {
    // Not by spec.listen: a server that it does not apply to yet has the gate.
    if (context.primary().getSpec().verification().gate() != Gate.Enforce) {
      return;
    }
    Instant now = context.now();
    KubernetesClient client = context.client();
    for (Pod pod : context.servers()) {
      Verification verification = verifications.get(pod.getMetadata().getUid());
      if (verification == null) {
        continue;
      }
      if (verification.isProven() && !isSet(pod, "True")) {
        patch(pod, "True", "Verified", "All checks passed.", now, client);
      } else if (!verification.hardeningFailures().isEmpty() && !isSet(pod, "False")) {
        patch(
            pod,
            "False",
            "CheckFailed",
            verification.hardeningFailures().stream()
                .map(Finding::toString)
                .collect(Collectors.joining("; ")),
            now,
            client);
      }
    }
  }

  static boolean isSet(Pod pod, String status) {
    return pod.getStatus().getConditions().stream()
        .anyMatch(c -> c.getType().equals(Servers.VERIFIED) && c.getStatus().equals(status));
  }

  private static void patch(
      Pod pod, String status, String reason, String message, Instant now, KubernetesClient client) {
    Pod patch =
        new PodBuilder()
            .withNewMetadata()
            .withNamespace(pod.getMetadata().getNamespace())
            .withName(pod.getMetadata().getName())
            .withUid(pod.getMetadata().getUid())
            .endMetadata()
            .withNewStatus()
            .addNewCondition()
            .withType(Servers.VERIFIED)
            .withStatus(status)
            .withReason(reason)
            .withMessage(message)
            .withLastTransitionTime(now.truncatedTo(ChronoUnit.SECONDS).toString())
            .endCondition()
            .endStatus()
            .build();
    try {
      client.resource(patch).subresource("status").patch(APPLY);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND
          && e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      // The pod was deleted; its successor is another one.
    }
  }
}
