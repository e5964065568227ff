package io.securememcached.operator.watches;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What has the operator's label and is larger than the operator keeps, so that only its name is
 * known: whoever may annotate an object decides on its size.
 */
@WithApiServer
class PaddedObjectsIT {

  private static final String PADDING = "example.com/padding";
  private static final String PADDED = "x".repeat(70 * 1024);

  private Scene scene;

  @BeforeEach
  void start(ApiServer server) {
    scene = Scene.operated(server);
    scene.createAndSettle("cache", "{replicas: 0}");
    scene.condition("cache", Conditions.NOT_EXPOSED, "NotExposed");
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void annotationOfAnOwnServiceIsNotHiddenByPadding() {
    annotate("{\"tailscale.com/expose\": \"true\", \"%s\": \"%s\"}".formatted(PADDING, PADDED));
    assertThat(auditIncomplete()).contains("Service: cache has 7");

    annotate("{\"%s\": null}".formatted(PADDING));
    assertThat(scene.condition("cache", Conditions.NOT_EXPOSED, "Exposed").getMessage())
        .contains("Service cache: is annotated with tailscale.com/expose");

    annotate("{\"tailscale.com/expose\": null}");
    scene.condition("cache", Conditions.NOT_EXPOSED, "NotExposed");
  }

  @Test
  void foreignServiceWithTheOperatorsLabelIsNotHiddenByPadding() {
    assertNotHidden(
        new ServiceBuilder()
            .withMetadata(foreign())
            .withNewSpec()
            .withType("NodePort")
            .addToSelector("app.kubernetes.io/name", "memcached")
            .addNewPort()
            .withPort(11211)
            .endPort()
            .endSpec()
            .build());
  }

  @Test
  void foreignPolicyWithTheOperatorsLabelIsNotHiddenByPadding() {
    assertNotHidden(
        new NetworkPolicyBuilder()
            .withMetadata(foreign())
            .withNewSpec()
            .withNewPodSelector()
            .endPodSelector()
            .withIngress(new NetworkPolicyIngressRule())
            .endSpec()
            .build());
  }

  /** It names no resource, so only the next reconciliation looks at it. */
  private void assertNotHidden(HasMetadata object) {
    scene.client.resource(object).create();
    scene.change("cache", "{replicas: 0, maxConnections: 100}");
    assertThat(auditIncomplete()).contains(object.getKind() + ": open has 7");

    scene.client.resource(object).delete();
    scene.change("cache", "{replicas: 0, maxConnections: 101}");
    scene.condition("cache", Conditions.NOT_EXPOSED, "NotExposed");
  }

  private String auditIncomplete() {
    return scene.condition("cache", Conditions.NOT_EXPOSED, "AuditIncomplete").getMessage();
  }

  private ObjectMeta foreign() {
    return new ObjectMetaBuilder()
        .withNamespace(scene.namespace)
        .withName("open")
        .addToLabels(Labels.MANAGED_BY, Labels.OPERATOR)
        .addToAnnotations(PADDING, PADDED)
        .build();
  }

  private void annotate(String annotations) {
    scene
        .child(Service.class, "cache")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\": {\"annotations\": %s}}".formatted(annotations));
  }
}
