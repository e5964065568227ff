package io.securememcached.operator.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.CredentialsPhase;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.PendingServer;
import io.securememcached.operator.resource.Secrets;
import io.securememcached.operator.rotation.Cause;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.PlayedLoadBalancer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.testing.WithApiServer;
import io.securememcached.operator.text.Quoted;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps of a rotation against a real server whose volume the test refreshes. */
@WithApiServer
class RotationIT {

  private static final String SECRET = "cache-credentials-sammy";

  @TempDir Path folder;

  private Scene scene;
  private ServedPod pod;
  private Login old;

  @BeforeEach
  void runServer(ApiServer server) throws IOException {
    pod = ServedPod.start(folder);
    scene = Scene.operated(server);
    scene.createAndSettle("cache", spec("10m"));
    scene.idle();
    pod.appear(scene);
    scene.idle();
    old = published();
    assertThat(pod.takes(old)).isTrue();
  }

  @AfterEach
  void stop() throws IOException {
    scene.close();
    pod.close();
  }

  @Test
  void loginIsPublishedOnlyOnceTheServerTakesIt() throws IOException {
    Object template = template();
    String servers = scene.value(SECRET, "servers");
    annotate(Requests.ROTATE, "now");
    awaitPhase(CredentialsPhase.Delivering);
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(status().pendingServers())
                    .containsExactly(new PendingServer("cache-0", Quoted.of("rejects the login"))));
    assertThat(published()).as("clients keep what works").isEqualTo(old);
    assertThat(pod.nudge()).as("the kubelet is told").isNotNull();

