package io.securememcached.operator.children;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.resource.ExternalServices;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.KubectlYaml;
import io.securememcached.operator.testing.PlayedLoadBalancer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Services for clients outside of the cluster, with a load balancer that the test plays. */
@WithApiServer
class ExternalServicesIT {

  private static final String EXTERNAL = "external: {provider: MetalLB}";
  private static final String ONE = "10.0.4.0/24";
  private static final String OTHER = "10.0.5.0/24";
  private static final String THIRD = "10.0.6.0/24";

  @Test
  void eachServerHasAServiceAndClientsGetTheAddresses(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", spec(2, ONE));
      for (String name : List.of("cache-0-external", "cache-1-external")) {
        Service service = scene.child(Service.class, name).get();
        assertThat(service.getSpec().getLoadBalancerSourceRanges()).containsExactly(ONE);
        assertThat(service.getSpec().getExternalTrafficPolicy()).isEqualTo("Local");
        assertThat(service.getSpec().getPorts().getFirst().getNodePort()).isNull();
        assertThat(service.getSpec().getSelector())
            .isEqualTo(
                Map.of(
                    "securememcached.io/server-of",
                    "cache",
                    "statefulset.kubernetes.io/pod-name",
                    name.replace("-external", "")));
      }
      scene.condition("cache", Conditions.EXTERNAL_RESTRICTED, "ExternalAddressPending");

      PlayedLoadBalancer.give(scene, "cache-0-external", "10.31.0.1");
      scene.idle();
      assertThat(scene.child(Secret.class, "cache-external-credentials").get())
          .as("a list of some of the servers")
          .isNull();

      PlayedLoadBalancer.give(scene, "cache-1-external", "10.31.0.2");
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(scene.child(Secret.class, "cache-external-credentials").get())
                      .isNotNull());
      assertThat(scene.value("cache-external-credentials", "servers"))
          .isEqualTo("10.31.0.1:11211,10.31.0.2:11211");
      assertThat(scene.value("cache-external-credentials", "host")).isEqualTo("10.31.0.1");
      assertThat(scene.value("cache-external-credentials", "password"))
          .isEqualTo(scene.value("cache-credentials", "password"));
      scene.condition("cache", Conditions.EXTERNAL_RESTRICTED, "ExternalNotVerifiable");

      String before = scene.value("cache-credentials", "username");
      scene.annotate("cache", "securememcached.io/revoke.cache", "now");
      Scene.soon()
          .untilAsserted(
              () -> {
                assertThat(scene.value("cache-credentials", "username")).isNotEqualTo(before);
                assertThat(scene.value("cache-external-credentials", "username"))
                    .isEqualTo(scene.value("cache-credentials", "username"));
              });

