package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chart for one namespace, installed by its admin as docs/configuration.md says. */
@WithApiServer
class NamespaceInstallIT {

  private static final String PAGE = "docs/configuration.md";

  private static final String SESSIONS = "securememcacheds.securememcached.io/sessions";

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
  void adminOfANamespaceInstallsTheChartAndCreatesACache() throws IOException {
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

    assertThat(apply(namespace, chart).text())
        .contains("attempting to grant RBAC permissions not currently held");

    Path grant = Files.writeString(folder.resolve("grant.yaml"), granted);
    succeed("apply", "--server-side", "--filename=" + grant);
    assertAccepted(apply(namespace, chart));

    String cache = "--filename=examples/minimal/cache.yaml";
    assertAccepted(asJane(namespace, "apply", cache));
    assertAccepted(asJane(namespace, "get", SESSIONS));
    assertAccepted(asJane(namespace, "annotate", SESSIONS, "securememcached.io/rotate=now"));
    assertAccepted(asJane(namespace, "delete", cache));
  }

  private ApiServer.Output apply(String namespace, Path chart) throws IOException {
    return asJane(namespace, "apply", "--server-side", "--filename=" + chart);
  }

  private ApiServer.Output asJane(String namespace, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of("--as=jane", "--namespace=" + namespace));
    all.addAll(List.of(arguments));
    return server.kubectl("", all.toArray(String[]::new));
  }

  private static void assertAccepted(ApiServer.Output output) {
    assertThat(output.code()).as(output.text()).isZero();
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
    assertAccepted(server.kubectl("", arguments));
  }
}
