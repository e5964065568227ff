package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.DeploymentSpec;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Releases of the chart, installed by Helm on a real API server, which has the CRD and the policies
 * of install.yaml: those of a release that manages all namespaces.
 */
@WithApiServer
class HelmReleaseIT {

  private static final String INSTALL =
      "upgrade --install %s %s" + Helm.CHART + " --set crds.install=false";
  private static final String LABELLED =
      """
      apiVersion: v1
      kind: Secret
      metadata:
        name: planted
        labels: {app.kubernetes.io/managed-by: securememcached-operator}
      """;

  private final ApiServer server;
  private final KubernetesClient client;
  private final String namespace;
  private final List<String> releases = new ArrayList<>();

  HelmReleaseIT(ApiServer server) {
    this.server = server;
    client = server.client();
    namespace = server.newNamespace();
  }

  @BeforeAll
  static void buildHelm() {
    new Helm();
  }

  @AfterEach
  void uninstall() throws IOException {
    for (String release : releases) {
      helm("uninstall --ignore-not-found " + release);
    }
  }

  /** The API server refuses a strategy beside parts of another one that nobody has applied. */
  @Test
  void strategyOfALiveReleaseCanChange() throws IOException {
    install("release", "");
    assertThat(strategy()).isEqualTo("RollingUpdate");
    install("release", "--set leaderElection=false");
    assertThat(strategy()).isEqualTo("Recreate");
    install("release", "--set strategy.rollingUpdate.maxSurge=1");
    assertThat(strategy()).isEqualTo("RollingUpdate");
    install("release", "--set strategy.type=Recreate");
    assertThat(strategy()).isEqualTo("Recreate");
  }

  /**
   * Helm then takes the older chart's values in place of this one's: here they lack an image, which
   * nothing else would refuse.
   */
  @Test
  void reusedValuesThatLackANewOneAreRefused(@TempDir Path older) throws IOException {
    for (String file : Yaml.files(Helm.CHART, "")) {
      Path copy = older.resolve(file);
      if (!file.endsWith("values.schema.json") && Files.isRegularFile(Guarded.ROOT.resolve(file))) {
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, Yaml.text(file).replaceFirst("(?m)^  debian13: .*\n", ""));
      }
    }
    install("release", older + "/", "");
    assertThat(image()).isEmpty();

    ApiServer.Output reused = helm("upgrade release " + Helm.CHART + " --reuse-values");
    assertThat(reused.code()).isNotZero();
    assertThat(reused.text()).contains("at '/images': missing property 'debian13'");

    ApiServer.Output reset = helm("upgrade release " + Helm.CHART + " --reset-then-reuse-values");
    assertThat(reset.code()).as(reset.text()).isZero();
    assertThat(image()).startsWith("ghcr.io/securememcached/memcached:");
  }

  /** It would share the first one's Lease and the key of its exporter. */
  @Test
  void secondReleaseInANamespaceIsRefused() throws IOException {
    install("first", "");
    releases.add("second");
    ApiServer.Output second = helm(INSTALL.formatted("second", ""));
    assertThat(second.code()).isNotZero();
    assertThat(second.text())
        .contains(
            "Role \"securememcached-operator-exporter-key\"",
            "cannot be imported into the current release");
  }

  /** Where it watches named namespaces, and its own is not among them. */
  @Test
  void secondReleaseMakesTheKeyOfItsExporter() throws IOException {
    String watched = server.newNamespace();
    install("narrow", "--set watchNamespaces={" + watched + "}");
    String account = "system:serviceaccount:" + namespace + ":narrow-securememcached-operator";
    awaitLabelIsReserved();
    Config config = server.config();
    config.setImpersonateUsername(account);
    Map<String, String> pod = Map.of("OPERATOR_NAMESPACE", namespace, "EXPORTER", "true");
    try (TestingOperator operator = TestingOperator.start(config, watched, pod)) {
      Scene.soon().untilAsserted(() -> assertThat(key()).isNotNull());
      assertThat(operator.writes()).isNotEmpty();
    }
  }

  /** By the policies of both releases: the account of a tenant may write any Secret. */
  private void awaitLabelIsReserved() throws IOException {
    for (String command :
        List.of(
            "create role tenant --verb=* --resource=secrets",
            "create rolebinding tenant --role=tenant --user=tenant")) {
      List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
      arguments.add("--namespace=" + namespace);
      ApiServer.Output output = server.kubectl("", arguments.toArray(String[]::new));
      assertThat(output.code()).as(output.text()).isZero();
    }
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(
                        server
                            .kubectl(
                                LABELLED,
                                "create",
                                "--as=tenant",
                                "--namespace=" + namespace,
                                "--dry-run=server",
                                "--filename=-")
                            .text())
                    .contains("securememcached-operator-label", "is reserved"));
  }

  private Secret key() {
    return client.secrets().inNamespace(namespace).withName(ExporterKeys.NAME).get();
  }

  private String strategy() {
    return deployment().getStrategy().getType();
  }

  /** That of flavor Debian13, as the operator gets it; empty without one. */
  private String image() {
    return deployment().getTemplate().getSpec().getContainers().getFirst().getEnv().stream()
        .filter(variable -> variable.getName().equals("MEMCACHED_IMAGE_DEBIAN13"))
        .map(EnvVar::getValue)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse("");
  }

  private DeploymentSpec deployment() {
    return client
        .apps()
        .deployments()
        .inNamespace(namespace)
        .withName("release-securememcached-operator")
        .get()
        .getSpec();
  }

  private void install(String release, String options) throws IOException {
    install(release, "", options);
  }

  private void install(String release, String folder, String options) throws IOException {
    releases.add(release);
    ApiServer.Output output = helm(INSTALL.formatted(release, folder) + " " + options);
    assertThat(output.code()).as(output.text()).isZero();
  }

  private ApiServer.Output helm(String command) throws IOException {
    return server.shell("helm --namespace " + namespace + " " + command);
  }
}
