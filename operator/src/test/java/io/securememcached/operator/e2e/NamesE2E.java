package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Resources whose names or children's names meet leave each other alone. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class NamesE2E {

  private static final String WITHOUT_ZONE = "replicas: 1";
  private static final String WITH_ZONE =
      """
      replicas: 1
      sourceZones: [{name: web, sources: [{podSelector: {matchLabels: {app: web}}}]}]
      """;

  private final Sandbox sandbox;
  private final Owned owned;

  NamesE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-names");
    owned = new Owned(sandbox);
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void similarNamesDoNotTouchEachOther() {
    sandbox.apply("a", WITHOUT_ZONE);
    sandbox.apply("a-b", WITHOUT_ZONE);
    sandbox.awaitReady("a");
    sandbox.awaitReady("a-b");
    owned.settledSnapshot();
    Map<String, String> other = versionsOf("a-b");
    Map<String, String> own = versionsOf("a");
    sandbox.apply("a", WITH_ZONE);
    Sandbox.eventually(
        "the zone of a", () -> assertThat(owned.idsOf("a")).contains("NetworkPolicy/a-zone-web"));
    sandbox.awaitReady("a");
    assertThat(versionsOf("a-b")).isEqualTo(other);
    // The counter-example: versions do tell that something was touched.
    assertThat(versionsOf("a")).isNotEqualTo(own);

    sandbox.delete("a");
    Sandbox.eventually("the children of a to go", () -> assertThat(owned.idsOf("a")).isEmpty());
    assertThat(versionsOf("a-b")).isEqualTo(other);
    sandbox.awaitReady("a-b");
  }

  /** Resource c-nodes wants a Service of the name that the headless Service of c has. */
  @Test
  void secondOfTwoThatWantTheSameNameIsToldSo() {
    sandbox.apply("c", WITHOUT_ZONE);
    sandbox.awaitReady("c");
    owned.settledSnapshot();
    Map<String, String> before = versionsOf("c");
    sandbox.apply("c-nodes", "replicas: 1");
    assertThat(sandbox.awaitReason("c-nodes", "NameConflict").getStatus().conditions().getFirst())
        .satisfies(
            ready ->
                assertThat(ready.getMessage())
                    .contains("Service c-nodes", "SecureMemcached c", "Rename this resource"));
    assertThat(versionsOf("c")).isEqualTo(before);
    assertThat(owned.idsOf("c-nodes"))
        .as("what comes before the conflict; no server runs")
        .doesNotContain("StatefulSet/c-nodes", "Pod/c-nodes-0");

    Figure figure = Figure.of("name free again, until the resource that waited is Ready");
    sandbox.delete("c");
    sandbox.awaitReady("c-nodes");
    figure.done();
  }

  @Test
  void objectsOfOthersStayAsTheyAre() {
    Map<String, HasMetadata> foreign = new LinkedHashMap<>();
    foreign.put(
        "policy",
        new NetworkPolicyBuilder()
            .withNewMetadata()
            .withName("policy-default-deny")
            .endMetadata()
            .withNewSpec()
            .withNewPodSelector()
            .endPodSelector()
            .endSpec()
            .build());
    foreign.put(
        "secret",
        new SecretBuilder()
            .withNewMetadata()
            .withName("secret-sasl")
            .endMetadata()
            .addToStringData("key", "value")
            .build());
    foreign.put(
        "account",
        new ServiceAccountBuilder().withNewMetadata().withName("account").endMetadata().build());
    foreign.put(
        "service",
        new ServiceBuilder()
            .withNewMetadata()
            .withName("service")
            .endMetadata()
            .withNewSpec()
            .withClusterIP("None")
            .endSpec()
            .build());
    foreign.put("servers", servers());
    foreign.put(
        "budget",
        new PodDisruptionBudgetBuilder()
            .withNewMetadata()
            .withName("budget")
            .endMetadata()
            .withNewSpec()
            .endSpec()
            .build());
    foreign.replaceAll(
        (name, object) ->
            sandbox.client().resource(object).inNamespace(sandbox.namespace()).create());
    // A single server has no budget.
    foreign.keySet().forEach(name -> sandbox.apply(name, "replicas: 2"));
    foreign.forEach(
        (name, object) -> {
          sandbox.awaitReason(name, "NameConflict");
          HasMetadata now = sandbox.client().resource(object).get();
          assertThat(now.getMetadata().getUid()).isEqualTo(object.getMetadata().getUid());
          assertThat(now.getMetadata().getOwnerReferences()).isEmpty();
          assertThat(now.getMetadata().getLabels()).isNullOrEmpty();
        });
  }

  private static StatefulSet servers() {
    return new StatefulSetBuilder()
        .withNewMetadata()
        .withName("servers")
        .endMetadata()
        .withNewSpec()
        .withReplicas(0)
        .withNewSelector()
        .addToMatchLabels("app", "foreign")
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .addToLabels("app", "foreign")
        .endMetadata()
        .withSpec(BarePods.pod("foreign", Map.of()).build().getSpec())
        .endTemplate()
        .endSpec()
        .build();
  }

  private Map<String, String> versionsOf(String name) {
    Map<String, String> all = owned.snapshot();
    all.keySet().retainAll(owned.idsOf(name));
    return all;
  }
}
