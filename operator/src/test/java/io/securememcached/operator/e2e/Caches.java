package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.status.Pods;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Resources with two servers each, whose keys are counted. */
final class Caches implements AutoCloseable {

  /** Keys that {@link #fill} puts into each server. */
  static final int KEYS = 500;

  /** Servers of each resource. */
  static final int SERVERS = 2;

  private final Sandbox sandbox;
  private final Owned owned;
  private final Place web;
  private final List<Relay> relays = new ArrayList<>();

  Caches(Cluster cluster, Installation installation, String namespace) {
    sandbox = new Sandbox(cluster, installation, namespace);
    owned = new Owned(sandbox);
    web = sandbox.client("web", Map.of("app", "web"));
  }

  Sandbox sandbox() {
    return sandbox;
  }

  List<Pod> pods(String name) {
    return owned.podsOf(name);
  }

  /** Events about a resource, each as its name and reason. */
  Stream<String> events(String name) {
    return owned.eventsOf(name).stream();
  }

  /**
   * Creates or changes a resource.
   *
   * @param updates its spec.updates, in YAML
   * @param spec more of its spec, in YAML, one line
   */
  void apply(String name, String updates, String spec) {
    sandbox.apply(
        """
        apiVersion: securememcached.io/v1beta1
        kind: SecureMemcached
        metadata:
          name: %s
        spec:
          replicas: %d
          cacheSize: 16Mi
          updates: %s
          sourceZones: [{name: web, sources: [{podSelector: {matchLabels: {app: web}}}]}]
          %s
        """
            .formatted(name, SERVERS, updates, spec));
  }

  /** Starts a client that reads and writes on each server of the resources all the time. */
  LoadClient read(String... names) {
    List<Relay> to = new ArrayList<>();
    for (String name : names) {
      for (Pod pod : owned.podsOf(name)) {
        to.add(new Relay(web, server(name, pod)));
      }
    }
    relays.addAll(to);
    return new LoadClient(
        to, () -> server(names[0], pods(names[0]).getFirst()).login(), Duration.ofHours(1));
  }

  /** The first server of a resource, with the login that its Secret has now. */
  Server server(String name) {
    return server(name, owned.podsOf(name).getFirst());
  }

  /** A way to the first server of a resource. */
  Relay relay(String name) {
    return new Relay(web, server(name));
  }

  private Server server(String name, Pod pod) {
    return sandbox.server(pod.getMetadata().getName(), name + "-credentials");
  }

  /** Creates a resource whose servers restart without a pause, and fills its servers. */
  void createFilled(String name) {
    apply(name, "{pause: 0s}", "");
    sandbox.awaitReady(name);
    fill(name);
  }

  void awaitUpToDate(String name, String status, String reason) {
    sandbox.await(
        name,
        resource ->
            resource.getStatus().conditions().stream()
                .anyMatch(
                    condition ->
                        condition.getType().equals("UpToDate")
                            && condition.getStatus().equals(status)
                            && condition.getReason().equals(reason)));
  }

  Set<String> uids(String... names) {
    Set<String> uids = new TreeSet<>();
    for (String name : names) {
      owned.podsOf(name).forEach(pod -> uids.add(pod.getMetadata().getUid()));
    }
    return uids;
  }

  void fill(String name) {
    for (Pod pod : owned.podsOf(name)) {
      use(
          name,
          pod,
          client -> {
            // That of the client that goes on.
            client.set("load", "v".getBytes(StandardCharsets.UTF_8), Duration.ZERO);
            for (int i = 1; i < KEYS; i++) {
              client.set("key-" + i, "v".getBytes(StandardCharsets.UTF_8), Duration.ZERO);
            }
            return 0;
          });
    }
  }

  /** Gets a key from each server of a resource, a number of times. */
  void get(String name, String key, int times) {
    for (Pod pod : owned.podsOf(name)) {
      use(
          name,
          pod,
          client -> {
            for (int i = 0; i < times; i++) {
              assertThat(client.get(key).ok()).isTrue();
            }
            return times;
          });
    }
  }

  /** Prints and compares how many keys each resource has lost since it was filled. */
  void assertLost(String after, Map<String, Integer> expected) {
    Map<String, Integer> lost = new TreeMap<>();
    expected.forEach(
        (name, keys) -> {
          Sandbox.eventually(
              "the servers of " + name,
              () -> assertThat(owned.podsOf(name)).hasSize(SERVERS).allMatch(Pods::isReady));
          int left =
              owned.podsOf(name).stream()
                  .mapToInt(
                      pod ->
                          use(
                              name,
                              pod,
                              client ->
                                  Integer.parseInt(
                                      client.statistics().values().get("curr_items").text())))
                  .sum();
          lost.put(name, SERVERS * KEYS - left);
        });
    System.out.printf(
        "  keys lost by %s: %s, had to be %s%n", after, lost, new TreeMap<>(expected));
    assertThat(lost).isEqualTo(new TreeMap<>(expected));
  }

  private interface Use {
    int with(MemcachedClient client) throws MemcachedException;
  }

  private int use(String name, Pod pod, Use use) {
    Server server = server(name, pod);
    try (Relay relay = new Relay(web, server);
        MemcachedClient client = relay.login()) {
      return use.with(client);
    } catch (MemcachedException e) {
      throw new AssertionError(server.toString(), e);
    }
  }

  @Override
  public void close() {
    relays.forEach(Relay::close);
    sandbox.close();
  }
}
