package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.securememcached.operator.resource.Labels;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code kubectl securememcached verify}, as an administrator and a pipeline run it. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class VerifyCommandE2E {

  private final Installation installation;
  private final Sandbox sandbox;

  VerifyCommandE2E(Cluster cluster, Installation installation) {
    this.installation = installation;
    sandbox = new Sandbox(cluster, installation, "e2e-verify");
  }

  @BeforeAll
  void start() {
    sandbox.apply("sessions", "replicas: 2\n");
    sandbox.awaitReady("sessions");
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void hardenedServersPassAndTheOperatorGoesOn() {
    int restarts = installation.restarts();
    Figure figure = Figure.of("kubectl securememcached verify of two servers");
    Shell.Result result = verify("sessions", "-n", sandbox.namespace());
    figure.done();
    assertThat(result.code()).as("%s", result).isZero();
    assertThat(result.output())
        .contains("sessions-0 at ", "sessions-1 at ", ": 26 passed, 0 failed, 0 unknown");
    assertThat(result.errors()).isEmpty();
    assertThat(installation.restarts()).isEqualTo(restarts);
  }

  /** The counter-example has the servers' label, so that clients are sent to it as well. */
  @Test
  void serverWithoutSaslFails() {
    sandbox.apply("careless", "replicas: 1\n");
    sandbox.awaitReady("careless");
    assertThat(verify("careless", "-n", sandbox.namespace()).code()).isZero();
    Server open = new BarePods(sandbox).withoutSasl("without-sasl");
    sandbox
        .client()
        .pods()
        .inNamespace(sandbox.namespace())
        .withName(open.pod())
        .edit(
            pod ->
                new PodBuilder(pod)
                    .editMetadata()
                    .addToLabels(Labels.SERVER_OF, "careless")
                    .endMetadata()
                    .build());
    Shell.Result result = verify("careless", "-n", sandbox.namespace(), "-o", "junit");
    assertThat(result.code()).as("%s", result).isOne();
    assertThat(result.output())
        .contains(
            "<testcase classname=\"securememcached.e2e-verify.careless.without-sasl\" name=\"unauthenticated-refused\"")
        .containsOnlyOnce(
            "</failure>\n    </testcase>\n    <testcase classname=\"securememcached.e2e-verify.careless.without-sasl\" name=\"anonymous-refused\"");
  }

  @Test
  void serverOnLoopbackCannotBeTold() {
    sandbox.apply("inner", "listen: Loopback\n");
    sandbox.awaitReady("inner");
    Shell.Result result = verify("inner", "-n", sandbox.namespace(), "-o", "json");
    assertThat(result.code()).as("%s", result).isEqualTo(2);
    assertThat(result.output()).contains("\"unknown\" : 13").contains("kubectl port-forward");
  }

  @Test
  void resourceThatIsNotThereIsNamed() {
    Shell.Result result =
        verify(
            "nothing", "-n", sandbox.namespace(), "--operator-namespace", Installation.NAMESPACE);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.output()).isEmpty();
    assertThat(result.errors()).contains("SecureMemcached nothing not found");
  }

  private Shell.Result verify(String... arguments) {
    return installation.plugin(
        Stream.concat(Stream.of("verify"), Stream.of(arguments)).toArray(String[]::new));
  }
}
