package io.securememcached.operator.updates;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.UpdateOrigin;
import io.securememcached.operator.testing.Fleet;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What differs between a server and the template, and whether the spec or the operator changed it.
 */
class ServerUpdateTest {

  private static final String OLD = "example/memcached:1";
  private static final String NEW = "example/memcached:2";
  private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");

  private final SecureMemcached cache = Fleet.resource("{replicas: 2}");

  @Test
  void serverOfTheTemplateIsUpToDate() {
    assertThat(of(Fleet.set(cache, OLD, 0), Fleet.set(cache, OLD, 0))).isEmpty();
  }

  @Test
  void changedSpecIsOfTheSpec() {
    List<ServerUpdate> updates =
        of(
            Fleet.set(cache, OLD, 0),
            Fleet.set(Fleet.resource("{cacheSize: 128Mi, threads: 2}"), OLD, 0));
    assertThat(updates).extracting(ServerUpdate::origin).containsOnly(UpdateOrigin.Spec);
    assertThat(updates.getFirst().changes())
        .extracting(ServerUpdate.Change::toString)
        .containsExactly("cacheSize from 64Mi to 128Mi", "threads from 4 to 2");
  }

  @Test
  void newImageIsOfTheOperator() {
    List<ServerUpdate> updates = of(Fleet.set(cache, OLD, 0), Fleet.set(cache, NEW, 0));
    assertThat(updates).extracting(ServerUpdate::origin).containsOnly(UpdateOrigin.Operator);
    assertThat(updates.getFirst().changes())
        .extracting(ServerUpdate.Change::toString)
        .containsExactly("image from " + OLD + " to " + NEW);
  }

  @Test
  void imageOfTheResourceIsOfTheSpec() {
    List<ServerUpdate> updates =
        of(
            Fleet.set(cache, OLD, 0),
            Fleet.set(Fleet.resource("{image: {reference: mine}}"), NEW, 0));
    assertThat(updates).extracting(ServerUpdate::origin).containsOnly(UpdateOrigin.Spec);
    assertThat(updates.getFirst().changes())
        .extracting(ServerUpdate.Change::toString)
        .containsExactly("image.reference from none to mine", "image from " + OLD + " to mine");
  }

  @Test
  void otherSettingsOfThePodsAreOfTheOperator() {
    StatefulSet next =
        new StatefulSetBuilder(Fleet.set(cache, OLD, 0))
            .editSpec()
            .editTemplate()
            .editMetadata()
            .addToAnnotations("securememcached.io/template", "of-the-next-version")
            .endMetadata()
            .endTemplate()
            .endSpec()
            .editStatus()
            .withUpdateRevision("next")
            .endStatus()
            .build();
    List<ServerUpdate> updates = of(Fleet.set(cache, OLD, 0), next);
    assertThat(updates).extracting(ServerUpdate::origin).containsOnly(UpdateOrigin.Operator);
    assertThat(updates.getFirst().changes())
        .extracting(ServerUpdate.Change::what)
        .containsExactly("podTemplate");
  }

  /** Nothing is known of what it was started with, so nothing is blamed on the spec. */
  @Test
  void serverOfAnEarlierVersionIsUpdatedByTheOperator() {
    Pod earlier =
        new PodBuilder(Fleet.server(Fleet.set(cache, OLD, 0), 0, NOON))
            .editMetadata()
            .withAnnotations(null)
            .endMetadata()
            .build();
    assertThat(all(Fleet.set(Fleet.resource("{threads: 2}"), OLD, 0), earlier))
        .extracting(ServerUpdate::origin)
        .containsExactly(UpdateOrigin.Operator);
  }

  @Test
  void whatConcernsTheNextStartOnlyIsNoUpdate() {
    assertThat(
            of(
                Fleet.set(cache, OLD, 0),
                Fleet.set(
                    Fleet.resource(
                        "{image: {pullPolicy: Always, pullSecrets: [{name: registry}]}, sourceZones: [{name: web}], users: [{name: sammy}]}"),
                    OLD,
                    0)))
        .isEmpty();
  }

