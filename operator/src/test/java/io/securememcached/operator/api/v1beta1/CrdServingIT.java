package io.securememcached.operator.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What the API server makes of a resource that is in order. */
@WithApiServer
class CrdServingIT {

  private static final String MISSPELT =
      """
      {"apiVersion": "securememcached.io/v1beta1", "kind": "SecureMemcached",
       "metadata": {"name": "misspelt"},
       "spec": {"sourceZone": [{"name": "web"}], "image": {"tag": "1.6"}}}""";

  @Test
  void resourceWithoutSpecGetsAllDefaults(ApiServer server) throws Exception {
    String namespace = server.newNamespace();
    String created =
        send(
                server.client(),
                namespace,
                "",
                """
                {"apiVersion": "securememcached.io/v1beta1", "kind": "SecureMemcached",
                 "metadata": {"name": "silent"}}""")
            .body();
    JsonNode spec = json(created).get("spec");
    assertThat(Serialization.asYaml(spec))
        .isEqualTo(
            """
            ---
            cacheSize: "64Mi"
            deletionPolicy: "Delete"
            deletionProtection: false
            image:
              pullPolicy: "IfNotPresent"
            listen: "PodIP"
            maxConnections: 1024
            maxItemSize: "1Mi"
            pod: {}
            port: 11211
            replicas: 1
            resources:
              allowLowMemory: false
            rotation:
              overlap: "10m"
            scheduling: {}
            service: {}
            threads: 4
            updates:
              operatorChanges: "OnApproval"
              pause: "1m"
              specChanges: "Immediately"
            verbosity: 1
            verification:
              gate: "Enforce"
              interval: "15m"
            """);
    assertThat(resource(server.client(), namespace, "silent").get().getSpec())
        .as("the defaults of the records are those of the CRD")
        .isEqualTo(SecureMemcachedSpec.defaults());
  }

  @Test
  void strictValidationRefusesUnknownFields(ApiServer server) throws Exception {
    HttpResponse<String> answer =
        send(server.client(), server.newNamespace(), "?fieldValidation=Strict", MISSPELT);
    assertThat(answer.code()).isEqualTo(400);
    assertThat(json(answer.body()).get("message").asText())
        .isEqualTo(
            "SecureMemcached in version \"v1beta1\" cannot be handled as a SecureMemcached: strict decoding error: unknown field \"spec.image.tag\", unknown field \"spec.sourceZone\"");
  }

  @Test
  void otherwiseUnknownFieldsAreDroppedWithWarning(ApiServer server) throws Exception {
    String namespace = server.newNamespace();
    HttpResponse<String> answer =
        send(server.client(), namespace, "?fieldValidation=Warn", MISSPELT);
    assertThat(answer.code()).isEqualTo(201);
    assertThat(answer.headers("Warning"))
        .containsExactly(
            "299 - \"unknown field \\\"spec.image.tag\\\"\"",
            "299 - \"unknown field \\\"spec.sourceZone\\\"\"");
    assertThat(resource(server.client(), namespace, "misspelt").get().getSpec().sourceZones())
        .as("nobody is let in by a field that does not exist")
        .isEmpty();
  }

  @Test
  void scaleSubresource(ApiServer server) {
    String namespace = server.newNamespace();
    Resource<SecureMemcached> resource = create(server.client(), namespace, "scaled");
    SecureMemcached seen = resource.get();
    seen.setStatus(
        Serialization.unmarshal(
            "{\"replicas\": 1, \"selector\": \"securememcached.io/server-of=scaled\"}",
            SecureMemcachedStatus.class));
    server.client().resource(seen).updateStatus();
    Scale before = resource.scale();
    assertThat(before.getSpec().getReplicas()).isEqualTo(1);
    assertThat(before.getStatus().getReplicas()).isEqualTo(1);
    assertThat(before.getStatus().getSelector()).isEqualTo("securememcached.io/server-of=scaled");

    before.getSpec().setReplicas(3);
    Scale after = resource.scale(before);
    assertThat(resource.get().getSpec().replicas()).isEqualTo(3);

    after.getSpec().setReplicas(101);
    assertThatThrownBy(() -> resource.scale(after))
        .hasMessageContaining("spec.replicas in body should be less than or equal to 100");
  }

  @Test
  void specIsNoPartOfStatus(ApiServer server) {
    String namespace = server.newNamespace();
    Resource<SecureMemcached> resource = create(server.client(), namespace, "parts");
    long generation = resource.get().getMetadata().getGeneration();
    SecureMemcached seen = resource.get();
    seen.setSpec(Serialization.unmarshal("{\"replicas\": 5}", SecureMemcachedSpec.class));
    seen.setStatus(
        Serialization.unmarshal("{\"observedGeneration\": 7}", SecureMemcachedStatus.class));
    server.client().resource(seen).updateStatus();
    assertThat(resource.get().getSpec().replicas()).isEqualTo(1);
    assertThat(resource.get().getStatus().observedGeneration()).isEqualTo(7);
    assertThat(resource.get().getMetadata().getGeneration()).isEqualTo(generation);
  }

  @Test
  void columns(ApiServer server) throws Exception {
    String namespace = server.newNamespace();
    create(server.client(), namespace, "printed");
    HttpRequest request =
        server
            .client()
            .getHttpClient()
            .newHttpRequestBuilder()
            .uri(uri(server.client(), namespace))
            .header("Accept", "application/json;as=Table;g=meta.k8s.io;v=v1")
            .build();
    JsonNode table =
        json(server.client().getHttpClient().sendAsync(request, String.class).get().body());
    assertThat(texts(table.get("columnDefinitions"), "name"))
        .containsExactly(
            "Name",
            "Servers",
            "Cache",
            "Zones",
            "Proven",
            "Ready",
            "Reason",
            "Listen",
            "Port",
            "Image",
            "UpToDate",
            "Age");
    assertThat(texts(table.get("columnDefinitions"), "priority"))
        .as("0 is shown always, 1 with -o wide")
        .containsExactly("0", "0", "0", "0", "0", "0", "1", "1", "1", "1", "1", "0");
    assertThat(table.get("rows").get(0).get("cells").get(2).asText()).isEqualTo("64Mi");
  }

  @Test
  void shortName(ApiServer server) {
    assertThat(
            server
                .client()
                .getApiResources("securememcached.io/v1beta1")
                .getResources()
                .getFirst()
                .getShortNames())
        .containsExactly("smc");
  }

  private static JsonNode json(String text) {
    return Serialization.unmarshal(text, JsonNode.class);
  }

  private static List<String> texts(JsonNode array, String field) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(node -> node.get(field).asText())
        .toList();
  }

  private static Resource<SecureMemcached> create(
      KubernetesClient client, String namespace, String name) {
    SecureMemcached resource = new SecureMemcached();
    resource.setMetadata(new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
    client.resource(resource).create();
    return resource(client, namespace, name);
  }

  private static Resource<SecureMemcached> resource(
      KubernetesClient client, String namespace, String name) {
    return client.resources(SecureMemcached.class).inNamespace(namespace).withName(name);
  }

  private static String uri(KubernetesClient client, String namespace) {
    return client.getMasterUrl()
        + "apis/securememcached.io/v1beta1/namespaces/"
        + namespace
        + "/securememcacheds";
  }

  private static HttpResponse<String> send(
      KubernetesClient client, String namespace, String query, String json) throws Exception {
    HttpRequest request =
        client
            .getHttpClient()
            .newHttpRequestBuilder()
            .uri(uri(client, namespace) + query)
            .post("application/json", json)
            .build();
    return client.getHttpClient().sendAsync(request, String.class).get();
  }
}
