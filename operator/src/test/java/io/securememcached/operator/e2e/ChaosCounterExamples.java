package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What must never happen is done on purpose: whoever watches for it must see it. */
final class ChaosCounterExamples {

  private final Sandbox sandbox;
  private final ChaosPods pods;

  ChaosCounterExamples(Sandbox sandbox, ChaosPods pods) {
    this.sandbox = sandbox;
    this.pods = pods;
  }

  /** Somebody lets the stranger in, and tells nobody. */
  void openInSecret(Place stranger, Server open, NetworkPolicy policy) {
    ChaosHistory history = new ChaosHistory(0);
    try (ChaosStranger knocking = new ChaosStranger(stranger, pods, open, () -> false, history)) {
      Sandbox.eventually("knocks", () -> assertThat(knocking.knocks()).isGreaterThan(10));
      assertThat(history.isWhole()).as("%s", history).isTrue();
      sandbox.client().resource(policy).create();
      Sandbox.eventually(
          "the stranger to be seen",
          () -> assertThat(history.toString()).contains("a stranger got in at one-0"));
    } finally {
      sandbox.client().resource(policy).delete();
    }
  }

  /**
   * Logins end at once, and nobody tells their clients.
   *
   * @param revoke asks for it
   */
  void revokeInSecret(Place friend, Duration overlap, Runnable revoke) {
    ChaosHistory history = new ChaosHistory(0);
    try (ChaosLogins logins = new ChaosLogins(sandbox, friend, pods, "one", overlap, history)) {
      Sandbox.eventually("logins", () -> assertThat(logins.logins()).isGreaterThan(4));
      assertThat(history.isWhole()).as("%s", history).isTrue();
      revoke.run();
      Sandbox.eventually(
          "the end of a login to be seen",
          () -> assertThat(history.toString()).contains("was refused at one-"));
    }
  }

  /**
   * An operator that does not lead writes, with its own token.
   *
   * @param start from when on the audit log is read; none of them has done so until now
   */
  void writeAsAnother(TestbedCluster testbed, Instant start) {
    KubernetesClient admin = sandbox.client();
    String leader =
        admin
            .leases()
            .inNamespace(Installation.NAMESPACE)
            .withName(Installation.RELEASE)
            .get()
            .getSpec()
            .getHolderIdentity();
    String other =
        admin
            .pods()
            .inNamespace(Installation.NAMESPACE)
            .withLabel("app.kubernetes.io/name", Installation.RELEASE)
            .list()
            .getItems()
            .stream()
            .map(pod -> pod.getMetadata().getName())
            .filter(name -> !name.equals(leader))
            .findFirst()
            .orElseThrow();
    String token =
        admin
            .serviceAccounts()
            .inNamespace(Installation.NAMESPACE)
            .withName(Installation.RELEASE)
            .tokenRequest(
                new TokenRequestBuilder()
                    .withNewSpec()
                    .withNewBoundObjectRef()
                    .withApiVersion("v1")
                    .withKind("Pod")
                    .withName(other)
                    .endBoundObjectRef()
                    .endSpec()
                    .build())
            .getStatus()
            .getToken();
    Config config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl(admin.getMasterUrl().toString())
            .withCaCertData(admin.getConfiguration().getCaCertData())
            .withOauthToken(token)
            .build();
    try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
      client
          .network()
          .v1()
          .networkPolicies()
          .inNamespace(sandbox.namespace())
          .withName("one-default-deny")
          .patch(PatchContext.of(PatchType.JSON_MERGE), "{}");
    }
    Sandbox.eventually(
        "the other one's write to be seen",
        () -> {
          List<ChaosWriters.Write> writes = ChaosWriters.read(testbed.auditLog(), start);
          assertThat(ChaosWriters.ofOthersThanTheLeader(writes))
              .extracting(ChaosWriters.Write::pod)
              .contains(other);
        });
  }
}
