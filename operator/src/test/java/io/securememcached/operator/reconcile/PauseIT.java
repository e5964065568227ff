package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Annotation pause: servers and logins stay as they are, policies are enforced. */
@WithApiServer
class PauseIT {

  private static final String ZONE = "sourceZones: [{name: web, sources: [{cidr: 10.0.4.0/24}]}]";

  private Scene scene;

  @BeforeEach
  void createResource(ApiServer server) {
    scene = Scene.operated(server);
    scene.createAndSettle("cache", "{%s}".formatted(ZONE));
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void nothingOfServersAndLoginsChanges() {
    pause();
    Map<String, String> before = serversAndLogins();
    scene.annotate("cache", Requests.ROTATE, "1");
    scene.pass(
        () ->
            scene.edit(
                "cache", "{cacheSize: 128Mi, replicas: 3, port: 11311, users: [{name: sammy}]}"));
    scene.idle();
    assertThat(serversAndLogins()).isEqualTo(before);

    SecureMemcachedStatus status = scene.resource("cache").get().getStatus();
    assertThat(status.observedGeneration()).isEqualTo(1);
    assertThat(status.pausedSince()).isNotEmpty();
    assertThat(scene.conditionText("cache", "UpToDate"))
        .contains(
            "False",
            "Paused since " + status.pausedSince(),
            "Generation 2 of the spec is not applied");

    // The counter-example: without the pause all of it happens.
    scene.annotate("cache", Pause.ANNOTATION, "false");
    assertThat(scene.settled("cache").getStatus().pausedSince()).isEmpty();
    assertThat(scene.child(Secret.class, "cache-credentials-sammy").get()).isNotNull();
    Map<String, String> after = serversAndLogins();
    assertThat(after.get("StatefulSet/cache")).isNotEqualTo(before.get("StatefulSet/cache"));
    assertThat(after.get("Secret/cache-sasl")).isNotEqualTo(before.get("Secret/cache-sasl"));
  }

  /** Whoever revokes a login relies on its end. */
  @Test
  void revocationThatWaitsIsReported() {
    pause();
    Map<String, String> before = serversAndLogins();
    scene.annotate("cache", Requests.REVOKE + ".cache", "1");
    assertThat(scene.condition("cache", "CredentialsReady", "RevocationPaused").getMessage())
        .contains(
            "Revocation requested for user cache waits",
            "kubectl annotate --namespace %s securememcached cache securememcached.io/pause-"
                .formatted(scene.namespace));
    scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
    assertThat(revocationEvents()).hasSize(1);
    assertThat(serversAndLogins()).isEqualTo(before);

    scene.annotate("cache", Pause.ANNOTATION, "false");
    scene.condition("cache", "CredentialsReady", "Applied");
    assertThat(serversAndLogins().get("Secret/cache-sasl"))
        .isNotEqualTo(before.get("Secret/cache-sasl"));
    assertThat(revocationEvents()).hasSize(1);
  }

  private Stream<Event> revocationEvents() {
    return scene.client.v1().events().inNamespace(scene.namespace).list().getItems().stream()
        .filter(event -> event.getReason().equals("RevocationPaused"))
        .peek(event -> assertThat(event.getType()).isEqualTo("Warning"));
  }

  @Test
  void policiesAreEnforced() {
    pause();
    scene.pass(() -> scene.edit("cache", "{}"));
    scene.idle();
    assertThat(scene.child(NetworkPolicy.class, "cache-zone-web").get()).isNull();
  }

  /** A Service that somebody opens is closed again. */
  @Test
  void openedServiceIsClosed() {
    pause();
    scene
        .child(Service.class, "cache")
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"type\": \"NodePort\"}}");
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(scene.child(Service.class, "cache").get().getSpec().getType())
                    .isEqualTo("ClusterIP"));
  }

  /** It is kept, and so whoever is created from it may run anything. */
  @Test
  void changedStatefulSetIsReported() {
    pause();
    assertThat(scene.conditionText("cache", "NotExposed")).contains("True");

    scene
        .child(StatefulSet.class, "cache")
        .edit(
            set -> {
              Container server = set.getSpec().getTemplate().getSpec().getContainers().getFirst();
              server.setImage("registry.example/any");
              server.setArgs(List.of("-vv"));
              return set;
            });
    assertThat(scene.condition("cache", "NotExposed", "AuditIncomplete").getMessage())
        .contains(
            "StatefulSet cache: the resource is paused, and the operator no longer owns image, args of the template");

    scene.annotate("cache", Pause.ANNOTATION, "false");
    scene.condition("cache", "NotExposed", "NotExposed");
  }

  /** A typing error changes nothing. */
  @Test
  void everyValueButFalsePauses() {
    scene.annotate("cache", Pause.ANNOTATION, "ture");
    scene.condition("cache", "UpToDate", "Paused");
  }

  @Test
  void resourceThatIsPausedFromTheStartGetsNoServers() {
    scene.stopOperator();
    scene.create("new", "{}");
    scene.annotate("new", Pause.ANNOTATION, "true");
    scene.startOperator();
    scene.condition("new", "Ready", "Paused");
    assertThat(scene.child(NetworkPolicy.class, "new-default-deny").get()).isNotNull();
    assertThat(scene.child(StatefulSet.class, "new").get()).isNull();
    assertThat(scene.child(Secret.class, "new-sasl").get()).isNull();
  }

  private void pause() {
    scene.annotate("cache", Pause.ANNOTATION, "true");
    scene.condition("cache", "UpToDate", "Paused");
    scene.idle();
  }

  private Map<String, String> serversAndLogins() {
    Map<String, String> versions = new TreeMap<>();
    scene
        .objects()
        .filter(object -> object instanceof Secret || object instanceof StatefulSet)
        .forEach(
            object ->
                versions.put(
                    object.getKind() + "/" + object.getMetadata().getName(),
                    object.getMetadata().getResourceVersion()));
    return versions;
  }
}
