package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A stop in the middle of a pass. */
@WithApiServer
class StopIT {

  private static final String POLICY = "cache-default-deny";

  /** Caches that are empty would make each child look as if it were not there. */
  @Test
  void passComesToItsEndWithWhatItKnows(ApiServer server) throws Exception {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", "{}");
      scene.idle();
      TestingOperator operator = scene.operator();
      int before = operator.writes().size();
      CompletableFuture<Void> writing = new CompletableFuture<>();
      CompletableFuture<Void> stopping = new CompletableFuture<>();
      operator.beforeWrite(
          write -> {
            if (write.endsWith(POLICY)) {
              writing.complete(null);
              stopping.orTimeout(1, TimeUnit.MINUTES).join();
            }
          });
      scene.child(NetworkPolicy.class, POLICY).delete();
      writing.get(1, TimeUnit.MINUTES);
      Thread stop = Thread.ofPlatform().start(scene::stopOperator);
      while (stop.getState() != Thread.State.TIMED_WAITING) {
        assertThat(stop.join(Duration.ofMillis(1))).isFalse();
      }
      stopping.complete(null);
      assertThat(stop.join(Scene.DEADLINE)).isTrue();
      assertThat(operator.writes().subList(before, operator.writes().size()))
          .isEqualTo(
              List.of(
                  "PATCH /apis/networking.k8s.io/v1/namespaces/%s/networkpolicies/%s"
                      .formatted(scene.namespace, POLICY)));
      assertThat(scene.child(NetworkPolicy.class, POLICY).get()).isNotNull();
    }
  }
}
