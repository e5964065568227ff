package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.status.Pods;
import java.util.List;

/** Compares what the resources say with what there is. */
final class ChaosStatus {

  private final Sandbox sandbox;
  private final Place friend;

  ChaosStatus(Sandbox sandbox, Place friend) {
    this.sandbox = sandbox;
    this.friend = friend;
  }

  /** Waits until it is so. */
  void everyStatusIsTrue() {
    for (String name : List.of("one", "two")) {
      sandbox.awaitReady(name);
      Sandbox.eventually(
          "a status that is true of " + name,
          () -> {
            SecureMemcached resource = sandbox.get(name);
            List<Pod> ready = readyNow(name);
            assertThat(resource.getStatus().readyServers())
                .isEqualTo(ready.size() + "/" + resource.getSpec().replicas());
            assertThat(resource.getStatus().servers())
                .filteredOn(server -> server.ready())
                .extracting(server -> server.name())
                .containsExactlyInAnyOrderElementsOf(
                    ready.stream().map(pod -> pod.getMetadata().getName()).toList());
            assertThat(resource.getStatus().conditions())
                .filteredOn(condition -> !condition.getType().equals("ImageSupported"))
                .extracting(condition -> condition.getType() + " " + condition.getStatus())
                .doesNotContain("Ready False", "NotExposed False", "CredentialsReady False");
            for (CredentialsStatus login : resource.getStatus().credentials()) {
              PlainCredentials published = published(login.secretName());
              assertThat(published.user()).isEqualTo(login.username());
              assertThat(published.password()).doesNotStartWith(ChaosLogins.FORGED);
            }
          });
    }
    Checks checks = new Checks(sandbox, friend);
    for (Pod pod : readyNow("one")) {
      for (String user : ChaosActs.USERS) {
        Server server = sandbox.server(pod.getMetadata().getName(), "one-credentials-" + user);
        checks.letsUserIn(server, server.login().user());
      }
    }
  }

  private PlainCredentials published(String name) {
    Secret secret =
        sandbox.client().secrets().inNamespace(sandbox.namespace()).withName(name).get();
    assertThat(secret).as(name).isNotNull();
    return ChaosLogins.login(secret);
  }

  private List<Pod> readyNow(String name) {
    return sandbox
        .client()
        .pods()
        .inNamespace(sandbox.namespace())
        .withLabel(Labels.SERVER_OF, name)
        .list()
        .getItems()
        .stream()
        .filter(Pods::isReady)
        .toList();
  }
}
