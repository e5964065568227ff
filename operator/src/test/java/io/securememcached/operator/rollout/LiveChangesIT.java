package io.securememcached.operator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.ServerSetting.Effect;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.testing.WithApiServer;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a running server gets without a restart, from a real API server. */
@WithApiServer
class LiveChangesIT {

  private static final String SPEC =
      "{pod: {labels: {team: web, tier: cache}, annotations: {note: old}}}";

  private Scene scene;
  private String uid;

  @BeforeEach
  void createServer(ApiServer server) {
    scene = Scene.operated(server);
    scene.createAndSettle("cache", SPEC);
    scene.client.resource(ServedPod.ofSet(scene, "cache-0")).create();
    scene.child(Pod.class, "cache-0").editStatus(LiveChangesIT::running);
    uid = pod().getMetadata().getUid();
    scene.observeStatefulSet("cache");
    scene.idle();
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void labelsAndAnnotations() {
    scene.edit("cache", "{pod: {labels: {team: shop}, annotations: {other: new}}}");
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(pod().getMetadata().getLabels())
                    .containsEntry("team", "shop")
                    .doesNotContainKey("tier")
                    .containsEntry("securememcached.io/server-of", "cache"));
    assertThat(pod().getMetadata().getAnnotations())
        .containsEntry("other", "new")
        .doesNotContainKey("note");
    assertUpToDateWithoutARestart();
  }

  @Test
  void cpuAndMemory() {
    scene.edit(
        "cache",
        SPEC.replaceFirst("\\{", "{resources: {requests: {cpu: 75m}, limits: {memory: 512Mi}}, "));
    Scene.soon()
        .untilAsserted(
            () -> {
              ResourceRequirements resources =
                  pod().getSpec().getContainers().getFirst().getResources();
              assertThat(resources.getRequests().get("cpu")).hasToString("75m");
              assertThat(resources.getLimits().get("memory")).hasToString("512Mi");
            });
    assertUpToDateWithoutARestart();

    // The kubelet says so when the node has no room.
    scene
        .child(Pod.class, "cache-0")
        .editStatus(
            pod ->
                new PodBuilder(pod)
                    .editStatus()
                    .addToConditions(
                        new PodConditionBuilder()
                            .withType("PodResizePending")
                            .withStatus("True")
                            .withReason("Deferred")
                            .withMessage("Node didn't have enough resource: memory")
                            .build())
                    .endStatus()
                    .build());
    assertThat(scene.condition("cache", "UpToDate", "ResizePending").getMessage())
        .contains("cache-0", "Deferred", "enough resource");
  }

  /** The pod template always has a CPU request, so nothing is taken from the server. */
  @Test
  void removedRequestIsResizedToItsDefault() {
    scene.edit("cache", SPEC.replaceFirst("\\{", "{resources: {requests: {cpu: 75m}}, "));
    awaitCpuRequest("75m");
    assertUpToDateWithoutARestart();
    scene.edit("cache", SPEC);
    awaitCpuRequest("50m");
    assertUpToDateWithoutARestart();
  }

  /** An API server that has just started rejects what it allows a moment later. */
  @ParameterizedTest
  @ValueSource(ints = {HttpURLConnection.HTTP_FORBIDDEN, HttpURLConnection.HTTP_NOT_FOUND})
  void rejectionThatPassesRestartsNothing(int code) {
    AtomicInteger requests = rejectResizes(code, 1);
    scene.edit("cache", SPEC.replaceFirst("\\{", "{resources: {requests: {cpu: 75m}}, "));
    awaitCpuRequest("75m");
    assertThat(requests).hasValue(2);
    assertUpToDateWithoutARestart();
  }

  /** The counter-example: a cluster without pods/resize, or an operator without the right. */
  @ParameterizedTest
  @ValueSource(ints = {HttpURLConnection.HTTP_FORBIDDEN, HttpURLConnection.HTTP_NOT_FOUND})
  void rejectionThatStaysTakesARestart(int code) {
    AtomicInteger requests = rejectResizes(code, Integer.MAX_VALUE);
    scene.edit("cache", SPEC.replaceFirst("\\{", "{resources: {requests: {cpu: 75m}}, "));
    assertThat(scene.condition("cache", "UpToDate", "ResizePending").getMessage())
        .contains("cache-0: rejected by the test");
    awaitRestart();
    assertThat(requests).hasValue(4);
  }

