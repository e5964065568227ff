package io.securememcached.operator.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Logins with a clock and servers that the test moves. */
abstract class RotationFixture {

  static final Instant START = Instant.parse("2026-11-22T12:00:00Z");
  static final Duration OVERLAP = Duration.ofMinutes(10);

  final Map<String, String> requests = new HashMap<>();
  final Map<String, Optional<Login>> provided = new HashMap<>();
  final Set<String> lost = new HashSet<>();
  final Set<String> unpublished = new HashSet<>();
  boolean sasldbLost;

  Instant now = START;
  Duration overlap = OVERLAP;
  Optional<Duration> interval = Optional.empty();
  boolean delivered = true;
  int room = Integer.MAX_VALUE;
  List<String> users;
  Map<String, Wait> waiting = Map.of();
  Logins logins = Logins.none(Map.of());

  private int passwords;

  RotationFixture(String... users) {
    this.users = List.of(users);
  }

  /**
   * Takes all steps that are possible now. Every state on the way reads back equal, so that an
   * operator that was killed goes on.
   */
  final void advance() {
    Rotation.Result result = Rotation.advance(logins, situation());
    logins = result.logins();
    waiting = result.waiting();
    Map<String, String> file = new HashMap<>();
    logins.all().forEach(login -> file.put(login.name(), login.password()));
    String text = LoginsText.write(logins);
    assertThat(LoginsText.read(text, file)).isEqualTo(new LoginsText.Read.Known(logins, Set.of()));
    assertThat(text).doesNotContain("\"p0\"", "\"one\"");
  }

  final Optional<Instant> due() {
    return Rotation.due(logins, situation());
  }

  private RotationInput situation() {
    return new RotationInput(
        users,
        "operator",
        Set.of("exporter"),
        provided,
        lost,
        sasldbLost,
        unpublished,
        requests,
        overlap,
        interval,
        next -> delivered,
        all -> all.size() <= room,
        () -> "p" + passwords++,
        now);
  }
}
