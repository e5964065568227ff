package io.securememcached.operator.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.api.v1beta1.ExposingAnnotations;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnnotationExposuresTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "k8s.v1.cni.cncf.io/networks",
        "cni.projectcalico.org/floatingIPs",
        "v1.multus-cni.io/default-network"
      })
  void findsWhatGivesAPodAnotherNetwork(String key) {
    assertThat(TestingCluster.create().pod(pod -> annotate(pod.getMetadata(), key)).audit())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.kind()).isEqualTo(Kind.EXPOSING_ANNOTATION);
              assertThat(found.object()).isEqualTo("Pod sessions-0");
              assertThat(found.detail())
                  .startsWith("is annotated with " + key + ", attaching it to another");
            });
  }

  @Test
  void findsWhatPublishesTheOperatorsOwnService() {
    TestingCluster cluster = TestingCluster.create();
    Service own =
        cluster.desired().stream()
            .filter(Service.class::isInstance)
            .map(Service.class::cast)
            .filter(service -> service.getMetadata().getName().equals("sessions"))
            .findFirst()
            .orElseThrow();
    annotate(own.getMetadata(), "tailscale.com/expose");
    annotate(own.getMetadata(), "service.cilium.io/global");

    assertThat(cluster.with(Serialization.asYaml(own)).audit())
        .extracting(found -> found.object() + " " + found.detail())
        .containsExactly(
            "Service sessions is annotated with service.cilium.io/global and tailscale.com/expose, publishing the servers elsewhere; remove the annotation");
  }

  @Test
  void findsWhatPublishesAForeignServiceThatLeadsToTheServersAndNoOther() {
    String service =
        "{apiVersion: v1, kind: Service, metadata: {name: %s, annotations: {skupper.io/proxy: tcp}}, spec: {selector: {%s}, ports: [{port: 11211}]}}";
    assertThat(
            TestingCluster.create()
                .with(service.formatted("a", "app.kubernetes.io/name: memcached"))
                .with(service.formatted("b", "app: web"))
                .audit())
        .extracting(Exposure::object)
        .containsExactly("Service a");
  }

  /** What network plugins write themselves, and what tells others how to look at a pod. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "k8s.v1.cni.cncf.io/network-status",
        "k8s.ovn.org/pod-networks",
        "cni.projectcalico.org/podIP",
        "prometheus.io/scrape",
        "skupper.example/x"
      })
  void takesNoNoticeOfOthers(String key) {
    assertThat(TestingCluster.create().pod(pod -> annotate(pod.getMetadata(), key)).audit())
        .isEmpty();
  }

  @Test
  void eachIsDocumented() throws IOException {
    String page = Files.readString(Guarded.ROOT.resolve("docs/exposure.md"));
    assertThat(ExposingAnnotations.keys())
        .hasSize(14)
        .allSatisfy(key -> assertThat(page).contains(key.substring(key.indexOf('/') + 1) + "`"));
  }

  private static void annotate(ObjectMeta metadata, String key) {
    Map<String, String> annotations =
        new HashMap<>(metadata.getAnnotations() == null ? Map.of() : metadata.getAnnotations());
    annotations.put(key, "x");
    metadata.setAnnotations(annotations);
  }
}
