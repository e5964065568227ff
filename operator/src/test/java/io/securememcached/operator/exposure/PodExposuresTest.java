package io.securememcached.operator.exposure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.EphemeralContainerBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PodExposuresTest {

  static Stream<Arguments> opened() {
    return Stream.of(
        opened(
            pod -> pod.getSpec().setHostNetwork(true),
            Kind.HOST_NAMESPACE,
            "uses hostNetwork, so no NetworkPolicy applies to it;"),
        opened(
            pod -> pod.getSpec().setHostPID(true),
            Kind.HOST_NAMESPACE,
            "uses hostPID, so it shares processes or memory with its node;"),
        opened(
            pod -> pod.getSpec().setHostIPC(true),
            Kind.HOST_NAMESPACE,
            "uses hostIPC, so it shares processes or memory with its node;"),
        opened(
            pod -> {
              pod.getSpec().setHostNetwork(true);
              pod.getSpec().setHostIPC(true);
              hostPort(pod, 11211, 11211, "TCP");
            },
            Kind.HOST_NAMESPACE,
            "uses hostNetwork and hostIPC, so no NetworkPolicy applies to it;"),
        opened(
            pod -> hostPort(pod, 11211, 80, "TCP"),
            Kind.HOST_PORT,
            "is reachable through host port 80 of its node;"),
        opened(
            pod -> hostPort(pod, 11211, 11211, null),
            Kind.HOST_PORT,
            "is reachable through host port 11211 of its node;"),
        opened(
            pod -> container(pod, "istio-proxy"),
            Kind.FOREIGN_CONTAINER,
            "has the foreign container istio-proxy,"),
        opened(
            pod ->
                pod.getSpec()
                    .getInitContainers()
                    .add(new ContainerBuilder().withName("memcached").build()),
            Kind.FOREIGN_CONTAINER,
            "has the foreign init container memcached,"),
        opened(
            pod ->
                pod.getSpec()
                    .getEphemeralContainers()
                    .add(new EphemeralContainerBuilder().withName("debugger-x").build()),
            Kind.FOREIGN_CONTAINER,
            "has the foreign ephemeral container debugger-x,"));
  }

  @ParameterizedTest
  @MethodSource("opened")
  void findsWhatIsSharedWithOthers(Consumer<Pod> change, Kind kind, String detail) {
    assertThat(TestingCluster.create().pod(change).audit())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.kind()).isEqualTo(kind);
              assertThat(found.object()).isEqualTo("Pod sessions-0");
              assertThat(found.detail()).startsWith(detail);
            });
  }

  /** Of a paused resource the StatefulSet stays as others have changed it. */
  @Test
  void containerOfAChangedTemplateIsFoundAllTheSame() {
    TestingCluster cluster =
        TestingCluster.create()
            .pod(pod -> container(pod, "proxy"))
            .desiring(
                set ->
                    set.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .add(new ContainerBuilder().withName("proxy").build()));
    assertThat(cluster.audit()).extracting(Exposure::kind).containsExactly(Kind.FOREIGN_CONTAINER);
  }

  static Stream<Consumer<Pod>> closed() {
    return Stream.of(
        pod -> pod.getSpec().setHostNetwork(null),
        pod -> hostPort(pod, 11211, 0, "TCP"),
        pod -> hostPort(pod, 11211, null, "TCP"),
        pod -> hostPort(pod, 9150, 9150, "TCP"),
        pod -> hostPort(pod, 11211, 11211, "UDP"),
        // What no longer runs.
        pod -> {
          pod.getSpec().setHostNetwork(true);
          pod.getStatus().setPhase("Failed");
        });
  }

  @ParameterizedTest
  @MethodSource("closed")
  void whatOpensNothingIsNoFinding(Consumer<Pod> change) {
    assertThat(TestingCluster.create().pod(change).audit()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    // A number of its own, and somebody else's controller.
    "sessions-7, ReplicaSet, sessions",
    "sessions-7, StatefulSet, other",
    // Its controller would not give such names.
    "sessions-web, StatefulSet, sessions",
    "sessions-, StatefulSet, sessions",
    "thief-0, StatefulSet, sessions",
    "thief, , ",
    "sessions-web, , "
  })
  void findsPodsThatCarryTheServersLabel(String name, String owner, String ownerName) {
    TestingCluster cluster = TestingCluster.create();
    cluster.pods.add(impostor(cluster, name, owner, ownerName));

    assertThat(cluster.audit())
        .extracting(Exposure::kind, Exposure::object)
        .containsExactly(tuple(Kind.IMPOSTOR, "Pod " + name));
  }

  @Test
  void impostorThatHasEndedIsNoFinding() {
    TestingCluster cluster = TestingCluster.create();
    Pod ended = impostor(cluster, "thief", null, null);
    ended.getStatus().setPhase("Succeeded");
    cluster.pods.add(ended);

    assertThat(cluster.audit()).isEmpty();
  }

  /** What an impostor runs is not held against the servers, and its address is no server's. */
  @Test
  void anImpostorIsNoServer() {
    TestingCluster cluster = TestingCluster.create();
    Pod thief = impostor(cluster, "thief", null, null);
    thief.getSpec().setHostNetwork(true);
    thief.getSpec().getContainers().getFirst().setImage("thief");
    thief.getMetadata().getLabels().put("app", "thief");
    cluster.pods.add(thief);
    cluster.with(
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: {matchLabels: {app: thief}}, ingress: [{}]}}");

    assertThat(cluster.audit()).extracting(Exposure::kind).containsExactly(Kind.IMPOSTOR);
  }

  private static Pod impostor(TestingCluster cluster, String name, String owner, String ownerName) {
    Pod pod = cluster.pod(5, cluster.wanted().getSpec().getTemplate(), TestingCluster.REVISION);
    pod.getMetadata().setName(name);
    pod.getMetadata()
        .setOwnerReferences(
            owner == null
                ? List.of()
                : List.of(
                    new OwnerReferenceBuilder()
                        .withKind(owner)
                        .withName(ownerName)
                        .withController(true)
                        .build()));
    return pod;
  }

  private static Arguments opened(Consumer<Pod> change, Kind kind, String detail) {
    return Arguments.of(change, kind, detail);
  }

  private static void hostPort(Pod pod, int port, Integer hostPort, String protocol) {
    pod.getSpec()
        .getContainers()
        .getFirst()
        .setPorts(
            List.of(
                new ContainerPortBuilder()
                    .withContainerPort(port)
                    .withHostPort(hostPort)
                    .withProtocol(protocol)
                    .build()));
  }

  private static void container(Pod pod, String name) {
    pod.getSpec().getContainers().add(new ContainerBuilder().withName(name).build());
  }
}
