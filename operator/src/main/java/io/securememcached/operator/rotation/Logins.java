package io.securememcached.operator.rotation;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * All logins of a resource, and which requests about them are done.
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

  /** Every login that the servers take. */
  public Set<Login> all() {
    return users.values().stream().flatMap(UserLogins::all).collect(Collectors.toSet());
  }

  Logins changed(Instant now) {
    return new Logins(now, restarts, handled, users);
  }
}
