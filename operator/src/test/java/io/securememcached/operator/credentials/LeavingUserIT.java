package io.securememcached.operator.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Secret;
import io.securememcached.operator.api.v1beta1.CredentialsPhase;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.resource.Secrets;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The default user of a resource once others are named, against a real server. */
@WithApiServer
class LeavingUserIT {

  private static final String SECRET = "cache-credentials";
  private static final String REPORTS = "cache-credentials-reports";

  @TempDir Path folder;

  private Scene scene;
  private ServedPod pod;
  private Login old;

  @BeforeEach
  void runServer(ApiServer server) throws IOException {
    pod = ServedPod.start(folder);
    scene = Scene.operated(server);
    scene.createAndSettle("cache", "{port: %d}".formatted(pod.port()));
    scene.idle();
    pod.appear(scene);
    scene.idle();
    old = login(SECRET);
    assertThat(pod.takes(old)).isTrue();
  }

  @AfterEach
  void stop() throws IOException {
    scene.close();
    pod.close();
  }

  @Test
  void defaultLoginStaysForTheOverlapAndIsRevokedOnRequest() throws IOException {
    Instant before = Instant.now();
    nameReports("10m");
    assertThat(status("cache").orElseThrow().phase()).isEqualTo(CredentialsPhase.Ending);
    assertThat(status("cache").orElseThrow().validUntil())
        .as("clients have no other login yet")
        .isEmpty();
    deliver();

    assertThat(pod.takes(old)).isTrue();
    assertThat(pod.takes(login(REPORTS))).isTrue();
    assertThat(login(SECRET)).isEqualTo(old);
    CredentialsStatus leaving = status("cache").orElseThrow();
    assertThat(leaving.secretName()).isEqualTo(SECRET);
    assertThat(Instant.parse(leaving.validUntil()))
        .isBetween(before.plusSeconds(599), Instant.now().plusSeconds(601));
    assertThat(scene.resource("cache").get().getStatus().binding().name()).isEqualTo(REPORTS);
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(events("LoginEnding"))
                    .extracting(Event::getType, Event::getMessage)
                    .containsExactly(
                        tuple(
                            "Warning",
                            "Login of user cache ends at %s, and its Secret cache-credentials is deleted then, as spec.users does not list the user. To keep the login, add {name: cache} to spec.users; to end it now, set annotation securememcached.io/revoke.cache."
                                .formatted(leaving.validUntil()))));

