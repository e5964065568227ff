package io.securememcached.operator.children;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The sasldb of each of the resources that were reconciled last. It is encoded again only when its
 * input has changed: a rollout reconciles a resource many times with the same logins.
 */
final class SasldbCache {

  /** At most 145 KB each, with 16 users and 100 servers; usually 3 KB. */
  private static final int RESOURCES = 32;

  /** By uid of the resource, the one that was used last at the end. */
  private final Map<String, Encoded> known =
      new LinkedHashMap<>(RESOURCES, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Encoded> eldest) {
          return size() > RESOURCES;
        }
      };

  private record Encoded(List<Login> logins, int servers, byte[] sasldb) {

    private boolean isOf(List<Login> now, int wanted) {
      return servers == wanted && logins.equals(now);
    }
  }

  /**
   * The sasldb for these logins.
   *
   * @param exporter the exporter's logins in it
   * @param servers number of servers that it is for
   * @return not to be changed
   */
  synchronized byte[] get(
      SecureMemcached primary, Logins logins, List<Login> exporter, int servers) {
    List<Login> all = Stream.concat(logins.all().stream(), exporter.stream()).toList();
    return known
        .compute(
            primary.getMetadata().getUid(),
            (uid, last) ->
                last != null && last.isOf(all, servers)
                    ? last
                    : new Encoded(
                        all, servers, Credentials.sasldb(primary, logins, exporter, servers)))
        .sasldb();
  }
}
