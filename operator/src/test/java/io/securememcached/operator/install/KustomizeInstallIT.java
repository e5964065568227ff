package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.Config;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An overlay on install/ that changes the namespace, the names and the labels of all objects, built
 * and applied by kubectl: the operator works, and its account is as limited as before.
 */
@WithApiServer
class KustomizeInstallIT {

  private static final String NAMESPACE = "platform-caches";
  private static final String ACCOUNT = "prod-securememcached-operator";
  private static final String USER = "system:serviceaccount:" + NAMESPACE + ":" + ACCOUNT;

  private static final String OVERLAY =
      """
      apiVersion: kustomize.config.k8s.io/v1beta1
      kind: Kustomization
      namespace: %s
      namePrefix: prod-
      labels:
        - includeSelectors: true
          pairs: {app.kubernetes.io/instance: platform-prod, team: platform}
      resources: [%s]
      """;

  private final ApiServer server;
  private final Path folder;

  KustomizeInstallIT(ApiServer server, @TempDir Path folder) {
    this.server = server;
    this.folder = folder;
  }

  /** The CRD and the Namespace are other tests', too. */
  @AfterEach
  void delete() throws IOException {
    kubectl(
        "delete",
        "clusterrole,clusterrolebinding,validatingadmissionpolicy,validatingadmissionpolicybinding",
        "--selector=team=platform");
    kubectl("delete", "--namespace=" + NAMESPACE, "deployment,serviceaccount", "--all");
  }

  @Test
  void baseIsTheManifest() throws IOException {
    assertThat(objects(kubectl("kustomize", "install")))
        .containsExactlyInAnyOrderElementsOf(objects(Yaml.text("install/install.yaml")));
  }

  /** Without the CRD, whose numbers kustomize writes in another form. */
  private static List<JsonNode> objects(String yaml) {
    return Yaml.documents(yaml).stream()
        .filter(object -> !object.at("/kind").asText().equals("CustomResourceDefinition"))
        .toList();
  }

  @Test
  void operatorWorksUnderOtherNames() throws IOException {
    List<JsonNode> objects = install("install");
    JsonNode deployment = Yaml.find(objects, "Deployment", ACCOUNT);
    assertThat(deployment.at("/metadata/namespace").asText()).isEqualTo(NAMESPACE);
    assertThat(deployment.at("/spec/template/spec/serviceAccountName").asText()).isEqualTo(ACCOUNT);
    JsonNode labels = deployment.at("/spec/template/metadata/labels");
    assertThat(deployment.at("/spec/selector/matchLabels").properties())
        .isSubsetOf(labels.properties());
    Scene scene = Scene.quiet(server);
    Config account = server.config();
    account.setImpersonateUsername(USER);
    Map<String, String> pod =
        Map.of(
            "OPERATOR_NAMESPACE", NAMESPACE,
            "POD_LABEL_NAME", labels.at("/app.kubernetes.io~1name").asText(),
            "POD_LABEL_INSTANCE", labels.at("/app.kubernetes.io~1instance").asText());
    try (TestingOperator operator = TestingOperator.start(account, scene.namespace, pod)) {
      scene.createAndSettle("sessions", "replicas: 1");
      scene.condition("sessions", Conditions.CREDENTIALS_READY, "Applied");
      scene.condition("sessions", Conditions.NETWORK_POLICIES_APPLIED, "Applied");
      assertThat(operator.passes()).isPositive();
    }
    assertThat(
            scene
                .client
                .network()
                .networkPolicies()
                .inNamespace(scene.namespace)
                .withName("sessions-operator")
                .get()
                .toString())
        .contains("platform-prod", NAMESPACE);
  }

  @Test
  void accountIsLimitedUnderOtherNames() throws IOException {
    install("install");
    Scene.soon().untilAsserted(() -> assertThat(foreignAccount()).contains("managed-by"));
  }

  /** The counter-example: without the variables of install/kustomization.yaml. */
  @Test
  void manifestAloneLeavesTheAccountUnlimited() throws IOException {
    Files.copy(Guarded.ROOT.resolve("install/install.yaml"), folder.resolve("install.yaml"));
    List<JsonNode> objects = install("install.yaml");
    assertThat(Yaml.find(objects, "ValidatingAdmissionPolicy", ACCOUNT + "-children").toString())
        .contains("system:serviceaccount:securememcached-system:securememcached-operator");
    // What the policies forbid the account in the test before.
    Scene.soon().untilAsserted(() -> assertThat(foreignAccount()).contains("created"));
  }

  /** What the API server says when the operator's account creates an object that is not its own. */
  private String foreignAccount() throws IOException {
    return server
        .kubectl(
            "",
            "--as=" + USER,
            "create",
            "serviceaccount",
            "foreign",
            "--namespace=default",
            "--dry-run=server")
        .text();
  }

  private List<JsonNode> install(String base) throws IOException {
    Path resource =
        base.endsWith(".yaml")
            ? Path.of(base)
            : folder.toRealPath().relativize(Guarded.ROOT.toRealPath().resolve(base));
    Files.writeString(folder.resolve("kustomization.yaml"), OVERLAY.formatted(NAMESPACE, resource));
    String built = kubectl("kustomize", folder.toString());
    kubectl("apply", "--server-side", "--force-conflicts", "-k", folder.toString());
    return Yaml.documents(built);
  }

  /** Its standard output may have a warning of kustomize, which is a comment in YAML. */
  private String kubectl(String... arguments) throws IOException {
    ApiServer.Output output = server.kubectl("", arguments);
    assertThat(output.code()).as(output.text()).isZero();
    return output.text();
  }
}
