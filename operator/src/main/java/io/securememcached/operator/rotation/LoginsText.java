package io.securememcached.operator.rotation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.securememcached.operator.rotation.UserLogins.Ending;
import io.securememcached.operator.rotation.UserLogins.Next;
import io.securememcached.operator.rotation.UserLogins.Previous;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Logins as JSON without the passwords, for the annotation beside a sasldb: the file has the
 * passwords, the text says which login is current, next or previous.
 *
 * <p>Unknown fields and causes are ignored, as a later version may have added them. A change that
 * must not be ignored gets a higher {@link #FORMAT}.
 */
public final class LoginsText {

  /** Number of the newest format that this version can read. */
  static final int FORMAT = 1;

  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  /** What a text says. */
  public sealed interface Read {

    /**
     * Logins.
     *
     * @param damaged users with a login of which the sasldb has no password
     */
    record Known(Logins logins, Set<String> damaged) implements Read {}

    /**
     * Not a text of this version or an earlier one.
     *
     * @param problem as the rest of a sentence that starts with "it"
     * @param isNewer whether a later version of the operator wrote it
     */
    record Unreadable(String problem, boolean isNewer) implements Read {}
  }

  @JsonInclude(JsonInclude.Include.NON_DEFAULT)
  private record All(
      int format,
      String changedAt,
      int restarts,
      Map<String, String> handled,
      Map<String, One> users) {}

  @JsonInclude(JsonInclude.Include.NON_DEFAULT)
  private record One(
      String current,
      String next,
      String nextSince,
      String previous,
      String previousSince,
      String previousValidUntil,
      int generation,
      String rotatedAt,
      String cause,
      String owed,
      String endingSince,
      String endsAt) {}

  /** Reads only the format number, whatever the rest is. */
  private record Format(int format) {}

  private LoginsText() {}

  /** The text; equal logins give an equal text. */
  public static String write(Logins logins) {
    Map<String, One> users = new TreeMap<>();
    logins.users().forEach((user, of) -> users.put(user, one(of)));
    try {
      return JSON.writeValueAsString(
          new All(
              FORMAT, logins.changedAt().toString(), logins.restarts(), logins.handled(), users));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads a text.
   *
   * @param passwords by login name, from the sasldb; a login without one is lost
   */
  public static Read read(String text, Map<String, String> passwords) {
    try {
      int format = JSON.readValue(text, Format.class).format();
      if (format > FORMAT) {
        return new Read.Unreadable(
            "has format %d, which a newer version of the operator wrote; this one reads up to %d"
                .formatted(format, FORMAT),
            true);
      }
      All all = JSON.readValue(text, All.class);
      Map<String, UserLogins> users = new TreeMap<>();
      Set<String> damaged = new TreeSet<>();
      for (Map.Entry<String, One> user : orEmpty(all.users()).entrySet()) {
        if (user.getValue() == null) {
          return new Read.Unreadable("is damaged: it says nothing of user " + user.getKey(), false);
        }
        users.put(user.getKey(), user(user.getValue(), passwords));
        if (names(user.getValue()).anyMatch(name -> !passwords.containsKey(name))) {
          damaged.add(user.getKey());
        }
      }
      return new Read.Known(
          new Logins(time(all.changedAt()), all.restarts(), orEmpty(all.handled()), users),
          damaged);
    } catch (JsonProcessingException e) {
      return new Read.Unreadable("is not the JSON that the operator writes", false);
    } catch (DateTimeException | IllegalArgumentException e) {
      return new Read.Unreadable("is damaged: " + e.getMessage(), false);
    }
  }

  private static <T> Map<String, T> orEmpty(Map<String, T> map) {
    return Objects.requireNonNullElse(map, Map.of());
  }

  private static Stream<String> names(One one) {
    return Stream.of(one.current(), one.next(), one.previous()).filter(Objects::nonNull);
  }

  private static One one(UserLogins logins) {
    return new One(
        logins.current().map(Login::name).orElse(null),
        logins.next().map(next -> next.login().name()).orElse(null),
        logins.next().map(next -> next.since().toString()).orElse(null),
        logins.previous().map(previous -> previous.login().name()).orElse(null),
        logins.previous().map(previous -> previous.since().toString()).orElse(null),
        logins.previous().map(previous -> previous.validUntil().toString()).orElse(null),
        logins.generation(),
        logins.rotatedAt().toString(),
        logins.cause().name(),
        logins.owed().map(Cause::name).orElse(null),
        logins.ending().map(ending -> ending.since().toString()).orElse(null),
        logins.ending().map(ending -> ending.at().toString()).orElse(null));
  }

  private static UserLogins user(One one, Map<String, String> passwords) {
    return new UserLogins(
        login(one.current(), passwords),
        login(one.next(), passwords).map(login -> new Next(login, time(one.nextSince()))),
        login(one.previous(), passwords)
            .map(
                login ->
                    new Previous(login, time(one.previousSince()), time(one.previousValidUntil()))),
        one.generation(),
        time(one.rotatedAt()),
        Cause.of(one.cause()),
        Optional.ofNullable(one.owed()).map(Cause::of),
        Optional.ofNullable(one.endsAt())
            .map(end -> new Ending(time(one.endingSince()), time(end))));
  }

  /** An absent time is treated as a damaged one. */
  private static Instant time(String text) {
    return Instant.parse(Objects.requireNonNullElse(text, ""));
  }

  private static Optional<Login> login(String name, Map<String, String> passwords) {
    return Optional.ofNullable(name)
        .flatMap(known -> Optional.ofNullable(passwords.get(known)))
        .map(password -> new Login(name, password));
  }
}
