package io.securememcached.operator.watches;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pod that waits for an update is audited by the template that it was created from. */
@WithApiServer
class TemplateRevisionsIT {

  private static final String FIRST = "registry.example/memcached:first";

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private Scene scene;

  @BeforeEach
  void createServerThatWaits(ApiServer server) {
    scene = Scene.quiet(server);
    scene.startOperator(
        request -> {
          if (request.contains("controllerrevisions")) {
            requests.add(request);
          }
        });
    scene.createAndSettle("cache", spec(FIRST));
    record("cache-first", scene.child(StatefulSet.class, "cache").get());
    create("cache-first");
    scene.idle();
    scene.change("cache", spec("registry.example/memcached:second"));
    scene.condition("cache", "UpToDate", "ApprovalNeeded");
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void imageThatIsChangedInPlaceIsFound() {
    scene.condition("cache", "NotExposed", "NotExposed");

    patchPod(
        "{\"spec\": {\"containers\": [{\"name\": \"memcached\", \"image\": \"evil.example/a\"}]}}");
    assertThat(scene.condition("cache", "NotExposed", "Exposed").getMessage())
        .contains("Pod cache-0: runs evil.example/a instead of " + FIRST);
    assertThat(scene.condition("cache", "UpToDate", "ApprovalNeeded").getMessage()).isNotEmpty();

    patchPod(
        "{\"spec\": {\"containers\": [{\"name\": \"memcached\", \"image\": \"%s\"}]}}"
            .formatted(FIRST));
    scene.condition("cache", "NotExposed", "NotExposed");
  }

  @Test
  void revisionIsReadOnce() {
    scene.condition("cache", "NotExposed", "NotExposed");
    scene.idle();
    for (String value : List.of("1", "2", "3")) {
      scene.pass(() -> look(value));
    }
    assertThat(requests)
        .containsExactly(
            "GET /apis/apps/v1/namespaces/%s/controllerrevisions/cache-first"
                .formatted(scene.namespace));
  }

  /** The label can name the revision of an attacker's StatefulSet. */
  @Test
  void revisionOfAnotherStatefulSetProvesNothing() {
    StatefulSet other = scene.child(StatefulSet.class, "cache").get();
    other.getMetadata().setUid("00000000-0000-4000-8000-000000000000");
    other.getSpec().getTemplate().getSpec().getContainers().getFirst().setImage("evil.example/a");
    record("evil", other);
    patchPod(
        "{\"metadata\": {\"labels\": {\"controller-revision-hash\": \"evil\"}}, \"spec\": {\"containers\": [{\"name\": \"memcached\", \"image\": \"evil.example/a\"}]}}");

    assertThat(scene.condition("cache", "NotExposed", "AuditIncomplete").getMessage())
        .contains("Pod cache-0", "ControllerRevision evil is not the StatefulSet's");
  }

  /** A revision that is gone is requested again, at most once a minute. */
  @Test
  void revisionThatIsMissingProvesNothing() {
    scene.condition("cache", "NotExposed", "NotExposed");
    patchPod("{\"metadata\": {\"labels\": {\"controller-revision-hash\": \"later\"}}}");
    assertThat(scene.condition("cache", "NotExposed", "AuditIncomplete").getMessage())
        .contains("Pod cache-0", "ControllerRevision later was not found");
    scene.idle();
    int before = requests.size();
    scene.pass(() -> look("1"));
    assertThat(requests).hasSize(before);

    StatefulSet set = scene.child(StatefulSet.class, "cache").get();
    set.getSpec().getTemplate().getSpec().getContainers().getFirst().setImage(FIRST);
    record("later", set);
    scene.operator().passTime(Duration.ofMinutes(1));
    look("2");
    scene.condition("cache", "NotExposed", "NotExposed");
  }

  private static String spec(String image) {
    return "{listen: Loopback, image: {reference: '%s'}, updates: {specChanges: OnApproval}}"
        .formatted(image);
  }

  /** As the StatefulSet controller does, of which there is none. */
  private void record(String name, StatefulSet set) {
    scene
        .client
        .resource(
            new ControllerRevisionBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(scene.namespace)
                .addNewOwnerReference()
                .withApiVersion("apps/v1")
                .withKind("StatefulSet")
                .withName(set.getMetadata().getName())
                .withUid(set.getMetadata().getUid())
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .withData(Map.of("spec", Map.of("template", set.getSpec().getTemplate())))
                .withRevision(1L)
                .build())
        .create();
    assertThat(scene.child(ControllerRevision.class, name).get()).isNotNull();
  }

  private void create(String revision) {
    Pod pod = ServedPod.ofSet(scene, "cache-0");
    scene
        .client
        .resource(
            new PodBuilder(pod)
                .editMetadata()
                .addToLabels("controller-revision-hash", revision)
                .endMetadata()
                .build())
        .create();
    scene.child(Pod.class, "cache-0").editStatus(seen -> ServedPod.readyAt(seen, "127.0.0.1"));
  }

  /** Causes a reconciliation. */
  private void look(String value) {
    patchPod("{\"metadata\": {\"annotations\": {\"example.com/look\": \"%s\"}}}".formatted(value));
  }

  private void patchPod(String patch) {
    scene.child(Pod.class, "cache-0").patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch);
  }
}
