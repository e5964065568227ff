package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.api.v1beta1.CredentialsPhase;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** A password changes on running servers: no restart, no lost key, no client locked out. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class RotationE2E {

  private static final int SERVERS = 3;
  private static final String SECRET = "sessions-credentials";

  private final Sandbox sandbox;
  private final List<Relay> relays = new ArrayList<>();
  private Place web;
  private int asked;

  RotationE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-rotation");
  }

  @BeforeAll
  void start() {
    apply("3s");
    web = sandbox.client("web", Map.of("app", "web"));
    sandbox.awaitReady("sessions");
  }

  @BeforeEach
  void connect() {
    IntStream.range(0, SERVERS)
        .mapToObj(number -> sandbox.server("sessions-" + number, SECRET))
        .forEach(
            server -> {
              Sandbox.awaitReach(web, server, Place.Reach.CONNECTED);
              relays.add(new Relay(web, server));
            });
  }

  @AfterEach
  void disconnect() {
    relays.forEach(Relay::close);
    relays.clear();
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void everyServerTakesTheNewLoginAndKeepsItsItems() throws MemcachedException {
    apply("30s");
    PlainCredentials old = login();
    for (Relay relay : relays) {
      try (MemcachedClient client = relay.login()) {
        for (int i = 0; i < 50; i++) {
          client.set("kept-" + i, "v".getBytes(StandardCharsets.UTF_8), Duration.ZERO);
        }
      }
    }
    List<String> items = items(old);
    List<String> servers = identities();

    Figure figure = Figure.of("rotation asked for, " + SERVERS + " servers proven and published");
    rotate();
    figure.done();
    PlainCredentials published = login();
    assertThat(published.user()).isNotEqualTo(old.user());
    for (Relay relay : relays) {
      assertThat(takes(relay, published)).isTrue();
      assertThat(takes(relay, realm(published))).isTrue();
      assertThat(takes(relay, old)).as("the overlap").isTrue();
    }
    assertThat(items(published)).isEqualTo(items);
    assertThat(identities()).isEqualTo(servers);

    sandbox.await("sessions", resource -> status(resource).phase() == CredentialsPhase.Active);
    for (Relay relay : relays) {
      Sandbox.eventually("the old login to end", () -> assertThat(quietly(relay, old)).isFalse());
      assertThat(takes(relay, published)).isTrue();
    }
    assertThat(items(published)).isEqualTo(items);
    assertThat(identities()).isEqualTo(servers);
  }

  @Test
  void clientThatReadsItsSecretAgainSeesNoFailureInTenRotations() {
    apply("5s");
    try (LoadClient load = load()) {
      for (int i = 0; i < 10; i++) {
        rotate();
        sandbox.await("sessions", resource -> status(resource).phase() == CredentialsPhase.Active);
      }
      System.out.printf("  ten rotations under load: %d requests%n", load.requests());
      assertThat(load.failures()).isEmpty();
      assertThat(load.requests()).isGreaterThan(100);
    }
  }

  /** The counter-example: the same client is locked out when the old login ends at once. */
  @Test
  void withoutAnOverlapThatClientFails() {
    apply("0s");
    try (LoadClient load = load()) {
      Sandbox.eventually(
          "a failure",
          () -> {
            rotate();
            assertThat(load.failures()).anyMatch(failure -> failure.contains("login refused"));
          });
    }
  }

  @Test
  void revokingEndsTheOldLoginAndItsOpenConnections() throws MemcachedException {
    apply("10m");
    PlainCredentials old = login();
    List<String> servers = identities();
    try (MemcachedClient open = relays.getFirst().login()) {
      annotate("securememcached.io/revoke");
      sandbox.await("sessions", resource -> status(resource).cause().equals("Revoked"));
      assertThat(login().user()).isNotEqualTo(old.user());
      Sandbox.eventually(
          "every server to have restarted",
          () -> assertThat(identities()).doesNotContainAnyElementsOf(servers));
      sandbox.awaitReady("sessions");
      assertThatThrownBy(open::noop).isInstanceOf(MemcachedException.class);
    }
    disconnect();
    connect();
    for (Relay relay : relays) {
      assertThat(takes(relay, old)).isFalse();
      assertThat(takes(relay, login())).isTrue();
    }
  }

  private void apply(String overlap) {
    sandbox.apply(
        "sessions",
        """
        replicas: %d
        rotation: {overlap: %s}
        sourceZones:
          - name: web
            sources: [{podSelector: {matchLabels: {app: web}}}]
        """
            .formatted(SERVERS, overlap));
  }

  /** Asks for a rotation and waits until the new login is published. */
  private void rotate() {
    int before = status(sandbox.get("sessions")).generation();
    annotate("securememcached.io/rotate");
    sandbox.await("sessions", resource -> status(resource).generation() > before);
  }

  private void annotate(String key) {
    sandbox.annotate("sessions", key + "=" + ++asked);
  }

  private LoadClient load() {
    return new LoadClient(relays, this::login, Duration.ofSeconds(2));
  }

  private static CredentialsStatus status(SecureMemcached resource) {
    return resource.getStatus().credentials().getFirst();
  }

  private PlainCredentials login() {
    return sandbox.server("sessions-0", SECRET).login();
  }

  private static PlainCredentials realm(PlainCredentials login) {
    return new PlainCredentials(login.user() + "@sessions", login.password());
  }

  private static boolean takes(Relay relay, PlainCredentials login) throws MemcachedException {
    try (MemcachedClient client = relay.connect()) {
      Response answer = client.authenticate(login);
      return answer.ok();
    }
  }

  private static boolean quietly(Relay relay, PlainCredentials login) {
    try {
      return takes(relay, login);
    } catch (MemcachedException e) {
      throw new AssertionError(e);
    }
  }

  /** Items of each server. */
  private List<String> items(PlainCredentials login) throws MemcachedException {
    List<String> items = new ArrayList<>();
    for (Relay relay : relays) {
      try (MemcachedClient client = relay.connect()) {
        client.authenticate(login);
        items.add(client.statistics().values().get("curr_items").text());
      }
    }
    return items;
  }

  /** Each server's process, by its pod and its starts. */
  private List<String> identities() {
    return IntStream.range(0, SERVERS)
        .mapToObj(number -> sandbox.pod("sessions-" + number))
        .map(RotationE2E::identity)
        .toList();
  }

  private static String identity(Pod pod) {
    return pod == null || pod.getStatus().getContainerStatuses().isEmpty()
        ? "not there"
        : pod.getMetadata().getUid()
            + " started again "
            + pod.getStatus().getContainerStatuses().getFirst().getRestartCount();
  }
}