    pod.refresh();
    awaitPhase(CredentialsPhase.Overlapping);
    assertThat(published().name()).isEqualTo("sammy_2");
    assertThat(scene.value(SECRET, "servers")).as("no key moves").isEqualTo(servers);
    assertThat(pod.takes(published())).isTrue();
    assertThat(pod.takes(old)).as("nobody is locked out").isTrue();
    assertThat(status().pendingServers()).isEmpty();
    assertThat(status().previousValidUntil()).isNotEmpty();
    assertThat(template()).as("no server restarts").isEqualTo(template);
    assertThat(events()).contains("RotationStarted", "CredentialsRotated");
  }

  @Test
  void requestForAUserThatIsNotThereIsTold() {
    Object template = template();
    annotate(Requests.REVOKE + ".jaws", "now");
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(
                        scene.client.v1().events().inNamespace(scene.namespace).list().getItems())
                    .filteredOn(event -> event.getReason().equals("UnknownUser"))
                    .extracting(Event::getType, Event::getMessage)
                    .containsExactly(
                        tuple(
                            "Warning",
                            "Annotation securememcached.io/revoke.jaws was ignored: unknown user. Users of this resource: sammy.")));
    scene.idle();
    assertThat(published()).isEqualTo(old);
    assertThat(template()).as("no server restarts").isEqualTo(template);
  }

  @Test
  void oldLoginEndsAfterTheOverlap() throws IOException {
    scene.change("cache", spec("1s"));
    annotate(Requests.ROTATE, "now");
    awaitPhase(CredentialsPhase.Delivering);
    Scene.soon().until(() -> pod.nudge() != null);
    String toldOfTheNewLogin = pod.nudge();
    pod.refresh();
    awaitPhase(CredentialsPhase.Active);
    assertThat(secretNames()).containsExactly("sammy_2");
    pod.refresh();
    assertThat(pod.takes(old)).isFalse();
    assertThat(pod.takes(published())).isTrue();
    Scene.soon().untilAsserted(() -> assertThat(events()).contains("PreviousLoginEnded"));
    assertThat(pod.nudge())
        .as("the kubelet is told of the end too")
        .isNotEqualTo(toldOfTheNewLogin);
  }

  /** As those who are inside do, by {@link #oldLoginEndsAfterTheOverlap}. */
  @Test
  void oldLoginStaysWhileHostsOutsideCanNotReadTheNewOne() throws IOException {
    String outside = "cache-external-credentials-sammy";
    scene.change(
        "cache",
        spec("1s")
            .replace(
                "{port",
                "{external: {provider: MetalLB}, sourceZones: [{name: lan, sources: [{cidr: 10.0.4.0/24}]}], port"));
    PlayedLoadBalancer.give(scene, "cache-0-external", "10.31.0.1");
    Scene.soon().until(() -> scene.child(Secret.class, outside).get() != null);
    scene.child(Secret.class, outside).edit(RotationIT::locked);
    annotate(Requests.ROTATE, "now");
    awaitPhase(CredentialsPhase.Delivering);
    pod.refresh();
    scene.condition("cache", Conditions.EXTERNAL_RESTRICTED, "ChildRejected");
    scene.operator().passTime(Duration.ofHours(2));
    scene.pass(() -> annotate("securememcached.io/look", "again"));
    assertThat(status().phase()).isEqualTo(CredentialsPhase.Overlapping);
    assertThat(login(outside)).isEqualTo(old);
    pod.refresh();
    assertThat(pod.takes(old)).isTrue();

    scene.child(Secret.class, outside).delete();
    awaitPhase(CredentialsPhase.Active);
    assertThat(login(outside)).isEqualTo(published());
    pod.refresh();
    assertThat(pod.takes(old)).isFalse();
  }

  private static Secret locked(Secret secret) {
    return new SecretBuilder(secret).withImmutable(true).build();
  }

  /** The clock of the operator's node is a year ahead, then right again. */
  @Test
  void wrongClockEndsNoLoginAndKeepsNone() throws IOException {
    scene.change("cache", spec("10m, interval: 720h"));
    annotate(Requests.ROTATE, "now");
    awaitPhase(CredentialsPhase.Delivering);
    pod.refresh();
    awaitPhase(CredentialsPhase.Overlapping);
    CredentialsStatus before = status();

    scene.operator().passTime(Duration.ofDays(365));
    scene.pass(() -> annotate("securememcached.io/look", "again"));
    pod.refresh();
    assertThat(pod.takes(old)).as("its overlap is not over").isTrue();
    assertThat(status()).as("no login is 30 days old").isEqualTo(before);

    annotate(Requests.REVOKE, "leaked");
    Scene.soon().until(() -> status().generation() > before.generation());
    assertThat(Instant.parse(status().rotatedAt()))
        .as("by a clock that is right")
        .isBefore(Instant.now().plus(Duration.ofMinutes(1)));

    scene.operator().passTime(Duration.ofDays(-365));
    Login last = published();
    annotate(Requests.ROTATE, "again");
    awaitPhase(CredentialsPhase.Delivering);
    pod.refresh();
    awaitPhase(CredentialsPhase.Overlapping);
    assertThat(pod.takes(last)).isTrue();
    assertThat(Instant.parse(status().previousValidUntil()))
        .isBefore(Instant.now().plus(Duration.ofMinutes(11)));
  }

  @Test
  void killedOperatorGoesOnWithTheSameLogin() throws IOException {
    annotate(Requests.ROTATE, "now");
    awaitPhase(CredentialsPhase.Delivering);
    byte[] delivered = sasldb();
    scene.stopOperator();
    pod.refresh();
    scene.startOperator();
    awaitPhase(CredentialsPhase.Overlapping);
    assertThat(sasldb()).isEqualTo(delivered);
    assertThat(pod.takes(published())).isTrue();
  }

  /** Whoever deleted it may have read it. */
  @Test
  void lostSaslSecretComesBackWithTheOldLoginAndAnotherNewOne() throws IOException {
    annotate(Requests.ROTATE, "now");
    awaitPhase(CredentialsPhase.Delivering);
    Login lost = inSasldb("sammy_2");
    scene.child(Secret.class, "cache-sasl").delete();
    Scene.soon().until(() -> scene.child(Secret.class, "cache-sasl").get() != null);
    assertThat(inSasldb("sammy")).isEqualTo(old);
    assertThat(inSasldb("sammy_2")).isNotEqualTo(lost);
    pod.refresh();
    awaitPhase(CredentialsPhase.Overlapping);
    assertThat(pod.takes(old)).isTrue();
    assertThat(pod.takes(lost)).isFalse();
    assertThat(published()).isEqualTo(inSasldb("sammy_2"));
    assertThat(status().cause()).isEqualTo(Cause.SecretLost.name());
  }

  @Test
  void serverThatDoesNotRunIsNotWaitedFor() {
    annotate(Requests.ROTATE, "now");
    awaitPhase(CredentialsPhase.Delivering);
    pod.setRunning(false);
    awaitPhase(CredentialsPhase.Overlapping);
  }

  @Test
  void serverThatIsGoneIsNotWaitedFor() {
    annotate(Requests.ROTATE, "now");
    awaitPhase(CredentialsPhase.Delivering);
    pod.disappear();
    awaitPhase(CredentialsPhase.Overlapping);
  }

  @Test
  void newUserIsPublishedOnceTheServerTakesTheLogin() throws IOException {
    scene.change("cache", "{port: %d, users: [{name: sammy}, {name: jaws}]}".formatted(pod.port()));
    scene.condition("cache", "CredentialsReady", "CredentialsDelivering");
    assertThat(scene.child(Secret.class, "cache-credentials-jaws").get()).isNull();
    pod.refresh();
    scene.condition("cache", "CredentialsReady", "Applied");
    assertThat(pod.takes(login("cache-credentials-jaws"))).isTrue();
  }

  @Test
  void revokingEndsTheOldLoginAtOnceAndRestartsTheServers() {
    annotate(Requests.REVOKE + ".sammy", "leaked");
    awaitPhase(CredentialsPhase.Active);
    Scene.soon().untilAsserted(() -> assertThat(published().name()).isEqualTo("sammy_2"));
    assertThat(secretNames()).containsExactly("sammy_2");
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(templateAnnotations())
                    .containsEntry("securememcached.io/restarts", "1"));
    Scene.soon().untilAsserted(() -> assertThat(events()).contains("CredentialsRevoked"));
  }

  @Test
  void restartOnRequestKeepsTheLogins() {
    byte[] before = sasldb();
    annotate(Requests.RESTART, "now");
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(templateAnnotations())
                    .containsEntry("securememcached.io/restarts", "1"));
    scene.idle();
    assertThat(sasldb()).isEqualTo(before);
    assertThat(pod.nudge()).isNull();
  }

  @Test
  void passOverADeliveryThatWaitsWritesNothing() {
    annotate(Requests.ROTATE, "now");
    awaitPhase(CredentialsPhase.Delivering);
    Scene.soon().until(() -> pod.nudge() != null && !status().pendingServers().isEmpty());
    Scene.soon()
        .until(
            () ->
                status()
                    .pendingServers()
                    .getFirst()
                    .message()
                    .equals(Quoted.of("rejects the login")));
    scene.idle();
    Map<String, String> before = scene.versions();
    scene.pass(() -> annotate("securememcached.io/look", "again"));
    Map<String, String> after = scene.versions();
    after.keySet().removeIf(id -> id.startsWith("SecureMemcached "));
    before.keySet().removeIf(id -> id.startsWith("SecureMemcached "));
    assertThat(after).isEqualTo(before);
  }

  private String spec(String overlap) {
    return "{port: %d, users: [{name: sammy}], rotation: {overlap: %s}}"
        .formatted(pod.port(), overlap);
  }

  private void annotate(String key, String value) {
    scene.annotate("cache", key, value);
  }

  private void awaitPhase(CredentialsPhase phase) {
    Scene.soon().untilAsserted(() -> assertThat(status().phase()).isEqualTo(phase));
  }

  private CredentialsStatus status() {
    return scene.resource("cache").get().getStatus().credentials().getFirst();
  }

  private Login published() {
    return login(SECRET);
  }

  private Login login(String secret) {
    return new Login(scene.value(secret, Secrets.USERNAME), scene.value(secret, Secrets.PASSWORD));
  }

  private byte[] sasldb() {
    return SaslFiles.sasldb(scene, "cache-sasl");
  }

  private Login inSasldb(String name) {
    return SaslDb.read(sasldb()).stream()
        .filter(entry -> entry.user().equals(name))
        .map(entry -> new Login(name, entry.password()))
        .findFirst()
        .orElseThrow();
  }

  private List<String> secretNames() {
    return SaslFiles.names(sasldb(), "sammy");
  }

  private Object template() {
    return scene.child(StatefulSet.class, "cache").get().getSpec().getTemplate();
  }

  private Map<String, String> templateAnnotations() {
    return scene
        .child(StatefulSet.class, "cache")
        .get()
        .getSpec()
        .getTemplate()
        .getMetadata()
        .getAnnotations();
  }

  private List<String> events() {
    return scene.client.v1().events().inNamespace(scene.namespace).list().getItems().stream()
        .map(event -> event.getReason())
        .toList();
  }
}