  /**
   * Rejects the first resizes.
   *
   * @return the number of requests so far
   */
  private AtomicInteger rejectResizes(int code, int rejections) {
    AtomicInteger requests = new AtomicInteger();
    scene
        .operator()
        .beforeWrite(
            write -> {
              if (write.endsWith("/resize") && requests.incrementAndGet() <= rejections) {
                throw new KubernetesClientException("rejected by the test", code, null);
              }
            });
    return requests;
  }

  private void awaitCpuRequest(String amount) {
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(
                        pod()
                            .getSpec()
                            .getContainers()
                            .getFirst()
                            .getResources()
                            .getRequests()
                            .get("cpu"))
                    .hasToString(amount));
  }

  /** A pod can't change its QoS class, so the server restarts as for any other change. */
  @Test
  void whatTheApiServerRejectsTakesARestart() {
    scene.edit(
        "cache",
        SPEC.replaceFirst(
            "\\{",
            "{resources: {requests: {cpu: 75m, memory: 512Mi}, limits: {cpu: 75m, memory: 512Mi}}, "));
    awaitRestart();
  }

  /** The server waits for an approval of the restart, and has its labels meanwhile. */
  @Test
  void rejectedResizeKeepsNoLabelBack() {
    scene.edit(
        "cache",
        """
        {resources: {requests: {cpu: 75m, memory: 512Mi}, limits: {cpu: 75m, memory: 512Mi}},
        updates: {specChanges: OnApproval}, pod: {labels: {team: shop}}}
        """);
    scene.observeStatefulSet("cache");
    scene.condition("cache", "UpToDate", "ApprovalNeeded");
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(pod().getMetadata().getLabels())
                    .containsEntry("team", "shop")
                    .doesNotContainKey("tier"));
    scene.edit(
        "cache",
        """
        {resources: {requests: {cpu: 75m, memory: 512Mi}, limits: {cpu: 75m, memory: 512Mi}},
        updates: {specChanges: OnApproval}, pod: {labels: {team: web}}}
        """);
    Scene.soon()
        .untilAsserted(
            () -> assertThat(pod().getMetadata().getLabels()).containsEntry("team", "web"));
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(scene.resource("cache").get().getStatus().pendingUpdates())
                    .singleElement()
                    .satisfies(update -> assertThat(update.change()).isEqualTo("resources")));
    assertThat(pod().getMetadata().getUid()).isEqualTo(uid);
  }

  /** Its event has come already, so nobody would forget what is kept of it. */
  @Test
  void nothingIsKeptOfAPodThatIsGone() {
    scene.stopOperator();
    Pod pod = pod();
    StatefulSet set = guaranteed(scene.child(StatefulSet.class, "cache").get());
    LiveChanges live = new LiveChanges();
    live.apply(set, List.of(pod), Instant.now(), scene.client);
    assertThat(live.isRejected(set, pod, Effect.IN_PLACE)).as("the counter-example").isTrue();

    scene.child(Pod.class, "cache-0").withGracePeriod(0).delete();
    LiveChanges late = new LiveChanges();
    late.apply(set, List.of(pod), Instant.now(), scene.client);
    assertThat(late.isRejected(set, pod, Effect.IN_PLACE)).isFalse();
    assertThat(late.isRejected(set, pod, Effect.LIVE)).isFalse();
  }

  /** The record of the pod would say that it never had the label, which would stay for ever. */
  @Test
  void labelThatTheCacheHasNotSeenGoesToo() {
    scene.stopOperator();
    Pod stale = pod();
    StatefulSet set = scene.child(StatefulSet.class, "cache").get();
    LiveChanges live = new LiveChanges();
    live.apply(labelled(set, "first"), List.of(stale), Instant.now(), scene.client);
    assertThat(pod().getMetadata().getLabels()).containsKey("first");
    live.apply(labelled(set, "second"), List.of(stale), Instant.now(), scene.client);
    live.apply(labelled(set, "second"), List.of(pod()), Instant.now(), scene.client);
    assertThat(pod().getMetadata().getLabels()).containsKey("second").doesNotContainKey("first");
  }

  /** With one label of the user's. */
  private static StatefulSet labelled(StatefulSet set, String label) {
    Map<String, String> settings = new HashMap<>(AppliedTemplate.of(set).settings().orElseThrow());
    settings.put("pod.labels", "{\"%s\":\"1\"}".formatted(label));
    return new StatefulSetBuilder(set)
        .editSpec()
        .editTemplate()
        .editMetadata()
        .addToAnnotations(AppliedTemplate.SETTINGS, AppliedTemplate.text(settings))
        .endMetadata()
        .endTemplate()
        .endSpec()
        .build();
  }

  /** With resources for which a pod would need another QoS class. */
  private static StatefulSet guaranteed(StatefulSet set) {
    Map<String, Quantity> all = Map.of("cpu", new Quantity("75m"), "memory", new Quantity("512Mi"));
    return new StatefulSetBuilder(set)
        .editSpec()
        .editTemplate()
        .editMetadata()
        .addToAnnotations(
            AppliedTemplate.SETTINGS,
            AppliedTemplate.text(
                Map.of(
                    "resources",
                    "{\"limits\":{\"cpu\":\"75m\",\"memory\":\"512Mi\"},\"requests\":{\"cpu\":\"75m\",\"memory\":\"512Mi\"}}")))
        .endMetadata()
        .editSpec()
        .editFirstContainer()
        .withNewResources()
        .withRequests(all)
        .withLimits(all)
        .endResources()
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  /** A merge would keep the limit, and the server would seem to be up to date. */
  @Test
  void removedLimitTakesARestart() {
    scene.edit(
        "cache",
        SPEC.replaceFirst("\\{", "{resources: {requests: {cpu: 75m}, limits: {cpu: 500m}}, "));
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(pod().getSpec().getContainers().getFirst().getResources().getLimits())
                    .containsKey("cpu"));
    scene.observeStatefulSet("cache");
    scene.condition("cache", "UpToDate", "UpToDate");
    scene.edit("cache", SPEC.replaceFirst("\\{", "{resources: {requests: {cpu: 75m}}, "));
    awaitRestart();
  }

  /** Its successor would not be created either. */
  @Test
  void quotaThatIsUsedUpRestartsNothing() {
    scene
        .client
        .resource(
            new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("small")
                .withNamespace(scene.namespace)
                .endMetadata()
                .withNewSpec()
                .addToHard("requests.cpu", new Quantity("60m"))
                .endSpec()
                .build())
        .create();
    scene
        .child(ResourceQuota.class, "small")
        .editStatus(
            quota ->
                new ResourceQuotaBuilder(quota)
                    .withNewStatus()
                    .addToHard("requests.cpu", new Quantity("60m"))
                    .addToUsed("requests.cpu", new Quantity("50m"))
                    .endStatus()
                    .build());
    scene.edit("cache", SPEC.replaceFirst("\\{", "{resources: {requests: {cpu: 75m}}, "));
    assertThat(scene.condition("cache", "UpToDate", "ResizePending").getMessage())
        .contains("cache-0", "exceeded quota");
    assertThat(pod().getMetadata().getUid()).isEqualTo(uid);
    assertThat(pod().getMetadata().getDeletionTimestamp()).isNull();
  }

  private void awaitRestart() {
    Scene.soon()
        .untilAsserted(
            () -> {
              scene.observeStatefulSet("cache");
              Pod pod = scene.child(Pod.class, "cache-0").get();
              assertThat(pod == null || pod.getMetadata().getDeletionTimestamp() != null).isTrue();
            });
  }

  private void assertUpToDateWithoutARestart() {
    scene.observeStatefulSet("cache");
    scene.condition("cache", "UpToDate", "UpToDate");
    assertThat(pod().getMetadata().getUid()).isEqualTo(uid);
    assertThat(pod().getMetadata().getDeletionTimestamp()).isNull();
    scene.idle();
    long writes = writesOfPods();
    scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
    scene.idle();
    assertThat(writesOfPods()).as("an unchanged resource").isEqualTo(writes);
  }

  private long writesOfPods() {
    return scene.operator().writes().stream().filter(write -> write.contains("/pods/")).count();
  }

  /**
   * Without resources in its status, the API server takes its kubelet for one that can't resize.
   */
  private static Pod running(Pod pod) {
    return ServedPod.runningAt(pod, "127.0.0.1")
        .edit()
        .editStatus()
        .editFirstContainerStatus()
        .withResources(pod.getSpec().getContainers().getFirst().getResources())
        .endContainerStatus()
        .endStatus()
        .build();
  }

  private Pod pod() {
    return scene.child(Pod.class, "cache-0").get();
  }
}
