package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Golden;
import io.securememcached.operator.resource.IntendedTraffic;
import io.securememcached.operator.resource.Mesh;
import io.securememcached.operator.resource.Servers;
import io.securememcached.operator.testing.KubectlYaml;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A namespace with one resource as it is when nobody touched it, to be touched by tests. */
final class TestingCluster {

  static final String SET_UID = "5d7c1d52-0000-4000-8000-000000000001";
  static final String REVISION = "sessions-6f9c";

  final SecureMemcached primary;
  final List<Pod> pods = new ArrayList<>();
  private final List<HasMetadata> others = new ArrayList<>();
  private Consumer<StatefulSet> wish = set -> {};
  StatefulSet servers;
  List<IntendedTraffic> intended = List.of();
  Mesh mesh = Mesh.None;
  final Map<String, TemplateRevision> revisions = new HashMap<>();

  private TestingCluster(SecureMemcached primary) {
    this.primary = primary;
    primary.getMetadata().setNamespace(Golden.NAMESPACE);
    servers = asStored(wanted());
    for (int ordinal = 0; ordinal < primary.getSpec().replicas(); ordinal++) {
      pods.add(pod(ordinal, wanted().getSpec().getTemplate(), REVISION));
    }
  }

  static TestingCluster of(SecureMemcached primary) {
    return new TestingCluster(primary);
  }

  /** Two servers of the resource {@code sessions} on port 11211. */
  static TestingCluster create() {
    return of(sessions("{replicas: 2}"));
  }

  static SecureMemcached sessions(String spec) {
    return Serialization.unmarshal(
        KubectlYaml.json("metadata: {name: sessions}\nspec: " + spec), SecureMemcached.class);
  }

  /** Reads YAML of one line, which would be taken for JSON. */
  static <T> T read(String yaml, Class<T> kind) {
    return Serialization.unmarshal(KubectlYaml.json(yaml), kind);
  }

  /** Adds an object that others made, of the namespace unless it says another. */
  TestingCluster with(String yaml) {
    HasMetadata object = (HasMetadata) read(yaml, KubernetesResource.class);
    if (object.getMetadata().getNamespace() == null) {
      object.getMetadata().setNamespace(Golden.NAMESPACE);
    }
    others.add(object);
    return this;
  }

  /** Changes the pod of the first server. */
  TestingCluster pod(Consumer<Pod> change) {
    change.accept(pods.getFirst());
    return this;
  }

  /** Changes the container of the first server. */
  TestingCluster server(Consumer<Container> change) {
    change.accept(pods.getFirst().getSpec().getContainers().getFirst());
    return this;
  }

  /** Changes the StatefulSet that the operator applies. */
  TestingCluster desiring(Consumer<StatefulSet> change) {
    wish = change;
    return this;
  }

  List<HasMetadata> desired() {
    List<HasMetadata> desired = Golden.desired(primary);
    desired.stream()
        .filter(StatefulSet.class::isInstance)
        .map(StatefulSet.class::cast)
        .forEach(wish);
    return desired;
  }

  StatefulSet wanted() {
    return desired().stream()
        .filter(StatefulSet.class::isInstance)
        .map(StatefulSet.class::cast)
        .findFirst()
        .orElseThrow();
  }

  /** The StatefulSet once its controller has seen it. */
  static StatefulSet asStored(StatefulSet wanted) {
    return new StatefulSetBuilder(wanted)
        .editMetadata()
        .withGeneration(4L)
        .withUid(SET_UID)
        .endMetadata()
        .withNewStatus()
        .withObservedGeneration(4L)
        .withUpdateRevision(REVISION)
        .endStatus()
        .build();
  }

  /** Makes a pod one of an earlier template. */
  static void earlier(Pod pod) {
    pod.getMetadata().getLabels().put("controller-revision-hash", "sessions-earlier");
    pod.getMetadata().getAnnotations().put("securememcached.io/template", "earlier");
  }

  Pod pod(int ordinal, PodTemplateSpec template, String revision) {
    String name = primary.getMetadata().getName() + "-" + ordinal;
    String image = template.getSpec().getContainers().getFirst().getImage();
    return new PodBuilder()
        .withMetadata(template.getMetadata())
        .editMetadata()
        .withName(name)
        .withNamespace(Golden.NAMESPACE)
        .addToLabels("controller-revision-hash", revision)
        .addToLabels("statefulset.kubernetes.io/pod-name", name)
        .addNewOwnerReference()
        .withKind("StatefulSet")
        .withName(primary.getMetadata().getName())
        .withUid(SET_UID)
        .withController(true)
        .endOwnerReference()
        .endMetadata()
        .withSpec(Serialization.clone(template.getSpec()))
        .withNewStatus()
        .withPhase("Running")
        .withPodIP("10.1.0.1" + ordinal)
        .addNewPodIP("10.1.0.1" + ordinal)
        .addNewPodIP("fd00::1" + ordinal)
        .addNewContainerStatus()
        .withName(Servers.PORT_NAME)
        .withImage(image)
        .withImageID("registry.example/memcached@sha256:" + image.hashCode())
        .endContainerStatus()
        .endStatus()
        .build();
  }

  /** Records the template of {@link #earlier} pods: the present one with a change. */
  TestingCluster recorded(Consumer<Container> change) {
    Container server =
        Serialization.clone(wanted().getSpec().getTemplate().getSpec().getContainers().getFirst());
    change.accept(server);
    revisions.put("sessions-earlier", new TemplateRevision.Recorded(server));
    return this;
  }

  List<Exposure> audit() {
    return ExposureAudit.of(input());
  }

  AuditInput input() {
    return new AuditInput(
        primary,
        desired(),
        Optional.ofNullable(servers),
        pods,
        new ForeignObjects(
            ofKind(NetworkPolicy.class).toList(),
            ofKind(Service.class).toList(),
            ofKind(EndpointSlice.class).toList(),
            ofKind(Ingress.class).toList(),
            ofKind(GenericKubernetesResource.class).toList(),
            List.of()),
        revisions,
        intended,
        mesh);
  }

  private <T> Stream<T> ofKind(Class<T> kind) {
    // The caches hold the operator's own objects as well.
    return Stream.concat(desired().stream(), others.stream())
        .filter(kind::isInstance)
        .map(kind::cast);
  }
}
