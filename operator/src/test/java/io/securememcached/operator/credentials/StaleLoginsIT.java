package io.securememcached.operator.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Latches;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** An operator that leads no more writes late what it made of logins that have changed since. */
@WithApiServer
class StaleLoginsIT {

  @Test
  void revokedLoginIsNotWrittenBack(ApiServer server) throws InterruptedException {
    CountDownLatch stuck = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicReference<String> held = new AtomicReference<>("none");
    try (Scene scene = Scene.quiet(server)) {
      scene.startOperator(
          request -> {
            if (request.startsWith("PATCH") && request.endsWith(held.get())) {
              held.set("none");
              stuck.countDown();
              Latches.await(goOn);
            }
          });
      scene.createAndSettle("cache", "{users: [{name: sammy}]}");
      scene.idle();
      String leaked = scene.value("cache-credentials-sammy", "password");
      List<Set<String>> seen = new CopyOnWriteArrayList<>();
      try (Watch watch = watch(scene, seen)) {
        assertThat(watch).isNotNull();
        held.set("/secrets/cache-operator");
        scene.annotate("cache", Requests.ROTATE, "now");
        assertThat(stuck.await(20, TimeUnit.SECONDS)).isTrue();

        try (TestingOperator leader = TestingOperator.start(server, scene.namespace)) {
          assertThat(leader).isNotNull();
          scene.annotate("cache", Requests.REVOKE, "leaked");
          Scene.soon().untilAsserted(() -> assertThat(seen.getLast()).doesNotContain(leaked));
          int revoked = seen.size();

          goOn.countDown();
          Scene.soon()
              .until(
                  () ->
                      scene.operator().writes().stream()
                              .filter(write -> write.endsWith("/secrets/cache-operator"))
                              .count()
                          > 1);
          scene.annotate("cache", Requests.ROTATE, "again");
          Scene.soon().untilAsserted(() -> assertThat(seen).hasSizeGreaterThan(revoked));
          scene.idle();
          assertThat(seen.subList(revoked - 1, seen.size()))
              .allSatisfy(passwords -> assertThat(passwords).doesNotContain(leaked));
        }
      }
      assertThat(scene.conditionText("cache", "CredentialsReady")).startsWith("True");
    }
  }

  /** Notes the passwords of each sasldb that there ever was. */
  private static Watch watch(Scene scene, List<Set<String>> seen) {
    return scene
        .child(Secret.class, "cache-sasl")
        .watch(
            new Watcher<>() {
              @Override
              public void eventReceived(Action action, Secret secret) {
                seen.add(
                    SaslDb.read(
                            Base64.getDecoder()
                                .decode(secret.getData().get(SaslConfig.SASLDB_FILE)))
                        .stream()
                        .map(SaslEntry::password)
                        .collect(Collectors.toSet()));
              }

              @Override
              public void onClose(WatcherException cause) {
                // What is missing then fails the test.
              }
            });
  }
}
