package io.securememcached.operator.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.securememcached.operator.rotation.LoginsText.Read;
import io.securememcached.operator.rotation.UserLogins.Ending;
import io.securememcached.operator.rotation.UserLogins.Next;
import io.securememcached.operator.rotation.UserLogins.Previous;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What another version of the operator wrote is never taken for nothing. */
class LoginsTextTest {

  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  private static final Map<String, String> PASSWORDS =
      Map.of("sammy", "one", "sammy_2", "two", "sammy_3", "three");

  private static final Logins LOGINS =
      new Logins(
          NOON,
          3,
          Map.of(Requests.REVOKE, "leaked"),
          Map.of(
              "sammy",
              new UserLogins(
                  Optional.of(new Login("sammy", "one")),
                  Optional.of(new Next(new Login("sammy_2", "two"), NOON)),
                  Optional.of(new Previous(new Login("sammy_3", "three"), NOON, NOON)),
                  4,
                  NOON,
                  Cause.Requested,
                  Optional.of(Cause.Interval),
                  Optional.of(new Ending(NOON, NOON.plusSeconds(600))))));

  @Test
  void readsWhatItWrote() {
    assertThat(read(LoginsText.write(LOGINS))).isEqualTo(new Read.Known(LOGINS, Set.of()));
  }

  /** As a version wrote it that ended such logins immediately. */
  @Test
  void textWithoutAnEndIsRead() throws JsonProcessingException {
    ObjectNode text = json();
    ((ObjectNode) text.at("/users/sammy")).remove(List.of("endingSince", "endsAt"));
    assertThat(((Read.Known) read(text.toString())).logins().of("sammy"))
        .isEqualTo(LOGINS.of("sammy").withEnding(Optional.empty()));
  }

  /** So the version before ignores it, and ends the login as it always did. */
  @Test
  void endNeedsNoNewFormat() {
    assertThat(LoginsText.write(LOGINS))
        .contains(
            "\"format\":1",
            "\"endsAt\":\"2026-11-22T12:10:00Z\"",
            "\"endingSince\":\"2026-11-22T12:00:00Z\"");
  }

  @Test
  void endWithoutABeginningIsDamage() throws JsonProcessingException {
    ObjectNode text = json();
    ((ObjectNode) text.at("/users/sammy")).remove("endingSince");
    assertThat(read(text.toString())).isInstanceOf(Read.Unreadable.class);
  }

  /** Else a roll back would carry out every request again, and restart every server. */
  @ParameterizedTest
  @ValueSource(strings = {"", "/users/sammy"})
  void unknownFieldIsLeftOut(String level) throws JsonProcessingException {
    for (String value : new String[] {"1", "\"text\"", "{\"a\": [1]}", "null"}) {
      ObjectNode text = json();
      ((ObjectNode) text.at(level)).set("later", new ObjectMapper().readTree(value));
      assertThat(read(text.toString())).isEqualTo(new Read.Known(LOGINS, Set.of()));
    }
  }

  @Test
  void requestOfAnotherVersionStaysHandled() throws JsonProcessingException {
    ObjectNode text = json();
    ((ObjectNode) text.at("/handled")).put("securememcached.io/later", "now");
    assertThat(((Read.Known) read(text.toString())).logins().handled())
        .containsEntry(Requests.REVOKE, "leaked")
        .containsEntry("securememcached.io/later", "now");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cause", "owed"})
  void unknownCauseIsAnotherOne(String field) throws JsonProcessingException {
    ObjectNode text = json();
    ((ObjectNode) text.at("/users/sammy")).put(field, "FullMoon");
    UserLogins sammy = ((Read.Known) read(text.toString())).logins().of("sammy");
    assertThat(field.equals("cause") ? sammy.cause() : sammy.owed().orElseThrow())
        .isEqualTo(Cause.Other);
    assertThat(sammy.all()).as("all else is as it was").hasSize(3);
  }

  @Test
  void newerFormatIsToldAndNotRead() throws JsonProcessingException {
    ObjectNode text = json();
    text.put("format", 2).put("restarts", "many");
    assertThat(read(text.toString()))
        .isEqualTo(
            new Read.Unreadable(
                "has format 2, which a newer version of the operator wrote; this one reads up to 1",
                true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "nonsense",
        "{\"changedAt\": \"yesterday\"}",
        "{}",
        "{\"changedAt\": \"2026-11-22T12:00:00Z\", \"users\": {\"a\": 1}}",
        "{\"changedAt\": \"2026-11-22T12:00:00Z\", \"users\": {\"a\": null}}"
      })
  void damageIsTold(String text) {
    assertThat(read(text))
        .isInstanceOfSatisfying(
            Read.Unreadable.class, read -> assertThat(read.isNewer()).isFalse());
  }

  @Test
  void nameThatIsInUseTwiceIsDamage() throws JsonProcessingException {
    ObjectNode text = json();
    JsonNode sammy = text.at("/users/sammy");
    ((ObjectNode) text.at("/users")).set("jaws", sammy);
    assertThat(read(text.toString())).isInstanceOf(Read.Unreadable.class);
  }

  @Test
  void loginWithoutAPasswordIsTold() {
    assertThat(LoginsText.read(LoginsText.write(LOGINS), Map.of("sammy_2", "two")))
        .isInstanceOfSatisfying(
            Read.Known.class,
            read -> {
              assertThat(read.damaged()).containsExactly("sammy");
              assertThat(read.logins().restarts()).isEqualTo(3);
            });
  }

  private static ObjectNode json() throws JsonProcessingException {
    return (ObjectNode) new ObjectMapper().readTree(LoginsText.write(LOGINS));
  }

  private static Read read(String text) {
    return LoginsText.read(text, PASSWORDS);
  }
}
