package io.securememcached.operator.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class NamesTest {

  @Test
  void numberOfAServerIsReadBack() {
    var primary = Golden.example(Golden.examples().getFirst());
    for (int ordinal : new int[] {0, 1, 9, 10, 99, 999_999_999}) {
      assertThat(Names.ordinal(primary, Names.name(primary) + "-" + ordinal))
          .isEqualTo(OptionalInt.of(ordinal));
    }
  }
}
