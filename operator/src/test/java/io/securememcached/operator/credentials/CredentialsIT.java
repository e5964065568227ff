package io.securememcached.operator.credentials;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.resource.Secrets;
import io.securememcached.operator.rotation.Cause;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.sasl.Realms;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.ServedPod;
import io.securememcached.operator.testing.WithApiServer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever happens to a Secret, nobody is locked out and both sides know the same passwords. */
@WithApiServer
public class CredentialsIT {

  private static final String SASL = "cache-sasl";
  private static final String SAMMY = "cache-credentials-sammy";
  private static final String JAWS = "cache-credentials-jaws";
  private static final String OPERATOR = "cache-operator";

  private Scene scene;

  @BeforeEach
  void createResource(ApiServer server) {
    scene = Scene.operated(server);
    scene.createAndSettle("cache", "{users: [{name: sammy}, {name: jaws}]}");
    // A pass that has read the logins already writes a Secret that goes meanwhile as it was.
    scene.idle();
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void everyUserCanLogInToEveryServer() {
    Map<String, Login> logins = published();
    assertThat(logins)
        .containsOnlyKeys(SAMMY, JAWS, OPERATOR)
        .allSatisfy((secret, login) -> assertThat(login.password()).matches("[0-9A-Za-z]{33}"));
    assertThat(logins.values().stream().map(Login::password)).doesNotHaveDuplicates();
    assertConsistent(logins.values());
    assertThat(scene.value(SASL, SaslConfig.CONFIG_FILE)).isEqualTo(SaslConfig.text());
  }

  /** Whoever deleted it may have read it: the old logins stay valid for the overlap only. */
  @Test
  void lostSasldbComesBackWithTheOldLoginsAndNewOnes() {
    Map<String, Login> before = published();
    scene.child(Secret.class, SASL).delete();
    awaitRotation("sammy", 2, Cause.SecretLost);
    awaitRotation("jaws", 2, Cause.SecretLost);
    assertThat(published().values()).doesNotContainAnyElementsOf(before.values());
    assertConsistent(all(before, published()));
  }

  @Test
  void lostLoginComesBackAndItsUserGetsAnotherOne() {
    Map<String, Login> before = published();
    scene.child(Secret.class, SAMMY).delete();
    awaitRotation("sammy", 2, Cause.SecretLost);
    assertThat(published())
        .containsEntry(JAWS, before.get(JAWS))
        .containsEntry(OPERATOR, before.get(OPERATOR));
    assertThat(published().get(SAMMY).name()).isEqualTo("sammy_2");
    assertConsistent(all(before, published()));
  }

  /** The copy in the operator's Secret is for the servers' Secret, not the other way round. */
  @Test
  void lostCopyComesBackAndOnlyTheOperatorGetsAnotherLogin() {
    Map<String, Login> before = published();
    scene.child(Secret.class, OPERATOR).delete();
    Scene.soon()
        .untilAsserted(
            () -> assertThat(published().get(OPERATOR)).isNotEqualTo(before.get(OPERATOR)));
    assertThat(published()).containsEntry(SAMMY, before.get(SAMMY));
    assertConsistent(all(before, published()));
  }

  @Test
  void allSecretsLostWhileNobodyLooks() {
    Map<String, Login> before = published();
    scene.stopOperator();
    scene.client.secrets().inNamespace(scene.namespace).delete();
    scene.startOperator();
    Scene.soon().untilAsserted(() -> assertThat(published()).hasSize(3));
    assertThat(published().values()).doesNotContainAnyElementsOf(before.values());
    assertConsistent(published().values());
  }

  /** One user's last copy is gone: the others keep theirs. */
  @Test
  void onlyWhatClientsReadIsLeft() {
    Map<String, Login> before = published();
    scene.stopOperator();
    Stream.of(SAMMY, SASL, OPERATOR).forEach(name -> scene.child(Secret.class, name).delete());
    scene.startOperator();
    Scene.soon().untilAsserted(() -> assertThat(published()).hasSize(3));
    awaitRotation("jaws", 2, Cause.SecretLost);
    assertThat(entries()).contains(before.get(JAWS)).doesNotContain(before.get(SAMMY));
  }

  @Test
  void damagedSasldbIsWrittenAgain() {
    Map<String, Login> before = published();
    byte[] whole = sasldb();
    for (UnaryOperator<byte[]> damage :
        List.<UnaryOperator<byte[]>>of(
            file -> new byte[0],
            file -> "not a database".getBytes(UTF_8),
            file -> Arrays.copyOf(file, file.length / 2),
            file -> {
              byte[] flipped = file.clone();
              flipped[512 + 26] ^= (byte) 0xff;
              return flipped;
            })) {
      byte[] damaged = damage.apply(whole);
      setSasldb(damaged);
      // The sasldb has a login before clients can read it.
      Scene.soon()
          .untilAsserted(
              () -> {
                assertThat(sasldb()).isNotEqualTo(damaged);
                assertConsistent(all(before, published()));
              });
    }
  }

  /** Servers take what the sasldb says, so clients must be able to read it. */
  @Test
  void passwordInTheSasldbStaysValid() {
    List<Login> logins = new ArrayList<>(published().values());
    Login own = published().get(SAMMY);
    Login theirs = new Login("sammy", "set-by-an-administrator");
    logins.remove(own);
    logins.add(theirs);
    setSasldb(
        SaslDb.write(
            Realms.of("cache", 1).stream()
                .flatMap(
                    realm ->
                        logins.stream()
                            .map(login -> new SaslEntry(login.name(), realm, login.password())))
                .toList()));
    awaitRotation("sammy", 2, Cause.SecretLost);
    logins.add(published().get(SAMMY));
    assertConsistent(logins);
  }

  @Test
  void passwordThatCannotBeStoredIsReplaced() {
    scene.stopOperator();
    Stream.of(SASL, OPERATOR).forEach(name -> scene.child(Secret.class, name).delete());
    scene
        .child(Secret.class, SAMMY)
        .edit(
            secret ->
                secret
                    .edit()
                    .addToData("password", base64("with a NUL \0".getBytes(UTF_8)))
                    .build());
    scene.startOperator();
    Scene.soon()
        .untilAsserted(
            () -> assertThat(published().get(SAMMY).password()).matches("[0-9A-Za-z]{33}"));
  }

  /** A file that an earlier version wrote, or that lost its annotation. */
  @Test
  void sasldbWithoutItsAnnotationKeepsItsLogins() {
    Map<String, Login> before = published();
    scene.stopOperator();
    for (String name : List.of(SASL, OPERATOR)) {
      scene
          .child(Secret.class, name)
          .edit(
              secret ->
                  secret.edit().editMetadata().withAnnotations(Map.of()).endMetadata().build());
    }
    scene.startOperator();
    Scene.soon()
        .until(
            () ->
                scene
                    .child(Secret.class, SASL)
                    .get()
                    .getMetadata()
                    .getAnnotations()
                    .containsKey(Secrets.LOGINS));
    assertThat(published()).isEqualTo(before);
    assertConsistent(before.values());
  }

  /** As after a roll back from a version that has another format. */
  @Test
  void notesThatCannotBeReadStopNothingButChangesOfLogins() {
    scene.annotate("cache", Requests.RESTART, "once");
    Scene.soon().untilAsserted(() -> assertThat(restarts()).isEqualTo("1"));
    scene.annotate("cache", Requests.REVOKE, "leaked");
    Scene.soon().untilAsserted(() -> assertThat(restarts()).isEqualTo("2"));
    scene.idle();
    Map<String, Login> before = published();
    scene.stopOperator();
    for (String name : List.of(SASL, OPERATOR)) {
      editNotes(name, text -> text.replace("\"format\":1", "\"format\":2"));
    }
    byte[] file = sasldb();
    scene.startOperator();
    Condition told = scene.condition("cache", "CredentialsReady", "CredentialsUnreadable");
    assertThat(told.getMessage())
        .startsWith("Secret cache-sasl, annotation securememcached.io/logins has format 2")
        .contains("upgrade the operator");
    scene.annotate("cache", Requests.ROTATE, "later");
    scene.edit("cache", "{replicas: 3, users: [{name: sammy}, {name: jaws}]}");
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(scene.child(StatefulSet.class, "cache").get().getSpec().getReplicas())
                    .as("all else goes on")
                    .isEqualTo(3));
    scene.idle();
    assertThat(restarts()).as("no server restarts").isEqualTo("2");
    assertThat(published()).isEqualTo(before);
    assertThat(sasldb()).isEqualTo(file);
    assertThat(notes(SASL)).contains("\"format\":2");

    // The way out in the message.
    for (String name : List.of(SASL, OPERATOR)) {
      editNotes(name, text -> null);
    }
    scene.condition("cache", "CredentialsReady", "Applied");
    scene.idle();
    assertThat(published()).isEqualTo(before);
    assertThat(restarts()).isEqualTo("2");
    assertThat(notes(SASL)).contains("\"format\":1");
  }

