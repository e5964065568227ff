package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.install.HealthChecks;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the health checks of Argo CD and Flux say of every status that a watch sees. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class HealthE2E {

  private static final String NODE_LABEL = "securememcached-test-node";

  private final Sandbox sandbox;

  /** In the order in which the API server sent them. */
  private final List<JsonNode> seen = new CopyOnWriteArrayList<>();

  HealthE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-health");
  }

  @AfterAll
  void stop() {
    label(null);
    sandbox.close();
  }

  @Test
  void nothingThatGoesAsRequestedIsDegraded() {
    Watch watch = watch();
    try {
      String small = "cacheSize: 16Mi\nupdates: {pause: 0s}\n";
      change("life", small);
      change("life", small + "replicas: 3");
      change("life", small + "replicas: 1");
      change("life", small + "users: [{name: web}, {name: reports}]");
      change("life", small + "users: [{name: web}, {name: reports}]\nmaxConnections: 1100");
      sandbox.apply(
          "life",
          small
              + "maxConnections: 1100\nreplicas: 2\nscheduling: {nodeSelector: {%s: late}}"
                  .formatted(NODE_LABEL));
      sandbox.awaitReason("life", "WaitingForNode");
      label("late");
      sandbox.awaitReady("life");
      SecureMemcached last = change("life", small + "replicas: 0");
      // The watch may be behind the request that found it ready.
      Sandbox.eventually(
          "the watch",
          () ->
              assertThat(seen)
                  .anyMatch(
                      resource ->
                          resource
                              .at("/metadata/resourceVersion")
                              .asText()
                              .equals(last.getMetadata().getResourceVersion())));
    } finally {
      watch.close();
    }
    assertThat(seen)
        .allSatisfy(
            resource -> {
              assertThat(HealthChecks.argoCd(resource))
                  .as(status(resource))
                  .isNotEqualTo("Degraded");
              assertThat(HealthChecks.flux(resource)).as(status(resource)).isNotEqualTo("Failed");
            });
    assertThat(seen.stream().map(HealthChecks::argoCd)).contains("Progressing", "Healthy");
    assertThat(HealthChecks.argoCd(seen.getLast())).as(status(seen.getLast())).isEqualTo("Healthy");
    assertThat(HealthChecks.flux(seen.getLast())).isEqualTo("Current");
  }

  /** The counter-example: an image that does not exist. */
  @Test
  void missingImageIsDegraded() {
    sandbox.apply(
        """
        apiVersion: securememcached.io/v1beta1
        kind: SecureMemcached
        metadata: {name: missing}
        spec: {image: {reference: "securememcached.invalid/no-such-image:1"}}
        """);
    JsonNode resource = tree(sandbox.awaitReason("missing", "ServerFailing"));
    assertThat(HealthChecks.argoCd(resource)).isEqualTo("Degraded");
    assertThat(HealthChecks.flux(resource)).isEqualTo("Failed");
    sandbox.delete("missing");
  }

  private SecureMemcached change(String name, String spec) {
    sandbox.apply(name, spec);
    return sandbox.awaitReady(name);
  }

  private Watch watch() {
    return sandbox
        .client()
        .resources(SecureMemcached.class)
        .inNamespace(sandbox.namespace())
        .watch(
            new Watcher<SecureMemcached>() {
              @Override
              public void eventReceived(Action action, SecureMemcached resource) {
                if (resource.getMetadata().getName().equals("life")) {
                  seen.add(tree(resource));
                }
              }

              @Override
              public void onClose(WatcherException cause) {
                throw new AssertionError("The watch ended", cause);
              }
            });
  }

  private void label(String value) {
    var nodes = sandbox.client().nodes();
    String node = nodes.list().getItems().getFirst().getMetadata().getName();
    nodes
        .withName(node)
        .edit(
            seenNode -> {
              Map<String, String> labels = seenNode.getMetadata().getLabels();
              if (value == null) {
                labels.remove(NODE_LABEL);
              } else {
                labels.put(NODE_LABEL, value);
              }
              return seenNode;
            });
  }

  private static JsonNode tree(SecureMemcached resource) {
    return Serialization.unmarshal(Serialization.asJson(resource), JsonNode.class);
  }

  private static String status(JsonNode resource) {
    return resource.at("/metadata/generation") + " " + resource.at("/status/conditions/0");
  }
}