      scene.change(
          "cache",
          "{replicas: 2, sourceZones: [{name: web, sources: [{cidr: %s}]}]}".formatted(ONE));
      assertNoneLeft(scene);
      assertThat(scene.conditionText("cache", Conditions.EXTERNAL_RESTRICTED)).isEmpty();
    }
  }

  /** As kubectl wait would find it: who waits for the condition reads the Secret next. */
  @Test
  void addressOfTheMomentIsPendingUntilClientsCanReadIt(ApiServer server) {
    AtomicReference<String> late = new AtomicReference<>("none");
    List<String> said = new CopyOnWriteArrayList<>();
    try (Scene scene = Scene.quiet(server)) {
      scene.startOperator(
          request -> {
            if (!request.startsWith("PATCH")) {
              return;
            }
            if (request.endsWith(late.get())) {
              // After the children of this reconciliation were decided on.
              late.set("none");
              PlayedLoadBalancer.give(scene, "cache-0-external", "10.31.0.1");
            } else if (request.endsWith("/secrets/cache-external-credentials")) {
              said.add(scene.conditionText("cache", Conditions.EXTERNAL_RESTRICTED));
            }
          });
      scene.createAndSettle("cache", spec(1, ONE));
      scene.idle();
      late.set("/services/cache-0-external");
      scene.change("cache", spec(1, ONE, OTHER));
      scene.condition("cache", Conditions.EXTERNAL_RESTRICTED, "ExternalNotVerifiable");
      assertThat(said)
          .isNotEmpty()
          .allSatisfy(
              text ->
                  assertThat(text)
                      .contains("not yet in the Secrets", "cache-external-credentials"));
      assertThat(scene.value("cache-external-credentials", "servers")).isEqualTo("10.31.0.1:11211");
    }
  }

  @Test
  void unchangedResourceIsNotWritten(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", spec(1, OTHER, ONE));
      PlayedLoadBalancer.give(scene, "cache-0-external", "10.31.0.1");
      scene.condition("cache", Conditions.EXTERNAL_RESTRICTED, "ExternalNotVerifiable");
      scene.idle();
      Map<String, String> before = scene.versions();
      scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
      Map<String, String> after = scene.versions();
      before.remove("SecureMemcached cache");
      after.remove("SecureMemcached cache");
      assertThat(after).isEqualTo(before);
    }
  }

  @Test
  void rangesAreNarrowedBeforeThePolicyAndWidenedAfterIt(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", spec(1, ONE, OTHER));
      scene.idle();
      int before = scene.operator().writes().size();

      scene.change("cache", spec(1, OTHER, THIRD));
      scene.idle();
      assertThat(ranges(scene)).containsExactly(OTHER, THIRD);
      assertThat(writes(scene, before))
          .containsSubsequence(
              "PATCH services/cache-0-external",
              "PATCH networkpolicies/cache-zone-web",
              "PATCH services/cache-0-external");

      int next = scene.operator().writes().size();
      scene.change("cache", spec(1, ONE, OTHER, THIRD));
      scene.idle();
      assertThat(writes(scene, next))
          .as("widened once, after the policy")
          .containsExactly(
              "PATCH networkpolicies/cache-zone-web", "PATCH services/cache-0-external");
    }
  }

  @Test
  void withoutACidrThereIsNoServiceAndTheLastOneClosesFirst(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      String pods =
          "{replicas: 1, %s, sourceZones: [{name: web, sources: [{podSelector: {matchLabels: {app: web}}}]}]}";
      scene.createAndSettle("cache", pods.formatted(EXTERNAL));
      scene.condition("cache", Conditions.EXTERNAL_RESTRICTED, "NoCidrSource");
      assertNoneLeft(scene);
      assertThat(scene.conditionText("cache", Conditions.READY)).doesNotContain("NoCidrSource");

      scene.change("cache", spec(1, ONE));
      assertThat(ranges(scene)).containsExactly(ONE);
      PlayedLoadBalancer.give(scene, "cache-0-external", "10.31.0.1");
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(scene.child(Secret.class, "cache-external-credentials").get())
                      .isNotNull());
      scene.idle();
      int before = scene.operator().writes().size();

      scene.change("cache", pods.formatted(EXTERNAL));
      assertNoneLeft(scene);
      assertThat(writes(scene, before))
          .containsSubsequence(
              "DELETE services/cache-0-external", "PATCH networkpolicies/cache-zone-web");
      scene.condition("cache", Conditions.EXTERNAL_RESTRICTED, "NoCidrSource");
    }
  }

  @Test
  void zonesThatBecomeTooWideKeepTheAddress(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", spec(1, ONE, OTHER));
      PlayedLoadBalancer.give(scene, "cache-0-external", "10.31.0.1");
      String uid = scene.child(Service.class, "cache-0-external").get().getMetadata().getUid();
      scene.change("cache", spec(1, OTHER, "52.0.0.0/8", "54.0.0.0/8"));
      scene.condition("cache", Conditions.EXTERNAL_RESTRICTED, "ExternalSourcesTooWide");
      assertThat(ranges(scene)).containsExactly(OTHER);
      scene.change("cache", spec(1, OTHER, "52.0.0.0/8"));
      assertThat(ranges(scene)).containsExactly(OTHER, "52.0.0.0/8");
      assertThat(scene.child(Service.class, "cache-0-external").get().getMetadata().getUid())
          .isEqualTo(uid);
    }
  }

  /** kube-proxy lets everybody in where all ranges are of another family than the Service. */
  @Test
  void serviceOfAnotherFamilyIsReplaced(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", spec(1, ONE));
      assertThat(scene.child(Service.class, "cache-0-external").get().getSpec().getIpFamilies())
          .containsExactly("IPv4");
      scene.edit("cache", spec(1, "'fd00:1::/64'"));
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(scene.conditionText("cache", Conditions.EXTERNAL_RESTRICTED))
                      .contains("cache-0-external", "IPv6"));
      assertNoneLeft(scene);
      scene.change("cache", spec(1, "'fd00:1::/64'", ONE));
      assertThat(ranges(scene)).containsExactly(ONE, "fd00:1::/64");
    }
  }

  /** As a cloud's controller does until its load balancer is gone. */
  @Test
  void serviceHeldByAFinalizerIsAwaitedAndHoldsNothingElseBack(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", spec(1, ONE));
      tamper(scene, "{metadata: {finalizers: [service.kubernetes.io/load-balancer-cleanup]}}");
      scene.idle();
      scene.edit("cache", spec(1, "'fd00:1::/64'"));
      assertThat(
              scene
                  .condition("cache", Conditions.EXTERNAL_RESTRICTED, "ExternalClosing")
                  .getMessage())
          .contains("cache-0-external", "creates them anew", "finalizer");
      assertNothingElseWaits(scene);

      scene.edit("cache", spec(1, OTHER));
      scene.idle();
      tamper(scene, "{metadata: {finalizers: null}}");
      Scene.soon().untilAsserted(() -> assertThat(ranges(scene)).containsExactly(OTHER));
      scene.condition("cache", Conditions.EXTERNAL_RESTRICTED, "ExternalAddressPending");
    }
  }

  /** The API server of this test has no IPv6, and rejects the Service. */
  @Test
  void rejectedServiceHoldsNothingElseBack(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", spec(1, "'fd00:1::/64'"));
      scene.condition("cache", Conditions.EXTERNAL_RESTRICTED, "ChildRejected");
      assertNothingElseWaits(scene);
    }
  }

  /** Resource "cache" wants the name that resource "cache-external" has by default. */
  @Test
  void takenNamesAreSaidAndNobodyOverwritesTheOther(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle(
          "cache-external",
          "{replicas: 1, sourceZones: [{name: web, sources: [{cidr: %s}]}]}".formatted(ONE));
      String password = scene.value("cache-external-credentials", "password");
      scene.createAndSettle("cache", spec(1, ONE));
      PlayedLoadBalancer.give(scene, "cache-0-external", "10.31.0.1");
      assertThat(
              scene.condition("cache", Conditions.EXTERNAL_RESTRICTED, "NameConflict").getMessage())
          .contains(
              "Secret cache-external-credentials already exists and is owned by SecureMemcached cache-external",
              "rename one of the two resources, or remove spec.external here");
      assertNothingElseWaits(scene);
      assertThat(scene.value("cache-external-credentials", "password")).isEqualTo(password);
    }
  }

  /** A revocation reaches the login, which servers would get, and no condition of Ready failed. */
  private static void assertNothingElseWaits(Scene scene) {
    for (String type :
        List.of(
            Conditions.READY,
            Conditions.SERVERS_READY,
            Conditions.CREDENTIALS_READY,
            Conditions.NETWORK_POLICIES_APPLIED)) {
      assertThat(scene.conditionText("cache", type))
          .doesNotContain("ChildRejected", "NameConflict", "-external");
    }
    String before = scene.value("cache-credentials", "username");
    scene.annotate("cache", "securememcached.io/revoke.cache", "now-" + before);
    Scene.soon()
        .untilAsserted(
            () -> assertThat(scene.value("cache-credentials", "username")).isNotEqualTo(before));
  }

  @Test
  void fewerServersHaveFewerServices(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", spec(2, ONE));
      scene.change("cache", spec(1, ONE));
      assertThat(scene.child(Service.class, "cache-1-external").get()).isNull();
      assertThat(ranges(scene)).containsExactly(ONE);
    }
  }

  @Test
  void annotationsAreTheAdministratorsChoice(ApiServer server) {
    try (Scene scene = Scene.quiet(server)) {
      scene.startOperator(Map.of("EXTERNAL_ALLOWED_ANNOTATIONS", "example.com/subnet"));
      scene.create(
          "cache",
          """
          {
            annotations: {service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing},
            external: {
              provider: AWS,
              annotations: {example.com/subnet: a, example.com/other: b}},
            sourceZones: [{name: web, sources: [{cidr: 10.0.4.0/24}]}]
          }
          """);
      assertThat(
              scene
                  .condition(
                      "cache", Conditions.EXTERNAL_RESTRICTED, "ExternalAnnotationNotAllowed")
                  .getMessage())
          .contains("example.com/other")
          .doesNotContain("example.com/subnet");
      assertThat(
              scene.child(Service.class, "cache-0-external").get().getMetadata().getAnnotations())
          .isEqualTo(
              Map.of(
                  "example.com/subnet",
                  "a",
                  "service.beta.kubernetes.io/aws-load-balancer-type",
                  "external",
                  "service.beta.kubernetes.io/aws-load-balancer-scheme",
                  "internal",
                  "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type",
                  "ip",
                  "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes",
                  "preserve_client_ip.enabled=true"));
    }
  }

  /** What somebody else does, as a JSON merge patch, and what the event says. */
  private static final Map<String, String> TAMPERINGS =
      Map.of(
          "{spec: {loadBalancerSourceRanges: null}}", "loadBalancerSourceRanges was empty",
          "{spec: {loadBalancerSourceRanges: [0.0.0.0/0]}}",
              "loadBalancerSourceRanges was 0.0.0.0/0",
          "{spec: {externalTrafficPolicy: Cluster}}", "externalTrafficPolicy was Cluster",
          "{spec: {type: NodePort, loadBalancerSourceRanges: null}}", "type was NodePort",
          "{spec: {selector: {statefulset.kubernetes.io/pod-name: other-0}}}",
              "selector was changed",
          "{spec: {allocateLoadBalancerNodePorts: true}}", "a port of every node led to the server",
          "{spec: {externalIPs: [192.0.2.1]}}", "externalIPs were added",
          "{metadata: {annotations: {service.beta.kubernetes.io/azure-allowed-ip-ranges: 0.0.0.0/0}}}",
              "annotation service.beta.kubernetes.io/azure-allowed-ip-ranges was added or changed");

  @TestFactory
  Stream<DynamicTest> tamperingIsRestoredAndReported(ApiServer server) {
    return TAMPERINGS.entrySet().stream()
        .map(
            tampering ->
                dynamicTest(
                    tampering.getKey(),
                    () -> {
                      try (Scene scene = Scene.operated(server)) {
                        scene.createAndSettle("cache", spec(1, ONE));
                        Service pristine = scene.child(Service.class, "cache-0-external").get();
                        tamper(scene, tampering.getKey());
                        Scene.soon()
                            .untilAsserted(
                                () ->
                                    assertThat(
                                            ExternalServices.changes(
                                                scene
                                                    .child(Service.class, "cache-0-external")
                                                    .get(),
                                                pristine))
                                        .isEmpty());
                        Scene.soon()
                            .untilAsserted(
                                () ->
                                    assertThat(restored(scene))
                                        .anySatisfy(
                                            text ->
                                                assertThat(text).contains(tampering.getValue())));
                      }
                    }));
  }

  /**
   * With owner, labels and name it counts as the operator's own in the exposure audit, and so it
   * must not stay.
   */
  @Test
  void completeForgeryIsDeleted(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", spec(1, ONE));
      Service own = scene.child(Service.class, "cache-0-external").get();
      scene
          .client
          .resource(
              new ServiceBuilder()
                  .withNewMetadata()
                  .withNamespace(scene.namespace)
                  .withName("cache-7-external")
                  .withLabels(own.getMetadata().getLabels())
                  .withOwnerReferences(own.getMetadata().getOwnerReferences())
                  .endMetadata()
                  .withNewSpec()
                  .withType("LoadBalancer")
                  .withSelector(Map.of(Labels.SERVER_OF, "cache"))
                  .addNewPort()
                  .withPort(11211)
                  .endPort()
                  .endSpec()
                  .build())
          .create();
      Scene.soon()
          .untilAsserted(
              () -> assertThat(scene.child(Service.class, "cache-7-external").get()).isNull());
      assertThat(scene.child(Service.class, "cache-0-external").get()).isNotNull();
    }
  }

  /** The counter-example: without an operator each stays, and the comparison sees it. */
  @TestFactory
  Stream<DynamicTest> tamperingStaysWithoutOperator(ApiServer server) {
    return TAMPERINGS.keySet().stream()
        .map(
            tampering ->
                dynamicTest(
                    tampering,
                    () -> {
                      try (Scene scene = Scene.operated(server)) {
                        scene.createAndSettle("cache", spec(1, ONE));
                        scene.stopOperator();
                        Service pristine = scene.child(Service.class, "cache-0-external").get();
                        tamper(scene, tampering);
                        assertThat(
                                ExternalServices.changes(
                                    scene.child(Service.class, "cache-0-external").get(), pristine))
                            .isNotEmpty();
                      }
                    }));
  }

  @Test
  void ownChangesAreNotReported(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", spec(1, ONE));
      scene.change("cache", spec(1, OTHER));
      scene.change("cache", spec(1, OTHER).replace("MetalLB", "OpenStack"));
      scene.change("cache", spec(1, OTHER).replace("MetalLB", "AKS"));
      scene.idle();
      assertThat(restored(scene)).isEmpty();
      Service service = scene.child(Service.class, "cache-0-external").get();
      assertThat(service.getSpec().getPorts().getFirst().getNodePort()).isNull();
      assertThat(service.getMetadata().getAnnotations())
          .isEqualTo(Map.of("service.beta.kubernetes.io/azure-load-balancer-internal", "true"));
    }
  }

  @Test
  void publicAddressIsReported(ApiServer server) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("cache", spec(1, ONE));
      PlayedLoadBalancer.give(scene, "cache-0-external", "203.0.113.7");
      assertThat(
              scene
                  .condition("cache", Conditions.EXTERNAL_RESTRICTED, "ExternalAddressPublic")
                  .getMessage())
          .contains("cache-0-external has 203.0.113.7");
    }
  }

  private static void tamper(Scene scene, String patch) {
    scene
        .child(Service.class, "cache-0-external")
        .patch(PatchContext.of(PatchType.JSON_MERGE), KubectlYaml.json(patch));
  }

  private static List<String> restored(Scene scene) {
    return scene.client.v1().events().inNamespace(scene.namespace).list().getItems().stream()
        .filter(event -> event.getReason().equals("ExternalServiceRestored"))
        .map(Event::getMessage)
        .toList();
  }

  private static void assertNoneLeft(Scene scene) {
    Scene.soon()
        .untilAsserted(
            () -> {
              assertThat(scene.child(Service.class, "cache-0-external").get()).isNull();
              assertThat(scene.child(Secret.class, "cache-external-credentials").get()).isNull();
            });
  }

  private static List<String> ranges(Scene scene) {
    return scene
        .child(Service.class, "cache-0-external")
        .get()
        .getSpec()
        .getLoadBalancerSourceRanges();
  }

  /** Method and object of each write to a policy or a Service since a number of writes. */
  private static List<String> writes(Scene scene, int since) {
    return scene.operator().writes().stream()
        .skip(since)
        .filter(write -> write.contains("/services/") || write.contains("/networkpolicies/"))
        .map(write -> write.replaceAll(" .*/(services|networkpolicies)/", " $1/"))
        .map(write -> write.replaceAll("\\?.*", ""))
        .toList();
  }

  private static String spec(int replicas, String... cidrs) {
    return "{replicas: %d, %s, sourceZones: [{name: web, sources: [{cidr: %s}]}]}"
        .formatted(replicas, EXTERNAL, String.join("}, {cidr: ", cidrs));
  }
}
