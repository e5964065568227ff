package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a thief of the operator's token can't do with it, though its role has the rights. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class AdmissionPolicyE2E {

  private final Sandbox sandbox;
  private final KubernetesClient thief;

  AdmissionPolicyE2E(Cluster cluster, Installation installation) {
    if (!(cluster instanceof TestbedCluster)) {
      throw new IllegalStateException(
          "The operator's token is read from its process, which runs on this machine with -Dcluster=testbed only");
    }
    sandbox = new Sandbox(cluster, installation, "e2e-admission");
    var admin = cluster.client().getConfiguration();
    thief =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(Config.empty())
                    .withMasterUrl(admin.getMasterUrl())
                    .withCaCertData(admin.getCaCertData())
                    .withCaCertFile(admin.getCaCertFile())
                    .withOauthToken(RunningOperator.find().token())
                    .withUserAgent("thief")
                    .build())
            .build();
  }

  @BeforeAll
  void startServer() {
    sandbox.apply("sessions", "users: [{name: sammy}]");
    sandbox.awaitReady("sessions");
    sandbox.client("other", Map.of("app", "other"));
  }

  @AfterAll
  void stop() {
    thief.close();
    sandbox.close();
  }

  @Test
  void imageOfAPodStays() {
    for (String pod : new String[] {"other", "sessions-0"}) {
      Pod changed =
          new PodBuilder()
              .withNewMetadata()
              .withName(pod)
              .withNamespace(sandbox.namespace())
              .endMetadata()
              .withNewSpec()
              .addNewContainer()
              .withName(nameOfContainer(pod))
              .withImage("evil")
              .endContainer()
              .endSpec()
              .build();
      assertRefused(
          () -> thief.resource(changed).fieldManager("thief").forceConflicts().serverSideApply());
    }
  }

  @Test
  void nothingIsStartedInKubeSystem() {
    assertRefused(
        () ->
            create(
                "kube-system",
                """
                apiVersion: apps/v1
                kind: StatefulSet
                metadata: {name: evil}
                spec:
                  serviceName: evil
                  selector: {matchLabels: {app: evil}}
                  template:
                    metadata: {labels: {app: evil}}
                    spec: {containers: [{name: evil, image: evil}]}
                """));
  }

  @Test
  void noAccountAndNoTokenIsMade() {
    assertRefused(
        () ->
            create(
                sandbox.namespace(),
                "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: evil}\n"));
    assertRefused(
        () ->
            create(
                "kube-system",
                """
                apiVersion: v1
                kind: Secret
                type: kubernetes.io/service-account-token
                metadata:
                  name: evil
                  labels: {app.kubernetes.io/managed-by: securememcached-operator}
                  annotations: {kubernetes.io/service-account.name: default}
                """));
    assertRefused(
        () ->
            create(sandbox.namespace(), "apiVersion: v1\nkind: Secret\nmetadata: {name: evil}\n"));
  }

  /** The counter-example: with the same token, what the operator does itself. */
  @Test
  void ownObjectsAreWritten() {
    var secret = thief.secrets().inNamespace(sandbox.namespace()).withName("sessions-operator");
    assertThat(
            secret.patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"metadata\": {\"annotations\": {\"note\": \"written\"}}}"))
        .isNotNull();
  }

  private String nameOfContainer(String pod) {
    return sandbox.pod(pod).getSpec().getContainers().getFirst().getName();
  }

  private void create(String namespace, String yaml) {
    HasMetadata object = thief.getKubernetesSerialization().unmarshal(yaml);
    thief.resource(object).inNamespace(namespace).dryRun().create();
  }

  private static void assertRefused(Runnable request) {
    assertThatThrownBy(request::run)
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("ValidatingAdmissionPolicy");
  }
}
