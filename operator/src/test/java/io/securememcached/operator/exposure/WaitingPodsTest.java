package io.securememcached.operator.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import org.junit.jupiter.api.Test;

/** Pods of an earlier template, which wait for an approval perhaps. */
class WaitingPodsTest {

  private static final String EARLIER = "registry.example/memcached:earlier";

  private final TestingCluster cluster =
      TestingCluster.create()
          .recorded(
              server -> {
                server.setImage(EARLIER);
                server.getArgs().add("-v");
              });

  @Test
  void podThatIsAsItWasCreatedIsNoFinding() {
    waits(cluster.pods.getFirst());

    assertThat(cluster.audit()).isEmpty();
    assertThat(WaitingPods.unproven(cluster.input())).isEmpty();
    assertThat(WaitingPods.revisions(cluster.input())).containsExactly("sessions-earlier");
  }

  @Test
  void imageThatWasChangedInPlaceIsFound() {
    waits(cluster.pods.getFirst());
    cluster.server(server -> server.setImage("evil.example/memcached:1"));

    assertThat(cluster.audit())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.kind()).isEqualTo(Kind.CHANGED_IMAGE);
              assertThat(found.object()).isEqualTo("Pod sessions-0");
              assertThat(found.detail())
                  .startsWith("runs evil.example/memcached:1 instead of " + EARLIER + ";");
            });
  }

  @Test
  void argumentsThatWereChangedAreFound() {
    waits(cluster.pods.getFirst());
    cluster.server(server -> server.getArgs().removeLast());

    assertThat(cluster.audit())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.kind()).isEqualTo(Kind.CHANGED_ARGUMENTS);
              assertThat(found.detail())
                  .startsWith(
                      "has arguments that differ from those of the template that it was created from;");
            });
  }

  /** Who changes the image can change the labels as well: that must not look like a proof. */
  @Test
  void podOfNoReadableRevisionIsNotProven() {
    Pod pod = cluster.pods.getFirst();
    waits(pod);
    pod.getMetadata().getLabels().put("controller-revision-hash", "sessions-other");
    assertThat(WaitingPods.unproven(cluster.input()))
        .containsExactly(
            "Pod sessions-0: image and arguments are not compared with the template that it was created from: ControllerRevision sessions-other was not read");

    cluster.revisions.put(
        "sessions-other", new TemplateRevision.Unknown("was not found; delete the pod"));
    waits(cluster.pods.get(1));
    cluster.pods.get(1).getMetadata().getLabels().put("controller-revision-hash", "sessions-other");
    assertThat(WaitingPods.unproven(cluster.input()))
        .singleElement()
        .asString()
        .startsWith("Pod sessions-0 and 1 more: ")
        .endsWith("ControllerRevision sessions-other was not found; delete the pod");

    cluster.pods.removeLast();
    pod.getMetadata().getLabels().put("controller-revision-hash", "");
    assertNoLabel();
    pod.getMetadata().getLabels().remove("controller-revision-hash");
    assertNoLabel();
  }

  private void assertNoLabel() {
    assertThat(WaitingPods.unproven(cluster.input()))
        .singleElement()
        .asString()
        .endsWith("it has no label controller-revision-hash; delete the pod");
  }

  @Test
  void podThatEndsSoonIsNotWaitedFor() {
    Pod pod = cluster.pods.getFirst();
    TestingCluster.earlier(pod);
    cluster.revisions.clear();
    pod.getMetadata().setDeletionTimestamp("2026-11-28T10:00:00Z");
    pod.getMetadata().setDeletionGracePeriodSeconds(10L);
    assertThat(WaitingPods.unproven(cluster.input())).isEmpty();

    pod.getMetadata().setDeletionGracePeriodSeconds(31_536_000L);
    assertThat(WaitingPods.unproven(cluster.input())).hasSize(1);
  }

  private static void waits(Pod pod) {
    TestingCluster.earlier(pod);
    pod.getSpec().getContainers().getFirst().setImage(EARLIER);
    pod.getSpec().getContainers().getFirst().getArgs().add("-v");
  }
}
