package io.securememcached.operator.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.KubectlYaml;
import io.securememcached.operator.testing.WithApiServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The API server's rule for a server's memory, written in CEL, and the operator's, in Java. */
@WithApiServer
class SizesIT {

  @ParameterizedTest
  @CsvSource({
    "Debian12, 64Mi, 1Mi, 1024",
    "Debian12, 64Mi, 5Mi, 1024",
    "Debian12, 256Mi, 32Mi, 64",
    "Debian12, 3Gi, 128Mi, 65536",
    "Debian12, 9Mi, 1025Ki, 1000",
    "Debian13, 3Gi, 128Mi, 65536",
    "Debian13, 9Mi, 1025Ki, 1000",
    "CentOS7, 64Mi, 1Mi, 1024",
    "CentOS7, 64Mi, 5Mi, 1024",
    "CentOS7, 256Mi, 32Mi, 64",
    "CentOS7, 3Gi, 128Mi, 65536",
    "CentOS7, 9Mi, 1025Ki, 1000"
  })
  void haveTheSameBoundary(
      Image.Flavor flavor, String cache, String item, int connections, ApiServer server) {
    String spec =
        "image: {flavor: %s}, cacheSize: %s, maxItemSize: %s, maxConnections: %d"
            .formatted(flavor, cache, item, connections);
    long memory =
        Sizes.serverMemory(
            Serialization.unmarshal(KubectlYaml.json("{" + spec + "}"), SecureMemcachedSpec.class),
            flavor);

    create(server, "{%s, resources: {limits: {memory: %d}}}".formatted(spec, memory));
    create(server, "{%s, resources: {requests: {memory: %d}}}".formatted(spec, memory));
    create(
        server,
        "{%s, resources: {limits: {memory: %d}, allowLowMemory: true}}"
            .formatted(spec, memory - 1));
    assertThatThrownBy(
            () ->
                create(
                    server, "{%s, resources: {limits: {memory: %d}}}".formatted(spec, memory - 1)))
        .hasMessageContaining(
            flavor == Image.Flavor.CentOS7
                ? "with flavor CentOS7, or none,"
                : "with flavor Debian12 or Debian13 it must");
  }

  private static void create(ApiServer server, String spec) {
    GenericKubernetesResource resource = new GenericKubernetesResource();
    resource.setApiVersion("securememcached.io/v1beta1");
    resource.setKind("SecureMemcached");
    resource.setMetadata(
        new ObjectMetaBuilder().withNamespace("default").withGenerateName("sizes-").build());
    resource.setAdditionalProperty(
        "spec", Serialization.unmarshal(KubectlYaml.json(spec), Object.class));
    GenericKubernetesResource created = server.client().resource(resource).create();
    assertThat(created.getMetadata().getName()).startsWith("sizes-");
    server.client().resource(created).delete();
  }
}
