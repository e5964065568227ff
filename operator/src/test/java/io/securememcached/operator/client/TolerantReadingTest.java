package io.securememcached.operator.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.DefaultKubernetesResourceList;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.testing.ApiServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * A resource as a later version of the CRD allows it, generated from today's schema: with a field
 * that is not known, or a value that is not known, at each place.
 */
class TolerantReadingTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String UNHEARD = "Unheard";

  private final KubernetesSerialization reader = ApiClient.serialization();

  @Test
  void whatThisVersionKnowsIsReadInFull() throws IOException {
    SecureMemcached resource = read(sample());
    assertThat(resource.getUnreadable()).isEmpty();
    assertThat(resource.getSpec().sourceZones()).hasSize(1);
    assertThat(resource.getStatus().credentials()).hasSize(1);
  }

  @TestFactory
  Stream<DynamicTest> unknownFieldsAreLeftOut() throws IOException {
    SecureMemcached known = read(sample());
    return objects("", sample(), schema())
        .map(
            path ->
                dynamicTest(
                    "in " + path,
                    () -> {
                      ObjectNode later = sample();
                      ((ObjectNode) later.at(path))
                          .set("laterField", JSON.readTree("{\"a\": [1, {\"b\": true}]}"));
                      SecureMemcached resource = read(later);
                      if (path.startsWith("/spec/resources/")) {
                        // Any name may stand there, and has an amount.
                        assertThat(resource.getUnreadable()).hasSize(1);
                        return;
                      }
                      assertThat(resource.getUnreadable()).isEmpty();
                      // Kubernetes' own types keep it, for the child that they go into.
                      assertThat(text(resource).replaceAll(",?\"laterField\":\\{.*?\\]\\}", ""))
                          .isEqualTo(text(known));
                    }));
  }

  @TestFactory
  Stream<DynamicTest> unknownValuesAreNamed() throws IOException {
    return enums("", sample(), schema())
        .map(
            path ->
                dynamicTest(
                    "at " + path,
                    () -> {
                      ObjectNode later = sample();
                      set(later, path, JSON.getNodeFactory().textNode(UNHEARD));
                      SecureMemcached resource = read(later);
                      if (path.startsWith("/spec")) {
                        assertThat(resource.getUnreadable())
                            .containsExactly(
                                path.substring(1).replace('/', '.') + ": '" + UNHEARD + "'");
                      } else {
                        assertThat(resource.getUnreadable()).isEmpty();
                      }
                    }));
  }

  /** Such as a number that becomes a number or a percentage, or a text that becomes an object. */
  @TestFactory
  Stream<DynamicTest> valuesOfAnotherTypeFailNothing() throws IOException {
    return leaves("", sample(), schema())
        .flatMap(path -> Stream.of("{\"a\": {}}", "[[1]]").map(value -> List.of(path, value)))
        .map(
            of ->
                dynamicTest(
                    of.get(1) + " at " + of.get(0),
                    () -> {
                      ObjectNode later = sample();
                      set(later, of.get(0), JSON.readTree(of.get(1)));
                      SecureMemcached resource = read(later);
                      assertThat(resource.getUnreadable().isEmpty())
                          .as("read %s", resource.getUnreadable())
                          .isEqualTo(!of.get(0).startsWith("/spec"));
                    }));
  }

  @Test
  void whatIsTextAndMeansNothingIsNamed() throws IOException {
    ObjectNode later = sample();
    set(later, "/spec/verification/interval", JSON.getNodeFactory().textNode("1d"));
    set(later, "/spec/cacheSize", JSON.getNodeFactory().textNode("auto"));
    set(
        later,
        "/spec/resources",
        JSON.readTree("{\"limits\": {\"cpu\": \"\", \"memory\": \"1Zi\"}}"));
    assertThat(read(later).getUnreadable())
        .containsExactly(
            "spec.cacheSize: 'auto'",
            "spec.resources.limits.cpu: ''",
            "spec.resources.limits.memory: '1Zi'",
            "spec.verification.interval: '1d'");
  }

  @Test
  void timesOfUpdatesThatMeanNothingAreNamed() throws IOException {
    ObjectNode later = sample();
    set(
        later,
        "/spec/updates",
        JSON.readTree(
            """
            {"pause": "1d",
            "windows": [{"start": "02:00", "duration": "2h"}, {"start": "24:00", "duration": "1w"}]}
            """));
    assertThat(read(later).getUnreadable())
        .containsExactly(
            "spec.updates.pause: '1d'",
            "spec.updates.windows.1.duration: '1w'",
            "spec.updates.windows.1.start: '24:00'");
  }

  /** An older version would take it for one without limits. */
  @Test
  void sourceOfAnUnknownKindIsNamed() throws IOException {
    ObjectNode later = sample();
    set(later, "/spec/sourceZones/0/sources", JSON.readTree("[{\"fqdn\": \"app.example.com\"}]"));
    assertThat(read(later).getUnreadable()).singleElement().asString().contains("sourceZones");
  }

  @Test
  void oneSuchResourceFailsNoList() throws IOException {
    ObjectNode later = sample();
    set(later, "/spec/listen", JSON.getNodeFactory().textNode(UNHEARD));
    ObjectNode list = JSON.createObjectNode();
    list.put("apiVersion", "securememcached.io/v1beta1").put("kind", "SecureMemcachedList");
    list.putObject("metadata").put("resourceVersion", "1");
    list.putArray("items").add(later).add(sample());
    ResourceList read = reader.unmarshal(list.toString(), ResourceList.class);
    assertThat(read.getItems())
        .extracting(resource -> resource.getUnreadable().size())
        .containsExactly(1, 0);
  }

  @Test
  void watchEventIsReadAlike() throws IOException {
    ObjectNode later = sample();
    set(later, "/spec/image/flavor", JSON.getNodeFactory().textNode(UNHEARD));
    later.withObject("/spec").put("laterField", 1);
    ObjectNode event = JSON.createObjectNode().put("type", "MODIFIED");
    event.set("object", later);
    Object read = reader.unmarshal(event.toString(), WatchEvent.class).getObject();
    assertThat(read)
        .isInstanceOfSatisfying(
            SecureMemcached.class,
            resource ->
                assertThat(resource.getUnreadable())
                    .containsExactly("spec.image.flavor: 'Unheard'"));
  }

  /** The framework may copy what is in its caches by writing and reading it. */
  @Test
  void copyIsAsUnreadable() throws IOException {
    ObjectNode later = sample();
    set(later, "/spec/image/flavor", JSON.getNodeFactory().textNode(UNHEARD));
    SecureMemcached resource = read(later);
    assertThat(reader.clone(resource).getUnreadable()).isEqualTo(resource.getUnreadable());
  }

  private static final class ResourceList extends DefaultKubernetesResourceList<SecureMemcached> {
    private static final long serialVersionUID = 1;
  }

  private SecureMemcached read(JsonNode resource) {
    return reader.unmarshal(resource.toString(), SecureMemcached.class);
  }

  private String text(SecureMemcached resource) {
    return reader.asJson(resource);
  }

  private static JsonNode schema() throws IOException {
    return new YAMLMapper()
        .readTree(ApiServer.CRD.toFile())
        .at("/spec/versions/0/schema/openAPIV3Schema");
  }

  /** A resource with each field of the schema. */
  private static ObjectNode sample() throws IOException {
    ObjectNode sample = (ObjectNode) sample("", schema()).orElseThrow();
    sample.put("apiVersion", "securememcached.io/v1beta1").put("kind", "SecureMemcached");
    sample.putObject("metadata").put("name", "cache").put("namespace", "shop").put("uid", "u");
    return sample;
  }

  private static Optional<JsonNode> sample(String name, JsonNode schema) {
    if (schema.has("enum")) {
      return Optional.of(schema.get("enum").get(0));
    }
    return switch (schema.path("type").asText()) {
      case "object" -> {
        ObjectNode object = JSON.createObjectNode();
        schema
            .path("properties")
            .properties()
            .forEach(
                property ->
                    sample(property.getKey(), property.getValue())
                        .ifPresent(value -> object.set(property.getKey(), value)));
        yield Optional.of(object);
      }
      case "array" ->
          Optional.of(
              sample(name, schema.get("items"))
                  .map(item -> JSON.createArrayNode().add(item))
                  .orElseGet(JSON::createArrayNode));
      case "integer" -> Optional.of(JSON.getNodeFactory().numberNode(1));
      case "boolean" -> Optional.of(JSON.getNodeFactory().booleanNode(true));
      case "string" -> Optional.of(JSON.getNodeFactory().textNode(text(name, schema)));
      default -> Optional.empty();
    };
  }

  private static String text(String name, JsonNode schema) {
    if (schema.has("default") && !schema.get("default").asText().isEmpty()) {
      return schema.get("default").asText();
    }
    return switch (name) {
      case "interval", "duration" -> "15m";
      case "start" -> "02:00";
      default -> "10.0.4.0/24";
    };
  }

  /** Paths of all objects whose fields the schema names. */
  private static Stream<String> objects(String path, JsonNode value, JsonNode schema) {
    return places(path, value, schema)
        .filter(place -> place.schema().has("properties"))
        .map(Place::path)
        .filter(of -> of.startsWith("/spec") || of.startsWith("/status") || of.isEmpty());
  }

  private static Stream<String> enums(String path, JsonNode value, JsonNode schema) {
    return places(path, value, schema)
        .filter(place -> place.schema().has("enum"))
        .map(Place::path)
        // Text to this operator; the API server judges it in the NetworkPolicy.
        .filter(of -> !of.endsWith("/operator"));
  }

  private static Stream<String> leaves(String path, JsonNode value, JsonNode schema) {
    return places(path, value, schema)
        .filter(place -> place.value().isValueNode())
        .map(Place::path)
        .filter(of -> of.startsWith("/spec") || of.startsWith("/status"));
  }

  private record Place(String path, JsonNode value, JsonNode schema) {}

  private static Stream<Place> places(String path, JsonNode value, JsonNode schema) {
    List<Stream<Place>> places = new ArrayList<>();
    places.add(Stream.of(new Place(path, value, schema)));
    schema
        .path("properties")
        .properties()
        .forEach(
            property -> {
              JsonNode of = value.path(property.getKey());
              if (!of.isMissingNode()) {
                places.add(places(path + "/" + property.getKey(), of, property.getValue()));
              }
            });
    if (value instanceof ArrayNode array && !array.isEmpty()) {
      places.add(places(path + "/0", array.get(0), schema.get("items")));
    }
    return places.stream().flatMap(stream -> stream);
  }

  private static void set(ObjectNode root, String path, JsonNode value) {
    int slash = path.lastIndexOf('/');
    JsonNode parent = root.at(path.substring(0, slash));
    String name = path.substring(slash + 1);
    if (parent instanceof ArrayNode array) {
      array.set(Integer.parseInt(name), value);
    } else {
      ((ObjectNode) parent).set(name, value);
    }
  }
}
