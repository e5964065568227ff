package io.securememcached.operator.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CopyRejectionTest {

  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

  @Test
  void isTriedAgainEverLessOften() {
    List<Long> pauses = new ArrayList<>();
    Optional<CopyRejection> last = Optional.empty();
    for (int rejection = 0; rejection < 10; rejection++) {
      last = Optional.of(CopyRejection.of(last, "7", "rejected", NOW));
      pauses.add(last.get().pause().toSeconds());
    }
    assertThat(pauses).containsExactly(5L, 10L, 20L, 40L, 80L, 160L, 320L, 600L, 600L, 600L);
  }

  @Test
  void waitsForItsTimeOrAChange() {
    CopyRejection rejection = CopyRejection.of(Optional.empty(), "7", "rejected", NOW);
    assertThat(rejection.isWaiting("7", NOW)).isTrue();
    assertThat(rejection.isWaiting("8", NOW)).isFalse();
    assertThat(rejection.isWaiting("7", NOW.plus(rejection.pause()))).isFalse();
    assertThat(CopyRejection.of(Optional.of(rejection), "8", "rejected", NOW).pause())
        .isEqualTo(Duration.ofSeconds(5));
  }
}
