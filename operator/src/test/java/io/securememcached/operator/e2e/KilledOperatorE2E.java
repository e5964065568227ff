package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** The operator's process is killed while it creates children: the next one finishes the work. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class KilledOperatorE2E {

  /** Without servers, they keep the operator busy and not the node. */
  private static final int EMPTY = 40;

  private final Sandbox sandbox;
  private final Owned owned;
  private final Installation installation;

  KilledOperatorE2E(Cluster cluster, Installation installation) {
    this.installation = installation;
    sandbox = new Sandbox(cluster, installation, "e2e-killed");
    owned = new Owned(sandbox);
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void nextOneFinishesTheWorkAndChangesNoPassword() {
    List<String> names =
        Stream.concat(
                IntStream.range(0, EMPTY).mapToObj(i -> "empty-" + i), Stream.of("one", "two"))
            .toList();
    int restarts = installation.restarts();
    Map<String, Set<String>> passwords = new ConcurrentHashMap<>();
    Watch watch = watch(passwords);
    try {
      CompletableFuture<Void> applied =
          CompletableFuture.runAsync(
              () ->
                  names.forEach(
                      name ->
                          sandbox.apply(name, "replicas: " + (name.startsWith("empty") ? 0 : 1))));
      Sandbox.eventually("first sasldb", () -> assertThat(saslSecrets(passwords)).isNotEmpty());
      installation.kill();
      assertThat(saslSecrets(passwords))
          .as("when it was killed, there was work done and to do")
          .hasSizeBetween(1, names.size() - 1);
      Figure figure =
          Figure.of("operator killed, until all %d resources are Ready".formatted(names.size()));
      applied.join();
      names.forEach(sandbox::awaitReady);
      figure.done();
      assertThat(installation.restarts()).isEqualTo(restarts + 1);
      for (String name : names) {
        assertThat(owned.childrenOf(name))
            .extracting(Owned::id)
            .containsExactlyInAnyOrder(
                "NetworkPolicy/" + name + "-default-deny",
                "NetworkPolicy/" + name + "-operator",
                "Secret/" + name + "-credentials",
                "Secret/" + name + "-operator",
                "Secret/" + name + "-sasl",
                "Service/" + name,
                "Service/" + name + "-nodes",
                "ServiceAccount/" + name,
                "StatefulSet/" + name);
        assertThat(owned.childrenOf(name))
            .allSatisfy(
                child ->
                    assertThat(child.getMetadata().getOwnerReferences())
                        .as("policies outlive their servers")
                        .hasSize(child instanceof NetworkPolicy ? 0 : 1));
      }
      assertNoneChanged(passwords);
      assertThat(passwords).hasSize(3 * names.size());

      // The counter-example: somebody changes one, for as long as the operator lets it be.
      sandbox
          .client()
          .secrets()
          .inNamespace(sandbox.namespace())
          .withName("one-credentials")
          .edit(
              secret ->
                  new SecretBuilder(secret).addToStringData("password", "another one").build());
      Sandbox.eventually(
          "the change to be seen",
          () -> assertThat(passwords.get("one-credentials")).hasSizeGreaterThan(1));
      Checks.assertFails(() -> assertNoneChanged(passwords));
    } finally {
      watch.close();
    }
  }

  private static List<String> saslSecrets(Map<String, Set<String>> passwords) {
    return passwords.keySet().stream().filter(name -> name.endsWith("-sasl")).toList();
  }

  private static void assertNoneChanged(Map<String, Set<String>> passwords) {
    assertThat(passwords).allSatisfy((secret, values) -> assertThat(values).hasSize(1));
  }

  /** Notes every value that any Secret of a resource ever had. */
  private Watch watch(Map<String, Set<String>> passwords) {
    return sandbox
        .client()
        .secrets()
        .inNamespace(sandbox.namespace())
        .withLabel("app.kubernetes.io/managed-by", "securememcached-operator")
        .watch(
            new Watcher<>() {
              @Override
              public void eventReceived(Action action, Secret secret) {
                passwords
                    .computeIfAbsent(
                        secret.getMetadata().getName(), name -> ConcurrentHashMap.newKeySet())
                    .add(secret.getData().toString());
              }

              @Override
              public void onClose(WatcherException cause) {
                // What is missing then fails the test.
              }
            });
  }
}