  /** One of both is damaged: the other one has the same. */
  @Test
  void damagedNotesComeBackFromTheCopy() {
    Map<String, Login> before = published();
    editNotes(SASL, text -> "{");
    Scene.soon().untilAsserted(() -> assertThat(notes(SASL)).contains("\"format\":1"));
    scene.idle();
    assertThat(published()).isEqualTo(before);
  }

  private void editNotes(String secret, UnaryOperator<String> edit) {
    scene
        .child(Secret.class, secret)
        .edit(
            seen -> {
              Map<String, String> annotations = seen.getMetadata().getAnnotations();
              String text = edit.apply(annotations.remove(Secrets.LOGINS));
              if (text != null) {
                annotations.put(Secrets.LOGINS, text);
              }
              return seen;
            });
  }

  private String notes(String secret) {
    return String.valueOf(
        scene.child(Secret.class, secret).get().getMetadata().getAnnotations().get(Secrets.LOGINS));
  }

  private String restarts() {
    return String.valueOf(
        scene
            .child(StatefulSet.class, "cache")
            .get()
            .getSpec()
            .getTemplate()
            .getMetadata()
            .getAnnotations()
            .get("securememcached.io/restarts"));
  }

  @Test
  void usersComeAndGo() {
    Map<String, Login> before = published();
    scene.change("cache", "{users: [{name: jaws}, {name: bruce}], rotation: {overlap: 0s}}");
    Map<String, Login> after = published();
    assertThat(after)
        .containsOnlyKeys(JAWS, "cache-credentials-bruce", OPERATOR)
        .containsEntry(JAWS, before.get(JAWS));
    assertConsistent(after.values());

    scene.change("cache", "{users: [{name: sammy}], rotation: {overlap: 0s}}");
    assertThat(published().get(SAMMY))
        .as("a user who was removed and comes back gets another password")
        .isNotEqualTo(before.get(SAMMY));
    assertConsistent(published().values());
  }

