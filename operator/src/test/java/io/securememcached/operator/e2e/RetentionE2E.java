package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which logins outlive their resource, with the cluster's own garbage collector at work. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class RetentionE2E {

  private final Sandbox sandbox;

  RetentionE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-retention");
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void retainedLoginsAreTakenOverByTheNextLifeOfTheResource() {
    String spec = "replicas: 0\ndeletionPolicy: Retain";
    String password = create("kept", spec);
    delete("kept");
    assertThat(secrets("kept"))
        .extracting(secret -> secret.getMetadata().getName())
        .containsExactlyInAnyOrder("kept-sasl", "kept-operator", "kept-credentials");
    assertThat(create("kept", spec)).isEqualTo(password);
  }

  /** The counter-example, and the default. */
  @Test
  void otherLoginsGoWithTheResource() {
    String password = create("gone", "replicas: 0");
    delete("gone");
    Sandbox.eventually("the Secrets to go", () -> assertThat(secrets("gone")).isEmpty());
    assertThat(create("gone", "replicas: 0")).isNotEqualTo(password);
  }

  private String create(String name, String spec) {
    sandbox.apply(name, spec);
    sandbox.awaitReady(name);
    return sandbox.secret(name + "-credentials").get("password");
  }

  /** Deletes, and waits until the garbage collector was there. */
  private void delete(String name) {
    sandbox.delete(name);
    Sandbox.eventually(
        "the servers to go",
        () ->
            assertThat(
                    sandbox
                        .client()
                        .apps()
                        .statefulSets()
                        .inNamespace(sandbox.namespace())
                        .withName(name)
                        .get())
                .isNull());
  }

  private List<Secret> secrets(String of) {
    return sandbox
        .client()
        .secrets()
        .inNamespace(sandbox.namespace())
        .withLabel("securememcached.io/resource", of)
        .list()
        .getItems();
  }
}
