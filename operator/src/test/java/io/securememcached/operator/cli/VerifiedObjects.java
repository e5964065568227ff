package io.securememcached.operator.cli;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.testing.ServedPod;
import java.util.List;

/** What {@code --verify} reads, made by hand: no operator runs. */
final class VerifiedObjects {

  static final String LOGIN_USER = "securememcached-operator";

  private final KubernetesClient client;
  private final String namespace;
  private SecureMemcached resource;
  private StatefulSet set;

  VerifiedObjects(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /** The resource named cache; the spec as YAML, without its port. */
  void resource(String spec, int port) {
    SecureMemcached wanted = new SecureMemcached();
    wanted.setMetadata(new ObjectMetaBuilder().withNamespace(namespace).withName("cache").build());
    wanted.setSpec(
        Serialization.unmarshal(
            "---\n%s\nport: %d\n".formatted(spec, port), SecureMemcachedSpec.class));
    resource = client.resource(wanted).create();
    set =
        client
            .resource(
                new StatefulSetBuilder()
                    .withNewMetadata()
                    .withNamespace(namespace)
                    .withName("cache")
                    .endMetadata()
                    .withNewSpec()
                    .withNewSelector()
                    .addToMatchLabels(Labels.SERVER_OF, "cache")
                    .endSelector()
                    .withNewTemplateLike(template())
                    .endTemplate()
                    .endSpec()
                    .build())
            .create();
  }

  private static PodTemplateSpec template() {
    return new PodTemplateSpecBuilder()
        .withNewMetadata()
        .addToLabels(Labels.SERVER_OF, "cache")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("memcached")
        .withImage(TestingOperator.ENVIRONMENT.get("MEMCACHED_IMAGE_DEBIAN12"))
        .endContainer()
        .endSpec()
        .build();
  }

  /** The operator's own login. */
  void login(String password) {
    secret("cache-operator", LOGIN_USER, password, List.of(owner(resource)));
  }

  /** A Secret with a login that the resource owns, if it has this owner. */
  void secret(String name, String user, String password, List<OwnerReference> owners) {
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .withOwnerReferences(owners)
                .endMetadata()
                .addToStringData("username", user)
                .addToStringData("password", password)
                .build())
        .create();
  }

  /** The resource as the owner of a Secret. */
  OwnerReference owner() {
    return owner(resource);
  }

  /** A pod that does not run: the StatefulSet's, or by another name somebody else's. */
  Pod create(String name) {
    return create(name, template().getSpec());
  }

  private Pod create(String name, PodSpec spec) {
    return client
        .resource(
            new PodBuilder()
                .withNewMetadataLike(template().getMetadata())
                .withNamespace(namespace)
                .withName(name)
                .withOwnerReferences(name.startsWith("cache-") ? List.of(owner(set)) : List.of())
                .endMetadata()
                .withSpec(spec)
                .build())
        .create();
  }

  private static OwnerReference owner(HasMetadata owner) {
    return new OwnerReferenceBuilder()
        .withApiVersion(owner.getApiVersion())
        .withKind(owner.getKind())
        .withName(owner.getMetadata().getName())
        .withUid(owner.getMetadata().getUid())
        .withController(true)
        .build();
  }

  /** A pod that runs, with a server that listens at a port of these addresses. */
  void pod(String name, String address, String addresses, int port) {
    PodSpec spec =
        new PodSpecBuilder(template().getSpec())
            .editFirstContainer()
            .withArgs("-l", addresses)
            .addNewPort()
            .withName("memcached")
            .withContainerPort(port)
            .endPort()
            .endContainer()
            .build();
    client.resource(create(name, spec)).editStatus(pod -> ServedPod.runningAt(pod, address));
  }

  /** A pod that runs, as far as the API server knows. */
  void pod(String name, String address) {
    client.resource(create(name)).editStatus(pod -> ServedPod.runningAt(pod, address));
  }
}