  @Test
  void userNamedAfterTheResource() {
    scene.change("cache", "{rotation: {overlap: 0s}}");
    assertThat(published()).containsOnlyKeys("cache-credentials", OPERATOR);
    assertConsistent(published().values());
  }

  @Test
  void scalingOutChangesTheSasldbOnlyWhereItHasNoRoom() {
    byte[] file = sasldb();
    scene.change("cache", "{replicas: 4, users: [{name: sammy}, {name: jaws}]}");
    assertThat(sasldb()).isEqualTo(file);
    scene.change("cache", "{replicas: 20, users: [{name: sammy}, {name: jaws}]}");
    assertThat(SaslDb.read(sasldb()).stream().map(SaslEntry::realm)).contains("cache-19");
  }

  /** They have clients until they have ended, and look logins up under their own host names. */
  @Test
  void serversThatEndKeepTheirHostNamesInTheSasldb() {
    scene.change("cache", "{replicas: 20}");
    scene.client.resource(ServedPod.ofSet(scene, "cache-19")).create();
    scene.idle();
    scene.change("cache", "{replicas: 1}");
    scene.idle();
    assertThat(realms()).contains("cache-19");
    scene.child(Pod.class, "cache-19").withGracePeriod(0).delete();
    Scene.soon().untilAsserted(() -> assertThat(realms()).doesNotContain("cache-19"));
    // Whoever may create pods chooses their numbers.
    scene.client.resource(ServedPod.ofSet(scene, "cache-999999")).create();
    Scene.soon().untilAsserted(() -> assertThat(realms()).contains("cache-99").hasSize(101));
  }

  private List<String> realms() {
    return SaslDb.read(SaslFiles.sasldb(scene, "cache-sasl")).stream()
        .map(SaslEntry::realm)
        .distinct()
        .toList();
  }

  private void awaitRotation(String user, int generation, Cause cause) {
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(scene.resource("cache").get().getStatus().credentials())
                    .filteredOn(login -> login.user().equals(user))
                    .extracting(CredentialsStatus::generation, CredentialsStatus::cause)
                    .containsExactly(tuple(generation, cause.name())));
  }

  /** Login by Secret. */
  private Map<String, Login> published() {
    return scene.client.secrets().inNamespace(scene.namespace).list().getItems().stream()
        .map(secret -> secret.getMetadata().getName())
        .filter(name -> !name.equals(SASL))
        .collect(
            Collectors.toMap(
                name -> name,
                name -> new Login(scene.value(name, "username"), scene.value(name, "password"))));
  }

  private static Set<Login> all(Map<String, Login> some, Map<String, Login> others) {
    return Stream.concat(some.values().stream(), others.values().stream())
        .collect(Collectors.toSet());
  }

  /** The servers take just these logins, each in the realm of each server. */
  private void assertConsistent(Collection<Login> logins) {
    assertThat(entries()).containsExactlyInAnyOrderElementsOf(logins);
    assertThat(SaslDb.read(sasldb())).hasSize(logins.size() * Realms.of("cache", 1).size());
  }

  private Set<Login> entries() {
    return SaslDb.read(sasldb()).stream()
        .map(entry -> new Login(entry.user(), entry.password()))
        .collect(Collectors.toSet());
  }

  private byte[] sasldb() {
    return Base64.getDecoder()
        .decode(scene.child(Secret.class, SASL).get().getData().get(SaslConfig.SASLDB_FILE));
  }

  private void setSasldb(byte[] file) {
    scene
        .child(Secret.class, SASL)
        .edit(secret -> secret.edit().addToData(SaslConfig.SASLDB_FILE, base64(file)).build());
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
