package io.securememcached.operator.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every child of every example, field by field, in the order in which they are written. */
class GoldenChildrenTest {

  @ParameterizedTest
  @MethodSource("examples")
  void children(String name) throws IOException {
    Guarded.assertUpToDate(Golden.file(name), Golden.render(Golden.desired(Golden.example(name))));
  }

  /** A pass gets the very object that the cache holds. */
  @ParameterizedTest
  @MethodSource("examples")
  void resourceIsOnlyRead(String name) {
    SecureMemcached primary = Golden.example(name);
    Golden.desired(primary);
    String before = Serialization.asJson(primary);
    Golden.desired(primary).forEach(child -> child.getMetadata().setResourceVersion("1"));
    assertThat(Serialization.asJson(primary)).isEqualTo(before);
  }

  static List<String> examples() {
    return Golden.examples();
  }
}
