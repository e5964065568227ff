package io.securememcached.operator.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The resource in the cache is handed out as it is: nothing that reads it can change it. */
class UnmodifiableTest {

  private static final String RESOURCE =
      """
      spec:
        image: {pullSecrets: [{name: a}]}
        users: [{name: a, secretNamespaces: [b]}]
        sourceZones: [{name: a, sources: [{cidr: 10.0.0.0/8}]}]
        resources: {requests: {cpu: "1"}, limits: {cpu: "1"}}
        scheduling: {nodeSelector: {a: b}, tolerations: [{key: a}], topologySpreadConstraints: [{maxSkew: 1}]}
        pod: {labels: {a: b}, annotations: {a: b}}
        service: {annotations: {a: b}}
        updates: {windows: [{days: [Sunday], start: "02:00", duration: 2h}]}
        labels: {a: b}
        annotations: {a: b}
      status:
        conditions: [{type: Ready}]
        servers: [{name: cache-0, checks: [{check: login}]}]
        credentials: [{user: a, pendingServers: [{name: cache-0}], copies: [b/a]}]
        sourceLists: [{configMap: office, cidrs: [10.0.0.0/8]}]
        pendingUpdates: [{change: image, servers: [cache-0]}]
      """;

  private final List<String> seen = new ArrayList<>();

  @Test
  void collectionsOfTheResourceAreUnmodifiable() throws ReflectiveOperationException {
    SecureMemcached resource = Serialization.unmarshal(RESOURCE, SecureMemcached.class);
    look("spec", resource.getSpec());
    look("status", resource.getStatus());
    assertThat(seen).hasSize(27);
  }

  private void look(String path, Object value) throws ReflectiveOperationException {
    switch (value) {
      case Collection<?> list -> {
        seen.add(path);
        assertThat(list).as(path).isNotEmpty();
        assertThatThrownBy(() -> list.remove(list.iterator().next()))
            .as(path)
            .isInstanceOf(UnsupportedOperationException.class);
        for (Object element : list) {
          look(path, element);
        }
      }
      case Map<?, ?> map -> {
        seen.add(path);
        assertThat(map).as(path).isNotEmpty();
        assertThatThrownBy(map::clear).as(path).isInstanceOf(UnsupportedOperationException.class);
      }
      case Record fields -> {
        for (RecordComponent field : fields.getClass().getRecordComponents()) {
          field.getAccessor().setAccessible(true);
          Object content = field.getAccessor().invoke(fields);
          if (content != null) {
            look(path + "." + field.getName(), content);
          }
        }
      }
      default -> {
        // A single value.
      }
    }
  }
}
