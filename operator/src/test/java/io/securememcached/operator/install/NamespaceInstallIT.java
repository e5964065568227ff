package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chart for one namespace, installed by its admin as docs/configuration.md says. */
@WithApiServer
class NamespaceInstallIT {

  private static final String PAGE = "docs/configuration.md";

  /** What the ClusterRole admin joins; no controller does it on this API server. */
  private static final String[] ADMIN = {
    "system:aggregate-to-admin", "system:aggregate-to-edit", "system:aggregate-to-view"
  };

  private final ApiServer server;
  private final Path folder;

  NamespaceInstallIT(ApiServer server, @TempDir Path folder) {
    this.server = server;
    this.folder = folder;
  }

  /**
   * The counter-example comes first: without the page's Role the API server refuses the chart's.
   */
  @Test
  void adminOfANamespaceInstallsTheChart() throws IOException {
    String namespace = server.newNamespace();
    String granted = granted().replace("namespace: shop", "namespace: " + namespace);
    assertThat(granted).contains("namespace: " + namespace);
    for (String role : ADMIN) {
      succeed(
          "create",
          "rolebinding",
          role.replace(':', '-'),
          "--namespace=" + namespace,
          "--clusterrole=" + role,
          "--user=jane");
    }
    Path chart = Files.writeString(folder.resolve("chart.yaml"), chart(namespace));

    assertThat(asJane(namespace, chart).text())
        .contains("attempting to grant RBAC permissions not currently held");

    Path grant = Files.writeString(folder.resolve("grant.yaml"), granted);
    succeed("apply", "--server-side", "--filename=" + grant);
    ApiServer.Output installed = asJane(namespace, chart);
    assertThat(installed.code()).as(installed.text()).isZero();
  }

  private ApiServer.Output asJane(String namespace, Path chart) throws IOException {
    return server.kubectl(
        "",
        "--as=jane",
        "apply",
        "--server-side",
        "--namespace=" + namespace,
        "--filename=" + chart);
  }

  /** With the values of the page's command. */
  private static String chart(String namespace) throws IOException {
    String command = block(CodeBlocks.Kind.CONSOLE, "crds.install=false");
    String values = command.substring(command.indexOf('\'') + 1, command.lastIndexOf('\''));
    Helm.Result rendered =
        new Helm().template("--namespace=" + namespace, "--skip-tests", "--set=" + values);
    assertThat(rendered.code()).as(rendered.output()).isZero();
    return rendered.output();
  }

  private static String granted() throws IOException {
    return block(CodeBlocks.Kind.MANIFEST, "securememcached-installer");
  }

  private static String block(CodeBlocks.Kind kind, String text) throws IOException {
    return CodeBlocks.all().stream()
        .filter(block -> block.place().startsWith(PAGE + ":"))
        .filter(block -> block.kind() == kind && block.text().contains(text))
        .findFirst()
        .orElseThrow()
        .text();
  }

  private void succeed(String... arguments) throws IOException {
    ApiServer.Output output = server.kubectl("", arguments);
    assertThat(output.code()).as(output.text()).isZero();
  }
}
