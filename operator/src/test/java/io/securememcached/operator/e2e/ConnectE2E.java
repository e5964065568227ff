package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code kubectl securememcached connect}, as a developer with few rights runs it. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class ConnectE2E {

  private static final PolicyRule RESOURCE = rule("securememcached.io", "securememcacheds", "get");
  private static final PolicyRule LOGIN =
      new PolicyRuleBuilder(rule("", "secrets", "get"))
          .withResourceNames("sessions-credentials-sammy")
          .build();
  private static final PolicyRule POD = rule("", "pods", "get");
  private static final PolicyRule FORWARD = rule("", "pods/portforward", "create");

  private final Cluster cluster;
  private final Installation installation;
  private final Sandbox sandbox;

  @TempDir Path folder;

  ConnectE2E(Cluster cluster, Installation installation) {
    this.cluster = cluster;
    this.installation = installation;
    sandbox = new Sandbox(cluster, installation, "e2e-connect");
  }

  @BeforeAll
  void start() {
    // No source zone: nobody but the operator reaches the servers by the network.
    sandbox.apply(
        "sessions",
        """
        replicas: 2
        users:
          - name: sammy
          - name: reports
        """);
    sandbox.awaitReady("sessions");
    grant("dev", RESOURCE, LOGIN, POD, FORWARD);
    grant("without-secret", RESOURCE, POD, FORWARD);
    grant("without-forward", RESOURCE, LOGIN, POD);
    grant("without-resource", LOGIN, POD, FORWARD);
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void developerReadsAndWritesOneServer() throws IOException {
    assertThat(connect("dev", "--user", "sammy", "--", "set", "greeting", "hello world").code())
        .isZero();
    Shell.Result read = connect("dev", "--user", "sammy", "--", "get", "greeting");
    assertThat(read).isEqualTo(new Shell.Result(0, "hello world", ""));
    Shell.Result other =
        connect("dev", "--user", "sammy", "--server", "1", "--", "get", "greeting");
    assertThat(other).isEqualTo(new Shell.Result(1, "", "greeting: not found"));
    assertThat(connect("dev", "--user", "sammy", "--", "version").output())
        .isEqualTo(TestedFlavor.VERSION);
    assertThat(connect("dev", "--user", "sammy", "--", "stats").output()).contains("pid 1\n");
    assertThat(connect("dev", "--user", "sammy", "--", "delete", "greeting").code()).isZero();
    assertThat(connect("dev", "--user", "sammy", "--", "get", "greeting").code()).isOne();
  }

  @Test
  void missingRightIsNamed() throws IOException {
    assertRefused("without-secret", "permission to get Secret sessions-credentials-sammy");
    assertRefused("without-forward", "permission to get pods and to create pods/portforward");
    assertRefused("without-resource", "could not read e2e-connect/sessions");
  }

  @Test
  void whatIsNotThereIsNamedWithWhatIs() throws IOException {
    assertThat(connect("dev", "--", "version").errors())
        .contains("has several users, choose one of ", "sammy", "reports");
    assertThat(connect("dev", "--user", "eve", "--", "version").errors())
        .contains("has no user eve: choose one of ");
    assertThat(connect("dev", "--user", "sammy", "--server", "7", "--", "version").errors())
        .contains("has no server sessions-7: choose one of sessions-0, sessions-1");
  }

  private void assertRefused(String user, String message) throws IOException {
    Shell.Result result = connect(user, "--user", "sammy", "--", "version");
    assertThat(result.errors()).contains("orbidden", message);
    assertThat(result.output()).isEmpty();
    assertThat(result.code()).isEqualTo(2);
  }

  private Shell.Result connect(String user, String... arguments) throws IOException {
    Path kubeconfig = folder.resolve(user);
    Files.writeString(
        kubeconfig,
        Files.readString(cluster.kubeconfig())
            .replaceFirst("(?m)^( +)client-certificate-data:", "$1as: " + user + "\n$0"));
    return installation.plugin(
        Stream.concat(
                Stream.of(
                    "connect",
                    "sessions",
                    "-n",
                    sandbox.namespace(),
                    "--kubeconfig",
                    kubeconfig.toString()),
                Stream.of(arguments))
            .toArray(String[]::new));
  }

  private static PolicyRule rule(String group, String resource, String verb) {
    return new PolicyRuleBuilder()
        .withApiGroups(group)
        .withResources(resource)
        .withVerbs(verb)
        .build();
  }

  private void grant(String user, PolicyRule... rules) {
    sandbox
        .client()
        .rbac()
        .roles()
        .inNamespace(sandbox.namespace())
        .resource(
            new RoleBuilder()
                .withNewMetadata()
                .withName(user)
                .endMetadata()
                .withRules(List.of(rules))
                .build())
        .create();
    sandbox
        .client()
        .rbac()
        .roleBindings()
        .inNamespace(sandbox.namespace())
        .resource(
            new RoleBindingBuilder()
                .withNewMetadata()
                .withName(user)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "Role", user)
                .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                .build())
        .create();
  }
}
