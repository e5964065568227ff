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
 * All logins of a resource, and the handled requests.
 *
 * <p>A sasldb has one password per name, so each login name is used once: by one user, as its
 * current, next or previous login.
 *
 * @param changedAt when the accepted logins last changed, in milliseconds; the epoch if they never
 *     did
 * @param restarts number of requested restarts of the servers
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

  /** No logins yet; initial requests count as handled. */
  public static Logins none(Map<String, String> requests) {
    return new Logins(Instant.EPOCH, 0, requests, Map.of());
  }

  /** The logins of a user, none if the user is unknown. */
  public UserLogins of(String user) {
    return users.getOrDefault(user, UserLogins.none());
  }

  /** Copy with other users. */
  public Logins withUsers(Map<String, UserLogins> others) {
    return new Logins(changedAt, restarts, handled, others);
  }

  /** Copy with another number of restarts. */
  public Logins withRestarts(int others) {
    return new Logins(changedAt, others, handled, users);
  }

  /** Every login that the servers accept. */
  public Set<Login> all() {
    return users.values().stream().flatMap(UserLogins::all).collect(Collectors.toSet());
  }

  /** The user with a current, next or previous login of this name. */
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

  /** Times in the future count as now: the clock was ahead. */
  Logins notAfter(Instant now) {
    Map<String, UserLogins> earlier = new TreeMap<>();
    users.forEach((user, of) -> earlier.put(user, of.notAfter(now)));
    return new Logins(UserLogins.earlier(changedAt, now), restarts, handled, earlier);
  }

  Logins changed(Instant now) {
    return new Logins(now, restarts, handled, users);
  }
}