  /** Unless the API server has rejected it. */
  @Test
  void whatAServerGetsWithoutARestartIsNoUpdate() {
    StatefulSet before = Fleet.set(cache, OLD, 0);
    StatefulSet after =
        Fleet.set(
            Fleet.resource(
                "{resources: {requests: {cpu: 100m}}, pod: {labels: {team: web}, annotations: {a: b}}}"),
            OLD,
            0);
    assertThat(of(before, after)).isEmpty();
    List<ServerUpdate> rejected =
        ServerUpdate.all(
            cache, after, List.of(Fleet.server(before, 0, NOON)), (pod, effect) -> true);
    assertThat(rejected).extracting(ServerUpdate::origin).containsExactly(UpdateOrigin.Spec);
    assertThat(rejected.getFirst().changes())
        .extracting(ServerUpdate.Change::what)
        .containsExactly("pod.annotations", "pod.labels", "resources");
  }

  /** Else labels in the spec would restart servers for what the operator brings. */
  @Test
  void labelsDoNotMakeAnUpdateOfTheOperatorOneOfTheSpec() {
    assertThat(
            of(
                Fleet.set(cache, OLD, 0),
                Fleet.set(Fleet.resource("{pod: {labels: {team: web}}}"), NEW, 0)))
        .extracting(ServerUpdate::origin)
        .containsOnly(UpdateOrigin.Operator);
  }

  @Test
  void restartIsARequest() {
    List<ServerUpdate> updates = of(Fleet.set(cache, OLD, 0), Fleet.set(cache, NEW, 1));
    assertThat(updates).extracting(ServerUpdate::origin).containsOnly(UpdateOrigin.Request);
  }

  @Test
  void restartByKubectlIsARequest() {
    StatefulSet next =
        new StatefulSetBuilder(Fleet.set(cache, OLD, 0))
            .editSpec()
            .editTemplate()
            .editMetadata()
            .addToAnnotations("kubectl.kubernetes.io/restartedAt", "2026-11-28T12:00:00Z")
            .endMetadata()
            .endTemplate()
            .endSpec()
            .editStatus()
            .withUpdateRevision("next")
            .endStatus()
            .build();
    assertThat(of(Fleet.set(cache, OLD, 0), next))
        .extracting(ServerUpdate::origin)
        .containsOnly(UpdateOrigin.Request);
    // The operator replaces a template that somebody has damaged, and the annotation with it.
    assertThat(of(next, Fleet.set(cache, OLD, 0))).isEmpty();
  }

  /** Else every new pod would be out of date, and deleted at once. */
  @Test
  void serverWhoseAnnotationsAWebhookTakesAwayIsUpToDate() {
    StatefulSet set = Fleet.set(cache, OLD, 0);
    Pod stripped =
        new PodBuilder(Fleet.server(set, 0, NOON))
            .editMetadata()
            .withAnnotations(null)
            .endMetadata()
            .build();
    assertThat(all(set, stripped)).isEmpty();
  }

  /** The operator put the template right, but this pod was created in between. */
  @Test
  void serverOfATemplateThatSomebodyChangedIsReplaced() {
    StatefulSet set = Fleet.set(cache, OLD, 0);
    Pod changed =
        new PodBuilder(Fleet.server(set, 0, NOON))
            .editMetadata()
            .addToLabels("controller-revision-hash", "changed")
            .endMetadata()
            .editSpec()
            .editFirstContainer()
            .addToArgs("-vv")
            .endContainer()
            .endSpec()
            .build();
    assertThat(all(set, changed))
        .extracting(ServerUpdate::origin)
        .containsExactly(UpdateOrigin.Request);
    // The counter-example: of another template that is the same in all that matters.
    Pod same =
        new PodBuilder(Fleet.server(set, 0, NOON))
            .editMetadata()
            .addToLabels("controller-revision-hash", "changed")
            .endMetadata()
            .build();
    assertThat(all(set, same)).isEmpty();
  }

  @Test
  void highestNumberComesFirst() {
    assertThat(of(Fleet.set(cache, OLD, 0), Fleet.set(cache, NEW, 0)))
        .extracting(ServerUpdate::name)
        .containsExactly("cache-1", "cache-0");
  }

  private List<ServerUpdate> of(StatefulSet before, StatefulSet after) {
    return all(after, Fleet.server(before, 0, NOON), Fleet.server(before, 1, NOON));
  }

  private List<ServerUpdate> all(StatefulSet set, Pod... servers) {
    return ServerUpdate.all(cache, set, List.of(servers), (pod, effect) -> false);
  }
}
