package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A chart that holds the operator and a cache, installed by Helm on a real API server. Copies of
 * the charts with another API group stand for a cluster without the CRD.
 */
@WithApiServer
class UmbrellaIT {

  private static final String GROUP = "umbrella.example.com";
  private static final String CRD = "securememcacheds." + GROUP;
  private static final List<String> COPIED =
      List.of(
          "charts/securememcached-operator", "charts/securememcached-crds", "examples/umbrella");

  private final ApiServer server;
  private final Path folder;
  private final String namespace;

  UmbrellaIT(ApiServer server, @TempDir Path folder) {
    this.server = server;
    this.folder = folder;
    namespace = server.newNamespace();
  }

  @BeforeEach
  void copy() throws IOException {
    for (String chart : COPIED) {
      try (Stream<Path> files = Files.walk(Guarded.ROOT.resolve(chart))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Path copy = folder.resolve(Guarded.ROOT.relativize(file));
          Files.createDirectories(copy.getParent());
          Files.writeString(copy, Files.readString(file).replace("securememcached.io", GROUP));
        }
      }
    }
    new Helm();
    assertThat(helm("dependency build examples/umbrella").code()).isZero();
  }

  @AfterEach
  void delete() throws IOException {
    helm("uninstall shop-platform securememcached-crds --ignore-not-found");
    server.kubectl("", "delete", "crd", CRD, "--ignore-not-found");
  }

  /** The order of examples/umbrella; upgrades are the same commands. */
  @Test
  void crdComesFirstThenOperatorAndCacheTogether() throws IOException {
    for (int i = 0; i < 2; i++) {
      succeed("upgrade --install securememcached-crds charts/securememcached-crds");
      succeed("upgrade --install shop-platform examples/umbrella");
    }
    assertThat(get("securememcacheds." + GROUP)).contains("sessions");
    assertThat(get("deployments")).contains("shop-platform-securememcached-operator");

    succeed("upgrade shop-platform examples/umbrella --set securememcached-operator.enabled=false");
    assertThat(get("deployments")).doesNotContain("shop-platform-securememcached-operator");
    assertThat(get("securememcacheds." + GROUP)).contains("sessions");

    succeed("uninstall shop-platform");
    assertThat(get("securememcacheds." + GROUP)).doesNotContain("sessions");
    succeed("uninstall securememcached-crds");
    assertThat(get("crd")).as("with all caches of the cluster").contains(CRD);
  }

  /** The counter-example: Helm looks up all kinds of a release before it creates any. */
  @Test
  void withoutTheCrdHelmInstallsNothing() throws IOException {
    ApiServer.Output output = helm("upgrade --install shop-platform examples/umbrella");
    assertThat(output.code()).isNotZero();
    assertThat(output.text()).contains("no matches for kind \"SecureMemcached\"");
    assertThat(get("deployments")).doesNotContain("shop-platform");
  }

  /** Beside those of other charts, which the operator's does not know. */
  @Test
  void globalValuesReachTheOperator() throws IOException {
    ApiServer.Output rendered =
        helm(
            "template shop-platform examples/umbrella --set global.storageClass=fast"
                + " --set global.imageRegistry=mirror.example.com"
                + " --set global.imagePullSecrets[0].name=mirror");
    assertThat(rendered.code()).as(rendered.text()).isZero();
    assertThat(rendered.text())
        .contains("image: mirror.example.com/securememcached/operator:", "- name: mirror\n")
        .doesNotContain("ghcr.io/");
    assertThat(helm("template shop-platform examples/umbrella").text())
        .contains("image: ghcr.io/securememcached/operator:")
        .doesNotContain("imagePullSecrets");
  }

  private void succeed(String command) throws IOException {
    ApiServer.Output output = helm(command);
    assertThat(output.code()).as(output.text()).isZero();
  }

  private ApiServer.Output helm(String command) throws IOException {
    return server.shell("cd " + folder + " && helm --namespace " + namespace + " " + command);
  }

  private String get(String kind) throws IOException {
    return server.kubectl("", "get", kind, "--namespace=" + namespace).text();
  }
}
