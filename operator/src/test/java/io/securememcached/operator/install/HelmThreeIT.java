package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The charts with Helm 3, on a real API server with the CRD; all other tests run Helm 4. */
@WithApiServer
class HelmThreeIT {

  private static final String INSTALL =
      "upgrade --install release " + Helm.CHART + " --set crds.install=false";

  private static Path helm3;

  private final ApiServer server;
  private final String namespace;
  private final Path folder;

  HelmThreeIT(ApiServer server, @TempDir Path folder) {
    this.server = server;
    this.folder = folder;
    namespace = server.newNamespace();
  }

  @BeforeAll
  static void buildHelm() throws IOException, InterruptedException {
    Script built = Script.run("scripts/helm3");
    assertThat(built.code()).as(built.output()).isZero();
    helm3 = Path.of(built.output().lines().toList().getLast(), "helm");
  }

  @AfterEach
  void uninstall() throws IOException {
    helm("uninstall release --ignore-not-found");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "charts/securememcached-crds",
        "charts/securememcached-operator",
        "charts/securememcached-operator --set replicas=2,watchNamespaces={OWN},openshift.enabled=true",
        "charts/securememcached-operator --set global.imageRegistry=a.example,global.imagePullSecrets[0].name=b",
        "charts/securememcached-operator --set prometheusRule.enabled=true,dashboard.enabled=true"
      })
  void rendersWhatHelm4Renders(String chart) throws IOException {
    String[] words = chart.split(" ", 2);
    Helm.Result helm4 =
        new Helm().render(words[0], words.length > 1 ? words[1].split(" ") : new String[0]);
    assertThat(helm4.code()).as(helm4.output()).isZero();
    String rendered =
        succeed(
            "template securememcached-operator " + chart + " --namespace securememcached-system");
    assertThat(Yaml.documents(rendered))
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(Yaml.documents(helm4.output()));
  }

  /** The commands of docs/install.md for an upgrade, and the way back. */
  @Test
  void releaseIsUpgradedAndRolledBack() throws IOException {
    succeed(INSTALL + " --set defaultFlavor=Debian13");
    succeed("upgrade release " + Helm.CHART + " --reset-then-reuse-values --set replicas=2");
    assertThat(deployment()).contains("replicas: 2", "value: Debian13");
    succeed("rollback release 1");
    assertThat(deployment()).contains("replicas: 1", "value: Debian13");
    succeed("uninstall release");
    assertThat(deployment()).contains("not found");
  }

  /** As docs/install.md says; the counter-example is the option that it leaves to Helm 4. */
  @Test
  void takesOverWhatKubectlHasApplied() throws IOException {
    Path applied =
        Files.writeString(
            folder.resolve("applied.yaml"),
            succeed("template release " + Helm.CHART + " --set crds.install=false --skip-tests"));
    ApiServer.Output output =
        server.kubectl(
            "", "apply", "--server-side", "--namespace=" + namespace, "--filename=" + applied);
    assertThat(output.code()).as(output.text()).isZero();

    assertThat(helm(INSTALL + " --take-ownership --force-conflicts").text())
        .contains("unknown flag: --force-conflicts");
    assertThat(helm(INSTALL).text()).contains("cannot be imported into the current release");
    succeed(INSTALL + " --take-ownership --set replicas=2");
    assertThat(deployment()).contains("replicas: 2");
  }

  private String deployment() throws IOException {
    return server
        .kubectl(
            "",
            "get",
            "deployment",
            "release-securememcached-operator",
            "--namespace=" + namespace,
            "--output=yaml")
        .text();
  }

  private String succeed(String command) throws IOException {
    ApiServer.Output output = helm(command);
    assertThat(output.code()).as(output.text()).isZero();
    return output.text();
  }

  private ApiServer.Output helm(String command) throws IOException {
    return server.shell(helm3 + " --namespace " + namespace + " " + command);
  }
}
