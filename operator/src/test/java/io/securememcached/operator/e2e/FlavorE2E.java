package io.securememcached.operator.e2e;

import static io.securememcached.operator.e2e.Checks.assertFindsFault;
import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/** A cache that moves from Debian12 to Debian13 and back: what stays, and what is lost. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FlavorE2E {

  private static final String SASLDB = "/etc/sasl2/memcached-sasldb2";
  private static final String KEY = "kept";

  private final Sandbox sandbox;
  private final BarePods bare;
  private Checks checks;
  private Server before;
  private Server server;
  private Map<String, String> secret;
  private String uid;

  FlavorE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-flavor");
    bare = new BarePods(sandbox);
  }

  @BeforeAll
  void move() throws MemcachedException {
    apply("Debian12");
    checks = new Checks(sandbox, sandbox.client("web", Map.of("app", "web")));
    sandbox.awaitReady("sessions");
    before = sandbox.server("sessions-0", "sessions-credentials");
    secret = sandbox.secret("sessions-credentials");
    uid = sandbox.pod("sessions-0").getMetadata().getUid();
    Sandbox.awaitReach(checks.client(), before, Place.Reach.CONNECTED);
    try (Relay relay = new Relay(checks.client(), before);
        MemcachedClient connection = relay.connect()) {
      connection.authenticate(before.login());
      connection.set(KEY, "value".getBytes(StandardCharsets.UTF_8), Duration.ZERO);
      assertThat(connection.get(KEY).ok()).isTrue();
    }
    server = move("Debian13", "1.6.45");
  }

  /** Moves the cache, and waits until it is there. */
  private Server move(String flavor, String version) {
    apply(flavor);
    sandbox.await(
        "sessions",
        resource ->
            version(resource).equals(version) && resource.getStatus().readyServers().equals("1/1"));
    Server moved = sandbox.server("sessions-0", "sessions-credentials");
    Sandbox.awaitReach(checks.client(), moved, Place.Reach.CONNECTED);
    return moved;
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  private void apply(String flavor) {
    sandbox.apply(
        """
        apiVersion: securememcached.io/v1beta1
        kind: SecureMemcached
        metadata:
          name: sessions
        spec:
          image:
            flavor: %s
          sourceZones:
            - name: web
              sources:
                - podSelector:
                    matchLabels:
                      app: web
        """
            .formatted(flavor));
  }

  private static String version(SecureMemcached resource) {
    return resource.getStatus().servers().stream()
        .findFirst()
        .map(status -> status.version().text())
        .orElse("");
  }

  /** The clients' Secret is the same one, and its login from before the move gets in. */
  @Test
  void loginsStayAndTheCacheIsLost() throws MemcachedException {
    assertLoginStayedAndCacheIsLost(server);
  }

  /** Others see the cache as it is after the first move. */
  @Test
  @Order(Integer.MAX_VALUE)
  void soTheyDoOnTheWayBack() throws MemcachedException {
    uid = sandbox.pod("sessions-0").getMetadata().getUid();
    assertLoginStayedAndCacheIsLost(move("Debian12", "1.6.18"));
  }

  private void assertLoginStayedAndCacheIsLost(Server moved) throws MemcachedException {
    assertThat(sandbox.pod("sessions-0").getMetadata().getUid()).isNotEqualTo(uid);
    assertThat(sandbox.secret("sessions-credentials")).isEqualTo(secret);
    try (Relay relay = new Relay(checks.client(), moved);
        MemcachedClient connection = relay.connect()) {
      assertThat(connection.authenticate(before.login()).ok()).isTrue();
      assertThat(connection.get(KEY).status()).isNotEqualTo(Status.AUTH_ERROR);
      assertThat(connection.get(KEY).ok()).isFalse();
      connection.set(KEY, "value".getBytes(StandardCharsets.UTF_8), Duration.ZERO);
      assertThat(connection.get(KEY).ok()).isTrue();
    }
  }

  @Test
  void refusesWhatItMust() {
    checks.refusesWrongPassword(server);
    checks.refusesGetAfterRefusedLogin(server);
    checks.refusesStatisticsWithoutLogin(server);
    checks.tellsStatisticsWithLogin(server);
    checks.listensOnPodAddressAndLoopback(server);
    checks.saysThatSaslIsOn(server);
    assertFindsFault(checks::refusesWrongPassword, bare.withOtherPassword("with-other-password"));
    assertFindsFault(checks::refusesGetAfterRefusedLogin, bare.withoutSasl("without-sasl"));
  }

  /** Debian 13's own tools, on the file that the operator wrote and the server mounts. */
  @Test
  void toolsOfTheImageReadTheSasldb() {
    Place pod = sandbox.in("sessions-0");
    assertThat(pod.run("db_verify", SASLDB).code()).isZero();
    assertThat(pod.run("db_verify", "/etc/sasl2/memcached.conf").code()).isNotZero();
    assertThat(pod.run("sasldblistusers2", "-f", SASLDB).output().lines())
        .contains(
            server.login().user() + "@sessions-0: userPassword",
            server.login().user() + "@sessions: userPassword")
        .doesNotContain(server.login().user() + "@other: userPassword");
    assertThat(pod.run("db_dump", "-p", SASLDB).output())
        .contains(
            "type=hash\n",
            " %s\\00sessions-0\\00userPassword\n %s\n"
                .formatted(server.login().user(), server.login().password()));
  }

  @Test
  void imageHasNoKnownVulnerability() {
    assertThat(sandbox.get("sessions").getStatus().conditions())
        .filteredOn(condition -> condition.getType().equals("ImageSupported"))
        .singleElement()
        .satisfies(
            condition -> {
              assertThat(condition.getStatus()).isEqualTo("True");
              assertThat(condition.getMessage()).contains("until 2030-06-30");
            });
    assertThat(new Owned(sandbox).eventsOf("sessions"))
        .noneMatch(event -> event.contains("DefaultFlavorOutdated"));
  }
}
