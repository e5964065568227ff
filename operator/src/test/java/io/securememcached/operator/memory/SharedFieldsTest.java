package io.securememcached.operator.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.resource.Labels;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SharedFieldsTest {

  private static final String SERVICE =
      """
      {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "%s", "managedFields": [
        {"manager": "securememcached-operator", "operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": {
          "f:metadata": {"f:ownerReferences": {"k:{\\"uid\\":\\"%s\\"}": {}}},
          "f:spec": {"f:ports": {"k:{\\"port\\":1}": {".": {}, "f:name": {}}}, "f:type": {}}}}]}}""";

  private final KubernetesSerialization shared = ApiClient.serialization();

  @Test
  void equalTreesAreKeptOnce() {
    Map<String, Object> first = fields(shared.unmarshal(SERVICE.formatted("a", "1")));
    Map<String, Object> second = fields(shared.unmarshal(SERVICE.formatted("b", "2")));
    assertThat(second.get("f:spec")).isSameAs(first.get("f:spec"));
    assertThat(second.get("f:metadata")).isNotEqualTo(first.get("f:metadata"));
  }

  @Test
  void theyAreReadAndWrittenAsEver() {
    String text = SERVICE.formatted("a", "1");
    KubernetesSerialization plain = new KubernetesSerialization(new ObjectMapper(), true);
    Service expected = plain.unmarshal(text);
    Service actual = shared.unmarshal(text);
    assertThat(actual).isEqualTo(expected);
    assertThat(plain.<Service>unmarshal(shared.asJson(actual))).isEqualTo(expected);
    assertThat(shared.clone(actual)).isEqualTo(actual);
  }

  @Test
  void thoseOfOthersAreSkipped() {
    String text = SERVICE.formatted("a", "1").replace(Labels.OPERATOR, "kubectl");
    Service service = shared.unmarshal(text);
    assertThat(fields(service)).isEmpty();
    assertThat(service.getMetadata().getManagedFields().getFirst().getManager())
        .isEqualTo("kubectl");
  }

  @Test
  void whatIsNoSetOfFieldsIsSkipped() {
    String text = SERVICE.formatted("a", "1").replace("\"f:type\": {}", "\"f:type\": [1, {}]");
    assertThat(fields(shared.unmarshal(text)).get("f:spec"))
        .isEqualTo(
            Map.of("f:ports", Map.of("k:{\"port\":1}", Map.of(".", Map.of(), "f:name", Map.of()))));
  }

  @Test
  void nobodyCanChangeThem() {
    Map<String, Object> fields = fields(shared.unmarshal(SERVICE.formatted("a", "1")));
    assertThatThrownBy(() -> fields.put("f:status", Map.of()))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  private static Map<String, Object> fields(Service service) {
    return service
        .getMetadata()
        .getManagedFields()
        .getFirst()
        .getFieldsV1()
        .getAdditionalProperties();
  }
}
