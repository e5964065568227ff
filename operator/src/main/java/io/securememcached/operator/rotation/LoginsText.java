package io.securememcached.operator.rotation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.securememcached.operator.rotation.UserLogins.Next;
import io.securememcached.operator.rotation.UserLogins.Previous;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Logins as JSON without the passwords, for the annotation beside a sasldb: the file says which
 * passwords there are, the text which of them is in use.
 */
public final class LoginsText {

  private static final ObjectMapper JSON = new ObjectMapper();

  @JsonInclude(JsonInclude.Include.NON_DEFAULT)
  private record All(
      String changedAt, int restarts, Map<String, String> handled, Map<String, One> users) {}

  @JsonInclude(JsonInclude.Include.NON_DEFAULT)
  private record One(
      String current,
      String next,
      String nextSince,
      String previous,
      String previousValidUntil,
      int generation,
      String rotatedAt,
      Cause cause,
      Cause owed) {}

  private LoginsText() {}

  /** The text; equal logins give an equal text. */
  public static String write(Logins logins) {
    Map<String, One> users = new TreeMap<>();
    logins.users().forEach((user, of) -> users.put(user, one(of)));
    try {
      return JSON.writeValueAsString(
          new All(logins.changedAt().toString(), logins.restarts(), logins.handled(), users));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads a text.
   *
   * @param passwords by login name, from the sasldb; a login without one is gone
   * @return nothing if the text is not one of {@link #write}
   */
  public static Optional<Logins> read(String text, Map<String, String> passwords) {
    try {
      All all = JSON.readValue(text, All.class);
      Map<String, UserLogins> users = new TreeMap<>();
      Objects.requireNonNullElse(all.users(), Map.<String, One>of())
          .forEach((user, one) -> users.put(user, user(one, passwords)));
      return Optional.of(
          new Logins(
              time(all.changedAt()),
              all.restarts(),
              Objects.requireNonNullElse(all.handled(), Map.of()),
              users));
    } catch (JsonProcessingException | DateTimeException e) {
      return Optional.empty();
    }
  }

  private static One one(UserLogins logins) {
    return new One(
        logins.current().map(Login::name).orElse(null),
        logins.next().map(next -> next.login().name()).orElse(null),
        logins.next().map(next -> next.since().toString()).orElse(null),
        logins.previous().map(previous -> previous.login().name()).orElse(null),
        logins.previous().map(previous -> previous.validUntil().toString()).orElse(null),
        logins.generation(),
        logins.rotatedAt().toString(),
        logins.cause(),
        logins.owed().orElse(null));
  }

  private static UserLogins user(One one, Map<String, String> passwords) {
    return new UserLogins(
        login(one.current(), passwords),
        login(one.next(), passwords).map(login -> new Next(login, time(one.nextSince()))),
        login(one.previous(), passwords)
            .map(login -> new Previous(login, time(one.previousValidUntil()))),
        one.generation(),
        time(one.rotatedAt()),
        Objects.requireNonNullElse(one.cause(), Cause.Created),
        Optional.ofNullable(one.owed()));
  }

  /** Absent is a text that is no time, as any other damage. */
  private static Instant time(String text) {
    return Instant.parse(Objects.requireNonNullElse(text, ""));
  }

  private static Optional<Login> login(String name, Map<String, String> passwords) {
    return Optional.ofNullable(name)
        .flatMap(known -> Optional.ofNullable(passwords.get(known)))
        .map(password -> new Login(name, password));
  }
}
