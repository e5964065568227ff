package io.securememcached.operator.verification;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.TestingMemcached;
import io.securememcached.operator.resource.Servers;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.status.Verification;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** A server on this machine whose checks run when a test says so, at the time that it says. */
final class CheckedServer {

  private final SecureMemcached resource;
  private final Queue<Runnable> asked = new ArrayDeque<>();
  private final ServerVerifier verifier =
      new ServerVerifier(
          (namespace, urgency, task) -> asked.add(task),
          Map.of(),
          () -> this.now,
          new SimpleMeterRegistry(),
          pod -> true);
  Instant now;

  CheckedServer(TestingMemcached server, Instant now) {
    this.now = now;
    resource =
        Serialization.unmarshal(
            """
            metadata: {name: cache, namespace: shop, uid: cache, generation: 1}
            spec: {port: %d}
            """
                .formatted(server.address().getPort()),
            SecureMemcached.class);
  }

  /** Runs a check, which must be due. */
  Verification check(Pod pod, Logins logins) {
    verifier.verify(resource, List.of(pod), logins, List.of());
    asked.remove().run();
    return verifier.known(List.of(pod)).get(pod.getMetadata().getUid());
  }

  /** Its pod, with the readiness gate as it is. */
  static Pod pod(String verified) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("shop")
        .withName("cache-0")
        .withUid("uid")
        .endMetadata()
        .withNewStatus()
        .withPodIP("127.0.0.1")
        .addNewCondition()
        .withType(Servers.VERIFIED)
        .withStatus(verified)
        .endCondition()
        .endStatus()
        .build();
  }
}
