package io.securememcached.operator.rotation;

import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * All logins of a resource, and which requests about them are done.
 *
 * <p>A sasldb has one password per name, so each login name is in use once: by one user, as one of
 * the current, the next and the previous login.
 *
 * @param changedAt when it last changed what the servers take, in milliseconds; the epoch as long
 *     as it never did
 * @param restarts counts the restarts of the servers that were asked for
 * @param handled value by annotation of the requests that are done, see {@link Requests}
 * @param users logins by user name
 */
public record Logins(
    Instant changedAt, int restarts, Map<String, String> handled, Map<String, UserLogins> users) {

  public Logins {
    handled = Collections.unmodifiableMap(new TreeMap<>(handled));
    users = Collections.unmodifiableMap(new TreeMap<>(users));
    requireOnePasswordPerName(users);
  }

  /** Nothing yet; requests that are there from the start ask for nothing. */
  public static Logins none(Map<String, String> requests) {
    return new Logins(Instant.EPOCH, 0, requests, Map.of());
  }

  /** The logins of a user, none if the user is unknown. */
  public UserLogins of(String user) {
    return users.getOrDefault(user, UserLogins.none());
  }

  /** The same with other users. */
  public Logins withUsers(Map<String, UserLogins> others) {
    return new Logins(changedAt, restarts, handled, others);
  }

  /** The same after other restarts. */
  public Logins withRestarts(int others) {
    return new Logins(changedAt, others, handled, users);
  }

  /** Every login that the servers take. */
  public Set<Login> all() {
    return users.values().stream().flatMap(UserLogins::all).collect(Collectors.toSet());
  }

  /** The user who has a login of this name, be it the current, the next or the previous one. */
  public Optional<String> holder(String name) {
    return users.entrySet().stream()
        .filter(user -> user.getValue().holds(name))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static void requireOnePasswordPerName(Map<String, UserLogins> users) {
    Map<String, String> holders = new HashMap<>();
    users.forEach(
        (user, of) ->
            of.all()
                .forEach(
                    login -> {
                      String other = holders.putIfAbsent(login.name(), user);
                      if (other != null) {
                        throw new IllegalArgumentException(
                            "login name %s is in use twice, by user %s and by user %s"
                                .formatted(login.name(), other, user));
                      }
                    }));
  }

  /** Times that lie in the future count as now: the clock that gave them was ahead. */
  Logins notAfter(Instant now) {
    Map<String, UserLogins> earlier = new TreeMap<>();
    users.forEach((user, of) -> earlier.put(user, of.notAfter(now)));
    return new Logins(UserLogins.earlier(changedAt, now), restarts, handled, earlier);
  }

  Logins changed(Instant now) {
    return new Logins(now, restarts, handled, users);
  }
}
