package io.securememcached.operator.monitoring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.securememcached.operator.monitoring.ExporterKeys.Previous;
import io.securememcached.operator.rotation.Login;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExporterKeysTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration INTERVAL = Duration.ofDays(30);
  private static final ExporterKeys FIRST = ExporterKeys.first(ExporterKey.generate(1), START);

  @Test
  void isReadAsItWasWritten() throws ExporterKeysFormatException {
    ExporterKeys second = advance(FIRST, INTERVAL);

    assertThat(ExporterKeys.parse(FIRST.format())).isEqualTo(FIRST);
    assertThat(ExporterKeys.parse(second.format())).isEqualTo(second);
    assertThat(second.format()).isEqualTo(ExporterKeys.parse(second.format()).format());
  }

  /** What the exporter of another version reads: these names don't change. */
  @Test
  void fieldsOfTheSecret() {
    ExporterKeys second = advance(FIRST, INTERVAL);

    assertThat(decoded(second.format()))
        .isEqualTo(
            Map.of(
                "format",
                "1",
                "generation",
                "2",
                "key",
                second.current().secret(),
                "since",
                "2026-01-31T00:00:00Z",
                "previous-key",
                FIRST.current().secret(),
                "previous-valid-until",
                "2026-02-01T00:00:00Z"));
  }

  @Test
  void unknownFieldsAreIgnored() throws ExporterKeysFormatException {
    Map<String, String> data = new HashMap<>(FIRST.format());
    data.put("later", "bGF0ZXI=");

    assertThat(ExporterKeys.parse(data)).isEqualTo(FIRST);
  }

  @Test
  void saysWhatIsWrong() {
    assertThat(problem("key", "c2VjcmV0"))
        .hasMessage("is damaged: field key: key is not 64 lower-case hexadecimal digits");
    assertThat(problem("key", "%")).hasMessage("is damaged: field key is not base64");
    assertThat(problem("generation", encoded("one")))
        .hasMessage("is damaged: field generation is not a whole number");
    assertThat(problem("since", encoded("yesterday")))
        .hasMessage("is damaged: field since is not a time such as 2026-01-01T00:00:00Z");
    assertThat(problem("previous-key", encoded(FIRST.current().secret())))
        .hasMessage("is damaged: field previous-key: generation is 0, the least is 1");
    assertThatThrownBy(() -> ExporterKeys.parse(Map.of()))
        .hasMessage("is damaged: field format is missing");

    ExporterKeysFormatException newer = problem("format", encoded("2"));
    assertThat(newer)
        .hasMessage(
            "has format 2, which a newer version of the operator wrote; this one reads up to 1");
    assertThat(newer.isNewer()).isTrue();
    assertThat(problem("key", "%").isNewer()).isFalse();
  }

  @Test
  void bothAreAcceptedDuringTheOverlap() {
    ExporterKeys second = advance(FIRST, INTERVAL);
    Login before = FIRST.current().login("shop", "sessions", "uid");
    Login after = second.current().login("shop", "sessions", "uid");

    assertThat(FIRST.logins("shop", "sessions", "uid")).containsExactly(before);
    assertThat(second.logins("shop", "sessions", "uid"))
        .as("newest first")
        .containsExactly(after, before);
    assertThat(after.name()).isNotEqualTo(before.name());
    ExporterKeys ended = advance(second, INTERVAL.plus(ExporterKeys.OVERLAP));
    assertThat(ended.logins("shop", "sessions", "uid")).containsExactly(after);
  }

  @Test
  void nothingIsDueBetween() {
    ExporterKeys second = advance(FIRST, INTERVAL);

    assertThat(advance(FIRST, INTERVAL.minusMillis(1))).isEqualTo(FIRST);
    assertThat(advance(second, INTERVAL.plus(ExporterKeys.OVERLAP).minusMillis(1)))
        .isEqualTo(second);
  }

  @Test
  void aDayIsTheShortestInterval() {
    Duration day = ExporterKeys.OVERLAP;
    ExporterKeys second = FIRST.advance(day, ExporterKey::generate, START.plus(day));
    ExporterKeys third =
        second.advance(day, ExporterKey::generate, START.plus(day.multipliedBy(2)));

    assertThat(third.current().generation()).isEqualTo(3);
    assertThat(third.previous().map(Previous::key)).contains(second.current());
  }

  /** A clock that was years ahead would delay the rotation, or the end of a key, by years. */
  @Test
  void timesOfAClockThatWasAheadCountAsNow() {
    Instant future = START.plus(Duration.ofDays(3650));
    ExporterKeys keys =
        new ExporterKeys(
            ExporterKey.generate(2),
            future,
            Optional.of(new Previous(FIRST.current(), future.plus(ExporterKeys.OVERLAP))));

    ExporterKeys corrected = keys.advance(INTERVAL, ExporterKey::generate, START);

    assertThat(corrected.current()).isEqualTo(keys.current());
    assertThat(corrected.since()).isEqualTo(START);
    assertThat(corrected.previous().map(Previous::validUntil))
        .contains(START.plus(ExporterKeys.OVERLAP));
  }

  private static ExporterKeys advance(ExporterKeys keys, Duration afterStart) {
    return keys.advance(INTERVAL, ExporterKey::generate, START.plus(afterStart));
  }

  private static ExporterKeysFormatException problem(String field, String value) {
    Map<String, String> data = new HashMap<>(FIRST.format());
    data.put(field, value);
    try {
      ExporterKeys.parse(data);
    } catch (ExporterKeysFormatException e) {
      return e;
    }
    throw new AssertionError("was read: " + field);
  }

  private static Map<String, String> decoded(Map<String, String> data) {
    Map<String, String> decoded = new HashMap<>();
    data.forEach(
        (field, value) -> decoded.put(field, new String(Base64.getDecoder().decode(value), UTF_8)));
    return decoded;
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
