package io.securememcached.operator.watches;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.ServiceSpecBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Slices under the name of Kubernetes' own controller, on an API server without that controller,
 * which would leave those of Services without a selector alone.
 */
@WithApiServer
class ForgedSlicesIT {

  private static final String SERVER = "192.0.2.7";
  private static final String OTHER = "192.0.2.8";
  private static final String PADDING = "x".repeat(70 * 1024);

  /** Lists of slices; a watch that begins again looks the same. */
  private final List<String> requests = new CopyOnWriteArrayList<>();

  private volatile boolean refused;
  private Scene scene;

  @BeforeEach
  void createServer(ApiServer server) {
    scene = Scene.quiet(server);
    scene.startOperator(
        request -> {
          if (request.endsWith("/endpointslices")) {
            requests.add(request);
            if (refused) {
              throw new KubernetesClientException("no slices today");
            }
          }
        });
    scene.createAndSettle("cache", "{listen: Loopback}");
    scene.observeStatefulSet("cache");
    scene
        .client
        .resource(
            new PodBuilder(ServedPod.ofSet(scene, "cache-0"))
                .editMetadata()
                .addToLabels("controller-revision-hash", "now")
                .endMetadata()
                .build())
        .create();
    scene.child(Pod.class, "cache-0").editStatus(seen -> ServedPod.readyAt(seen, SERVER));
    scene.idle();
    scene.condition("cache", Conditions.NOT_EXPOSED, "NotExposed");
    requests.clear();
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void forgedSliceIsFoundWithTheNextReconciliation() {
    create("open", nodePort().build());
    EndpointSlice slice = create("forged", "open", SERVER, "");
    look("1");
    assertThat(message("Exposed"))
        .contains("EndpointSlice forged: adds server addresses to Service open");

    // Whoever did as the condition says sees it without an event.
    scene.client.resource(slice).delete();
    scene.condition("cache", Conditions.NOT_EXPOSED, "NotExposed");
  }

  /** Other slices change all the time. */
  @Test
  void listCountsForSomeSeconds() {
    create("open", nodePort().build());
    create("elsewhere", "open", OTHER, "");
    look("1");
    scene.idle();
    requests.clear();
    scene.pass(() -> annotate("2"));
    assertThat(requests).isEmpty();
    scene.pass(() -> look("3"));
    assertThat(requests).hasSize(1);
  }

  /** The counter-examples: these slices are the controller's, or reach nobody. */
  @Test
  void nothingIsRequestedWithoutAServiceWithoutASelector() {
    create("selecting", nodePort().addToSelector("app", "web").build());
    create("of-controller", "selecting", SERVER, "");
    create(
        "alias",
        new ServiceSpecBuilder().withType("ExternalName").withExternalName("example.com").build());
    create("of-alias", "alias", SERVER, "");
    scene.pass(() -> look("1"));
    assertThat(requests).isEmpty();
    assertThat(scene.conditionText("cache", Conditions.NOT_EXPOSED)).startsWith("True");

    create("other", nodePort().build());
    create("elsewhere", "other", OTHER, "");
    scene.pass(() -> look("2"));
    assertThat(requests)
        .isNotEmpty()
        .containsOnly(
            "GET /apis/discovery.k8s.io/v1/namespaces/%s/endpointslices"
                .formatted(scene.namespace));
    assertThat(scene.conditionText("cache", Conditions.NOT_EXPOSED)).startsWith("True");
  }

  /** Nobody knows whether it has a selector, so the controller's own slices would look forged. */
  @Test
  void nothingIsRequestedForAServiceThatIsTooLarge() {
    scene
        .client
        .resource(
            new ServiceBuilder()
                .withMetadata(meta("padded"))
                .editMetadata()
                .addToAnnotations("securememcached.io/padding", PADDING)
                .endMetadata()
                .withSpec(nodePort().addToSelector("app", "web").build())
                .build())
        .create();
    create("of-controller", "padded", SERVER, "");
    look("1");
    assertThat(message("AuditIncomplete")).contains("Service: padded has 7");
    assertThat(requests).isEmpty();
  }

  @Test
  void sliceThatIsTooLargeIsNamed() {
    create("open", nodePort().build());
    create("forged", "open", SERVER, PADDING);
    look("1");
    assertThat(message("AuditIncomplete")).contains("EndpointSlice: forged has 7");
  }

  /** Behind them one could hide, and all of them would be in memory. */
  @Test
  void moreSlicesThanAreReadAreReported() {
    create("open", nodePort().build());
    for (int i = 0; i < 101; i++) {
      create("padding-" + i, "open", OTHER, "");
    }
    look("1");
    assertThat(message("AuditIncomplete"))
        .contains("EndpointSlice: not all slices of Services without a selector are audited");
  }

  @Test
  void slicesOfMoreServicesThanFitIntoARequestAreFound() {
    for (int i = 0; i < 101; i++) {
      create("padding-" + i, new ServiceSpecBuilder().withClusterIP("None").build());
    }
    create("zz-open", nodePort().build());
    create("forged", "zz-open", SERVER, "");
    look("1");
    assertThat(message("Exposed"))
        .contains("EndpointSlice forged: adds server addresses to Service zz-open");
  }

  @Test
  void refusedListMakesTheAuditIncomplete() {
    refused = true;
    create("open", nodePort().build());
    assertThat(message("AuditIncomplete")).contains("EndpointSlice: no slices today");

    refused = false;
    scene.condition("cache", Conditions.NOT_EXPOSED, "NotExposed");
  }

  private String message(String reason) {
    return scene.condition("cache", Conditions.NOT_EXPOSED, reason).getMessage();
  }

  private static ServiceSpecBuilder nodePort() {
    return new ServiceSpecBuilder().withType("NodePort").addNewPort().withPort(11211).endPort();
  }

  private Service create(String name, ServiceSpec spec) {
    return scene
        .client
        .resource(new ServiceBuilder().withMetadata(meta(name)).withSpec(spec).build())
        .create();
  }

  private ObjectMeta meta(String name) {
    return new ObjectMetaBuilder().withNamespace(scene.namespace).withName(name).build();
  }

  private EndpointSlice create(String name, String service, String address, String padding) {
    return scene
        .client
        .resource(
            new EndpointSliceBuilder()
                .withMetadata(meta(name))
                .editMetadata()
                .addToLabels("kubernetes.io/service-name", service)
                .addToLabels(
                    "endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io")
                .addToAnnotations("securememcached.io/padding", padding)
                .endMetadata()
                .withAddressType("IPv4")
                .addNewEndpoint()
                .withAddresses(address)
                .endEndpoint()
                .addNewPort()
                .withName("")
                .withPort(11211)
                .withProtocol("TCP")
                .endPort()
                .build())
        .create();
  }

  /** Causes a reconciliation that lists slices: no event of a slice does. */
  private void look(String value) {
    scene.operator().passTime(Duration.ofSeconds(10));
    annotate(value);
  }

  private void annotate(String value) {
    scene
        .child(Pod.class, "cache-0")
        .patch(
            PatchContext.of(PatchType.STRATEGIC_MERGE),
            "{\"metadata\": {\"annotations\": {\"example.com/look\": \"%s\"}}}".formatted(value));
  }
}
