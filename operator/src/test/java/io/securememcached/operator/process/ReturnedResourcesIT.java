package io.securememcached.operator.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Latches;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * A resource is deleted, and another one of its name created, while the operator is busy with the
 * first, as by {@code kubectl replace --force}.
 */
@WithApiServer
class ReturnedResourcesIT {

  private static final String NOTHING = "none";

  @Test
  void newOneIsReconciled(ApiServer server) throws InterruptedException {
    CountDownLatch stuck = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicReference<String> held = new AtomicReference<>(NOTHING);
    try (Scene scene = Scene.quiet(server)) {
      scene.startOperator(
          request -> {
            if (request.equals(held.get())) {
              held.set(NOTHING);
              stuck.countDown();
              Latches.await(goOn);
            }
          });
      scene.createAndSettle("cache", "{replicas: 0}");
      scene.idle();
      held.set(
          "PATCH /apis/securememcached.io/v1beta1/namespaces/%s/securememcacheds/cache/status"
              .formatted(scene.namespace));
      scene.edit("cache", "{replicas: 0, maxConnections: 100}");
      assertThat(stuck.await(20, TimeUnit.SECONDS)).isTrue();

      scene.resource("cache").delete();
      scene.create("cache", "{replicas: 0, port: 11300}");
      // The operator has seen both once it sees what came after them.
      scene.createAndSettle("other", "{replicas: 0}");
      goOn.countDown();

      // The write that was held gives it the status of the first, of generation 2.
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(scene.resource("cache").get().getStatus().observedGeneration())
                      .isEqualTo(1));
    }
  }
}
