package io.securememcached.operator.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RealmsTest {

  @Test
  void fixedRealmAndHostNames() {
    assertThat(Realms.of("sessions", 2))
        .containsExactly(
            "sessions",
            "sessions-0",
            "sessions-1",
            "sessions-2",
            "sessions-3",
            "sessions-4",
            "sessions-5",
            "sessions-6",
            "sessions-7");
  }

  @ParameterizedTest
  @CsvSource({"0,8", "1,8", "6,8", "7,16", "12,16", "13,16", "14,24", "40,56", "80,100", "100,100"})
  void capacityLeavesRoom(int servers, int capacity) {
    assertThat(Realms.capacity(servers)).isEqualTo(capacity);
    assertThat(Realms.of("sessions", servers)).hasSize(capacity + 1).doesNotHaveDuplicates();
  }

  @Test
  void scaleOutOneByOneRewritesTheFileRarely() {
    long files =
        IntStream.rangeClosed(1, 100)
            .mapToObj(replicas -> Realms.of("sessions", replicas))
            .distinct()
            .count();
    assertThat(files).isEqualTo(13);
  }

  @Test
  void negativeReplicas() {
    assertThatThrownBy(() -> Realms.of("sessions", -1)).hasMessage("servers is negative: -1");
  }
}
