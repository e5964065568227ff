package io.securememcached.operator.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two users come to one login name: nothing else waits for that, and a leaked login still ends. */
@WithApiServer
class LoginConflictIT {

  private static final String BLUE_GREEN =
      "{users: [{name: a, secret: {name: vault-a}}, {name: b, secret: {name: vault-b}}]}";

  private Scene scene;

  @BeforeEach
  void start(ApiServer server) {
    scene = Scene.operated(server);
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void userIsAddedWithTheLoginNameOfAnotherOne() {
    scene.provideLogin("vault-a", "reporting", "one");
    scene.createAndSettle("cache", "{users: [{name: app, secret: {name: vault-a}}]}");
    awaitLogin("app", new Login("reporting", "one"));
    scene.change(
        "cache", "{replicas: 2, users: [{name: app, secret: {name: vault-a}}, {name: reporting}]}");
    Scene.soon()
        .untilAsserted(() -> assertThat(login("reporting").name()).isEqualTo("reporting_2"));
    assertThat(login("app")).isEqualTo(new Login("reporting", "one"));
    assertThat(scene.child(StatefulSet.class, "cache").get().getSpec().getReplicas()).isEqualTo(2);

    scene.annotate("cache", Requests.REVOKE + ".reporting", "leaked");
    String leaked = login("reporting").password();
    Scene.soon()
        .untilAsserted(() -> assertThat(login("reporting").password()).isNotEqualTo(leaked));
    assertThat(login("reporting").name()).isEqualTo("reporting_2");

    scene.annotate("cache", Requests.ROTATE + ".reporting", "now");
    awaitMessage(
        "User reporting waits for login name reporting, which is in use by user app from Secret vault-a, key username; rename the login of user app");
    scene.provideLogin("vault-a", "app-1", "two");
    awaitLogin("app", new Login("app-1", "two"));
    assertThat(names()).as("app's old login has its overlap").contains("reporting");
    scene.annotate("cache", Requests.REVOKE + ".app", "no need to wait");
    Scene.soon().untilAsserted(() -> assertThat(login("reporting").name()).isEqualTo("reporting"));
    scene.condition("cache", "CredentialsReady", "Applied");
  }

  @Test
  void twoSecretsSwapTheirUserNames() {
    scene.provideLogin("vault-a", "green", "one");
    scene.provideLogin("vault-b", "blue", "two");
    scene.createAndSettle("cache", BLUE_GREEN);
    awaitLogin("a", new Login("green", "one"));
    awaitLogin("b", new Login("blue", "two"));

    scene.provideLogin("vault-a", "blue", "one");
    scene.provideLogin("vault-b", "green", "two");
    awaitMessage(
        "Secret vault-a, key username: login name blue is in use by user b until that user has rotated and the overlap has ended; use another name, or set annotation securememcached.io/revoke.b to revoke it now; "
            + "Secret vault-b, key username: login name green is in use by user a until that user has rotated and the overlap has ended; use another name, or set annotation securememcached.io/revoke.a to revoke it now");
    assertThat(login("a")).as("nobody is locked out").isEqualTo(new Login("green", "one"));
    assertThat(login("b")).isEqualTo(new Login("blue", "two"));

    scene.annotate("cache", Requests.REVOKE, "swap them now");
    awaitLogin("a", new Login("blue", "one"));
    awaitLogin("b", new Login("green", "two"));
    scene.condition("cache", "CredentialsReady", "Applied");
  }

  @Test
  void loginNameIsFreeOnceItsOverlapIsOver() {
    scene.provideLogin("vault-a", "one", "p1");
    scene.provideLogin("vault-b", "two", "p2");
    scene.createAndSettle("cache", BLUE_GREEN.replace("{users", "{rotation: {overlap: 3s}, users"));
    awaitLogin("a", new Login("one", "p1"));
    scene.provideLogin("vault-a", "three", "p3");
    awaitLogin("a", new Login("three", "p3"));
    scene.provideLogin("vault-b", "one", "p4");
    awaitLogin("b", new Login("one", "p4"));
    scene.condition("cache", "CredentialsReady", "Applied");
  }

  /** A revoked login does not come back from the Secret that clients read. */
  @Test
  void revokedLoginEndsThoughNoOtherCanTakeItsPlace() {
    scene.provideLogin("vault-a", "one", "leaked");
    scene.provideLogin("vault-b", "two", "p2");
    scene.createAndSettle("cache", BLUE_GREEN);
    awaitLogin("a", new Login("one", "leaked"));
    scene.provideLogin("vault-a", "two", "p3");
    awaitMessage(
        "Secret vault-a, key username: login name two is in use by user b until that user has rotated and the overlap has ended; use another name, or set annotation securememcached.io/revoke.b to revoke it now");
    scene.annotate("cache", Requests.REVOKE + ".a", "leaked");
    Scene.soon().untilAsserted(() -> assertThat(names()).doesNotContain("one"));
    scene.idle();
    scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
    assertThat(names()).contains("two").doesNotContain("one");
    assertThat(login("b")).isEqualTo(new Login("two", "p2"));
    scene.provideLogin("vault-a", "one-b", "p3");
    awaitLogin("a", new Login("one-b", "p3"));
  }

  private void awaitMessage(String message) {
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(scene.conditionText("cache", "CredentialsReady"))
                    .isEqualTo("False CredentialsUnusable " + message));
  }

  private void awaitLogin(String user, Login login) {
    Scene.soon().ignoreExceptions().untilAsserted(() -> assertThat(login(user)).isEqualTo(login));
  }

  private Login login(String user) {
    String secret = "cache-credentials-" + user;
    return new Login(scene.value(secret, "username"), scene.value(secret, "password"));
  }

  private List<String> names() {
    return SaslFiles.names(SaslFiles.sasldb(scene, "cache-sasl"), "");
  }
}
