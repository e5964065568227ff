package io.securememcached.operator.rotation;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Requests by annotations of the resource: each new value is one request. This works from a shell
 * ({@code kubectl annotate --overwrite}) and from a repository, and nothing has to be removed
 * afterwards.
 */
public final class Requests {

  /** A new login with an overlap, of every user, or of one with {@code .USER} behind it. */
  public static final String ROTATE = "securememcached.io/rotate";

  /**
   * A new login; the previous one is rejected immediately, and the servers restart one by one. The
   * login of a user who has left the spec ends immediately, without a new one.
   */
  public static final String REVOKE = "securememcached.io/revoke";

  /** Servers restarted one by one, which closes connections and empties caches. */
  public static final String RESTART = "securememcached.io/restart";

  private Requests() {}

  /** The requests among the annotations of a resource. */
  public static Map<String, String> among(Map<String, String> annotations) {
    Map<String, String> requests = new TreeMap<>();
    annotations.forEach(
        (key, value) -> {
          if (key.equals(RESTART) || isAbout(ROTATE, key) || isAbout(REVOKE, key)) {
            requests.put(key, value);
          }
        });
    return requests;
  }

  /** Whether one of the keys requests this for the user. */
  static boolean asks(Map<String, String> fresh, String what, String user) {
    return fresh.containsKey(what) || fresh.containsKey(what + "." + user);
  }

  /** Requests that are not handled yet. */
  static Map<String, String> fresh(Map<String, String> requests, Map<String, String> handled) {
    Map<String, String> fresh = new TreeMap<>(requests);
    fresh.entrySet().removeIf(request -> request.getValue().equals(handled.get(request.getKey())));
    return fresh;
  }

  /**
   * Requests for a user that the spec does not have, which do nothing; the handled ones aside.
   *
   * @param leaving users that the spec no longer has, whose logins can still be revoked
   */
  public static Set<String> forUnknownUsers(
      Map<String, String> requests,
      Map<String, String> handled,
      Collection<String> users,
      Collection<String> leaving) {
    Set<String> unknown = new TreeSet<>(fresh(requests, handled).keySet());
    unknown.removeAll(List.of(ROTATE, REVOKE, RESTART));
    users.forEach(user -> unknown.removeAll(List.of(ROTATE + "." + user, REVOKE + "." + user)));
    leaving.forEach(user -> unknown.remove(REVOKE + "." + user));
    return unknown;
  }

  /**
   * Users whose logins a request revokes that is not handled yet; sorted.
   *
   * @param annotations of the resource
   * @param users with logins
   */
  public static List<String> revocations(
      Map<String, String> annotations, Map<String, String> handled, Collection<String> users) {
    Map<String, String> fresh = fresh(among(annotations), handled);
    return users.stream().filter(user -> asks(fresh, REVOKE, user)).sorted().toList();
  }

  /** Whether one of them restarts the servers. */
  static boolean restart(Map<String, String> fresh, Collection<String> users) {
    return fresh.containsKey(RESTART) || users.stream().anyMatch(user -> asks(fresh, REVOKE, user));
  }

  private static boolean isAbout(String what, String key) {
    return key.equals(what) || key.startsWith(what + ".");
  }
}