    scene.annotate("cache", Requests.REVOKE + ".cache", "leaked");
    awaitGone();
    pod.refresh();
    assertThat(pod.takes(old)).isFalse();
    assertThat(pod.takes(login(REPORTS))).as("another user's").isTrue();
    assertThat(status("cache")).isEmpty();
    Scene.soon().untilAsserted(() -> assertThat(events("LoginEnded")).hasSize(1));
    assertThat(events("UnknownUser")).isEmpty();
  }

  @Test
  void defaultLoginEndsAfterTheOverlap() throws IOException {
    nameReports("2s");
    deliver();
    awaitGone();
    pod.refresh();
    assertThat(pod.takes(old)).isFalse();
    assertThat(pod.takes(login(REPORTS))).isTrue();
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(events("LoginEnded"))
                    .extracting(Event::getType, Event::getMessage)
                    .containsExactly(
                        tuple(
                            "Normal",
                            "Login of user cache ended, and its Secret cache-credentials was deleted, as spec.users does not list the user.")));
    scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
    assertThat(scene.conditionText("cache", "CredentialsReady"))
        .isEqualTo("True Applied All Secrets are applied.");
  }

  @Test
  void userThatIsNamedAgainKeepsTheLogin() throws IOException {
    nameReports("10m");
    deliver();
    scene.change("cache", spec("10m", "{name: reports}, {name: cache}"));
    Scene.soon().untilAsserted(() -> assertThat(events("LoginKept")).hasSize(1));
    scene.operator().passTime(Duration.ofMinutes(11));
    scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
    assertThat(status("cache").orElseThrow().phase()).isEqualTo(CredentialsPhase.Active);
  }

  /** The only user has no login, so its clients have nothing to change to. */
  @Test
  void lastLoginIsKept() throws IOException {
    scene.change("cache", spec("1s", "{name: app, secret: {name: vault}}"));
    scene.condition("cache", "CredentialsReady", "CredentialsUnusable");
    stays(Duration.ofSeconds(3));
    assertThat(pod.takes(old)).isTrue();
    assertThat(status("cache").orElseThrow().validUntil()).isEmpty();

    scene.provideLogin("vault", old.name(), "another");
    String waits =
        "Secret vault, key username: login name cache is in use by user cache, which left spec.users, ";
    awaitMessage(
        waits
            + "and does not end, as no user of spec.users has a login; use another name, or set annotation securememcached.io/revoke.cache to revoke it now");
    scene.provideLogin("vault", "app", "another");
    Scene.soon().until(() -> SaslFiles.names(sasldb(), "app").contains("app"));
    pod.refresh();
    awaitGone();
    assertThat(login("cache-credentials-app")).isEqualTo(new Login("app", "another"));
  }

  @Test
  void nameOfALeavingUserIsTakenUntilItsEnd() {
    scene.provideLogin("vault", "cache", "another");
    scene.change("cache", spec("10m", "{name: app, secret: {name: vault}}, {name: reports}"));
    Scene.soon().until(() -> SaslFiles.names(sasldb(), "reports").contains("reports"));
    pod.disappear();
    Scene.soon().until(() -> !status("cache").orElseThrow().validUntil().isEmpty());
    awaitMessage(
        "Secret vault, key username: login name cache is in use by user cache, which left spec.users, until %s; use another name, or set annotation securememcached.io/revoke.cache to revoke it now"
            .formatted(status("cache").orElseThrow().validUntil()));
    assertThat(login(SECRET)).isEqualTo(old);
  }

  /** Also over the loss of Secrets and of the operator. */
  @Test
  void leavingUserKeepsTheLoginWhateverIsLost() throws IOException {
    nameReports("10m");
    deliver();
    scene.idle();
    String end = status("cache").orElseThrow().validUntil();

    scene.child(Secret.class, SECRET).delete();
    Scene.soon().until(() -> scene.child(Secret.class, SECRET).get() != null);
    scene.idle();
    assertThat(login(SECRET)).isEqualTo(old);
    assertThat(SaslFiles.names(sasldb(), "cache")).as("no rotation").containsExactly("cache");
    assertThat(status("cache").orElseThrow().validUntil()).isEqualTo(end);

    scene.child(Secret.class, "cache-sasl").delete();
    Scene.soon().until(() -> scene.child(Secret.class, "cache-sasl").get() != null);
    scene.idle();
    assertThat(login(SECRET)).isEqualTo(old);
    assertThat(status("cache").orElseThrow().validUntil()).isEqualTo(end);

    scene.stopOperator();
    Stream.of("cache-sasl", "cache-operator")
        .forEach(name -> scene.child(Secret.class, name).delete());
    scene.startOperator();
    Scene.soon().until(() -> scene.child(Secret.class, "cache-sasl").get() != null);
    scene.idle();
    assertThat(login(SECRET)).isEqualTo(old);
    assertThat(SaslFiles.names(sasldb(), "cache")).containsExactly("cache");
    assertThat(status("cache").orElseThrow().phase()).isEqualTo(CredentialsPhase.Ending);
  }

  private void nameReports(String overlap) {
    scene.change("cache", spec(overlap, "{name: reports}"));
  }

  private String spec(String overlap, String users) {
    return "{port: %d, rotation: {overlap: %s}, users: [%s]}".formatted(pod.port(), overlap, users);
  }

  /** Refreshes the server's volume, so that the other user gets its login. */
  private void deliver() throws IOException {
    pod.refresh();
    Scene.soon().until(() -> scene.child(Secret.class, REPORTS).get() != null);
    Scene.soon().until(() -> status("reports").orElseThrow().generation() > 0);
  }

  private void awaitGone() {
    Scene.soon()
        .untilAsserted(
            () -> {
              assertThat(scene.child(Secret.class, SECRET).get()).isNull();
              assertThat(SaslFiles.names(sasldb(), "cache")).isEmpty();
              assertThat(status("cache")).isEmpty();
            });
  }

  /** The login is in the Secret and in the sasldb for all of a time. */
  private void stays(Duration time) {
    Awaitility.await()
        .during(time)
        .atMost(time.plus(Scene.DEADLINE))
        .until(
            () ->
                login(SECRET).equals(old)
                    && SaslFiles.names(sasldb(), "cache").equals(List.of("cache")));
  }

  private void awaitMessage(String message) {
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(scene.conditionText("cache", "CredentialsReady"))
                    .isEqualTo("False CredentialsUnusable " + message));
  }

  private Optional<CredentialsStatus> status(String user) {
    return scene.resource("cache").get().getStatus().credentials().stream()
        .filter(login -> login.user().equals(user))
        .findFirst();
  }

  private Login login(String secret) {
    return new Login(scene.value(secret, Secrets.USERNAME), scene.value(secret, Secrets.PASSWORD));
  }

  private byte[] sasldb() {
    return SaslFiles.sasldb(scene, "cache-sasl");
  }

  private List<Event> events(String reason) {
    return scene.client.v1().events().inNamespace(scene.namespace).list().getItems().stream()
        .filter(event -> event.getReason().equals(reason))
        .toList();
  }
}
