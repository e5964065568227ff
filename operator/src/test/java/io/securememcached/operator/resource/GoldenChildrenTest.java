package io.securememcached.operator.resource;

import io.securememcached.operator.Guarded;
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

  static List<String> examples() {
    return Golden.examples();
  }
}
