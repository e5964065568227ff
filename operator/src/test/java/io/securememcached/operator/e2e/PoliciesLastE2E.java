package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** While a resource is deleted, nobody gets at a server that has not ended yet. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class PoliciesLastE2E {

  private static final String CONNECT_AGAIN_AND_AGAIN =
      "for i in {1..900}; do if timeout 0.3 bash -c \"exec 3<>/dev/tcp/$0/$1\" 2>/dev/null; then echo IN; else echo out; fi; done";

  private final Sandbox sandbox;
  private Place stranger;

  PoliciesLastE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-policies-last");
  }

  @BeforeAll
  void start() {
    stranger = sandbox.client("stranger", Map.of("app", "stranger"));
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void strangerNeverGetsThroughWhileAResourceIsDeleted() {
    sandbox.apply("sessions", "replicas: 2");
    sandbox.awaitReady("sessions");
    Server first = sandbox.server("sessions-0", "sessions-credentials");
    Server second = sandbox.server("sessions-1", "sessions-credentials");
    try (Attempts one = new Attempts(first);
        Attempts two = new Attempts(second);
        Order order = new Order()) {
      one.awaitSome();
      two.awaitSome();
      sandbox.delete("sessions");
      Sandbox.eventually(
          "the policies to go",
          () -> assertThat(policies()).noneMatch(name -> name.startsWith("sessions")));
      assertThat(one.gotIn()).isZero();
      assertThat(two.gotIn()).isZero();
      // A list is ahead of watches.
      Sandbox.eventually(
          "all deletions",
          () ->
              assertThat(order.deleted())
                  .contains(
                      "Pod sessions-0", "Pod sessions-1", "NetworkPolicy sessions-default-deny"));
      assertThat(
              order.deleted().stream()
                  .dropWhile(deleted -> !deleted.startsWith("NetworkPolicy sessions")))
          .noneMatch(deleted -> deleted.startsWith("Pod sessions"));
    }
  }

  /** The counter-example: a policy that has the owner that the server has. */
  @Test
  void strangerGetsThroughWherePolicyAndServerHaveOneOwner() {
    ConfigMap owner =
        sandbox
            .client()
            .resource(
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withNamespace(sandbox.namespace())
                    .withName("owner")
                    .endMetadata()
                    .build())
            .create();
    own(owner, policy());
    Server server = new BarePods(sandbox).ending("owned", Map.of("app", "owned"), owner);
    try (Attempts attempts = new Attempts(server)) {
      attempts.awaitSome();
      assertThat(attempts.gotIn()).isZero();
      sandbox.client().resource(owner).delete();
      Sandbox.eventually("the stranger to get in", () -> assertThat(attempts.gotIn()).isPositive());
    }
  }

  private void own(ConfigMap owner, HasMetadata child) {
    child.getMetadata().setOwnerReferences(List.of(BarePods.reference(owner)));
    sandbox.client().resource(child).create();
  }

  private NetworkPolicy policy() {
    return new NetworkPolicyBuilder()
        .withNewMetadata()
        .withNamespace(sandbox.namespace())
        .withName("owned")
        .endMetadata()
        .withNewSpec()
        .withNewPodSelector()
        .addToMatchLabels("app", "owned")
        .endPodSelector()
        .withPolicyTypes("Ingress")
        .endSpec()
        .build();
  }

  private List<String> policies() {
    return sandbox
        .client()
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(sandbox.namespace())
        .list()
        .getItems()
        .stream()
        .map(policy -> policy.getMetadata().getName())
        .toList();
  }

  /** Connections of the stranger, one after the other. */
  private final class Attempts implements AutoCloseable {

    private final Process process;
    private final List<String> results = new CopyOnWriteArrayList<>();

    Attempts(Server server) {
      process =
          stranger.start(
              "bash",
              "-c",
              CONNECT_AGAIN_AND_AGAIN,
              server.address(),
              Integer.toString(server.port()));
      Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        lines.lines().forEach(results::add);
      } catch (IOException e) {
        results.add(e.toString());
      }
    }

    void awaitSome() {
      Sandbox.eventually("attempts", () -> assertThat(results).hasSizeGreaterThan(2));
    }

    long gotIn() {
      return results.stream().filter("IN"::equals).count();
    }

    @Override
    public void close() {
      process.destroy();
    }
  }

  /** The order in which the API server deleted objects: a namespace's kinds share one counter. */
  private final class Order implements AutoCloseable {

    private final Map<Long, String> deleted = new ConcurrentSkipListMap<>();
    private final List<Watch> watches;

    Order() {
      watches =
          List.of(
              sandbox.client().pods().inNamespace(sandbox.namespace()).watch(this.<Pod>watcher()),
              sandbox
                  .client()
                  .network()
                  .v1()
                  .networkPolicies()
                  .inNamespace(sandbox.namespace())
                  .watch(this.<NetworkPolicy>watcher()));
    }

    private <T extends HasMetadata> Watcher<T> watcher() {
      return new Watcher<>() {
        @Override
        public void eventReceived(Action action, T object) {
          if (action == Action.DELETED) {
            deleted.put(
                Long.parseLong(object.getMetadata().getResourceVersion()),
                object.getKind() + " " + object.getMetadata().getName());
          }
        }

        @Override
        public void onClose(WatcherException cause) {
          if (cause != null) {
            deleted.put(-1L, "the watch ended: " + cause);
          }
        }
      };
    }

    List<String> deleted() {
      return List.copyOf(deleted.values());
    }

    @Override
    public void close() {
      watches.forEach(Watch::close);
    }
  }
}
