package io.securememcached.operator.reconcile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Secret;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.sasl.Realms;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever happens to a Secret, nobody is locked out and both sides know the same passwords. */
@WithApiServer
class CredentialsIT {

  private static final String SASL = "cache-sasl";
  private static final String SAMMY = "cache-credentials-sammy";

  private Scene scene;

  @BeforeEach
  void createResource(ApiServer server) {
    scene = Scene.operated(server);
    scene.createAndSettle("cache", "{users: [{name: sammy}, {name: jaws}]}");
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void everyUserCanLogInToEveryServer() {
    Map<String, String> passwords = published();
    assertThat(passwords)
        .containsOnlyKeys("sammy", "jaws", Credentials.OPERATOR_USER)
        .allSatisfy((user, password) -> assertThat(password).matches("[0-9A-Za-z]{33}"));
    assertThat(passwords.values()).doesNotHaveDuplicates();
    assertConsistent(passwords);
    assertThat(scene.value(SASL, SaslConfig.CONFIG_FILE)).isEqualTo(SaslConfig.text());
  }

  @Test
  void lostSasldbComesBackWithTheSamePasswords() {
    Map<String, String> before = published();
    byte[] file = sasldb();
    scene.child(Secret.class, SASL).delete();
    Scene.soon().until(() -> scene.child(Secret.class, SASL).get() != null);
    assertConsistent(before);
    assertThat(sasldb()).as("no byte is other, so no server reads another file").isEqualTo(file);
  }

  @Test
  void lostLoginComesBackWithTheSamePassword() {
    Map<String, String> before = published();
    scene.child(Secret.class, SAMMY).delete();
    Scene.soon().until(() -> scene.child(Secret.class, SAMMY).get() != null);
    assertConsistent(before);
  }

  @Test
  void allSecretsLostWhileNobodyLooks() {
    Map<String, String> before = published();
    scene.stopOperator();
    scene.client.secrets().inNamespace(scene.namespace).delete();
    scene.startOperator();
    Scene.soon().untilAsserted(() -> assertThat(published()).hasSize(3));
    assertThat(published().values()).doesNotContainAnyElementsOf(before.values());
    assertConsistent(published());
  }

  /** One user's both copies are gone: the others keep theirs. */
  @Test
  void oneUserLostWhileNobodyLooks() {
    Map<String, String> before = published();
    scene.stopOperator();
    scene.child(Secret.class, SAMMY).delete();
    scene.child(Secret.class, SASL).delete();
    scene.startOperator();
    Scene.soon().untilAsserted(() -> assertThat(published()).hasSize(3));
    Map<String, String> after = published();
    assertThat(after.get("sammy")).isNotEqualTo(before.get("sammy"));
    assertThat(after).containsEntry("jaws", before.get("jaws"));
    assertConsistent(after);
  }

  @Test
  void damagedSasldbIsWrittenAgain() {
    Map<String, String> before = published();
    byte[] whole = sasldb();
    for (UnaryOperator<byte[]> damage :
        List.<UnaryOperator<byte[]>>of(
            file -> new byte[0],
            file -> "not a database".getBytes(UTF_8),
            file -> Arrays.copyOf(file, file.length / 2),
            file -> {
              byte[] flipped = file.clone();
              flipped[4096 + 26] ^= (byte) 0xff;
              return flipped;
            })) {
      setSasldb(damage.apply(whole));
      Scene.soon().untilAsserted(() -> assertThat(sasldb()).isEqualTo(whole));
    }
    assertConsistent(before);
  }

  /** The servers read the sasldb, so what it says is right. */
  @Test
  void passwordInTheSasldbWins() {
    Map<String, String> passwords = new TreeMap<>(published());
    passwords.put("sammy", "set-by-an-administrator");
    setSasldb(
        SaslDb.write(
            Realms.of("cache", 1).stream()
                .flatMap(
                    realm ->
                        passwords.entrySet().stream()
                            .map(user -> new SaslEntry(user.getKey(), realm, user.getValue())))
                .toList()));
    Scene.soon()
        .untilAsserted(
            () -> assertThat(scene.value(SAMMY, "password")).isEqualTo("set-by-an-administrator"));
    assertConsistent(passwords);
  }

  @Test
  void passwordThatCannotBeStoredIsReplaced() {
    scene.stopOperator();
    scene.child(Secret.class, SASL).delete();
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
        .untilAsserted(() -> assertThat(scene.value(SAMMY, "password")).matches("[0-9A-Za-z]{33}"));
    Scene.soon().until(() -> scene.child(Secret.class, SASL).get() != null);
    assertConsistent(published());
  }

  @Test
  void usersComeAndGo() {
    Map<String, String> before = published();
    scene.change("cache", "{users: [{name: jaws}, {name: bruce}]}");
    Map<String, String> after = published();
    assertThat(after)
        .containsOnlyKeys("jaws", "bruce", Credentials.OPERATOR_USER)
        .containsEntry("jaws", before.get("jaws"));
    assertThat(scene.child(Secret.class, SAMMY).get()).isNull();
    assertConsistent(after);

    scene.change("cache", "{users: [{name: sammy}]}");
    assertThat(published().get("sammy"))
        .as("a user who was removed and comes back gets another password")
        .isNotEqualTo(before.get("sammy"));
    assertConsistent(published());
  }

  @Test
  void userNamedAfterTheResource() {
    scene.change("cache", "{}");
    assertThat(published()).containsOnlyKeys("cache", Credentials.OPERATOR_USER);
    assertThat(scene.child(Secret.class, "cache-credentials").get()).isNotNull();
    assertConsistent(published());
  }

  @Test
  void scalingOutChangesTheSasldbOnlyWhereItHasNoRoom() {
    byte[] file = sasldb();
    scene.change("cache", "{replicas: 4, users: [{name: sammy}, {name: jaws}]}");
    assertThat(sasldb()).isEqualTo(file);
    scene.change("cache", "{replicas: 20, users: [{name: sammy}, {name: jaws}]}");
    assertThat(SaslDb.read(sasldb()).stream().map(SaslEntry::realm)).contains("cache-19");
  }

  /** Password by user, from the Secrets with logins. */
  private Map<String, String> published() {
    return scene.client.secrets().inNamespace(scene.namespace).list().getItems().stream()
        .map(secret -> secret.getMetadata().getName())
        .filter(name -> !name.equals(SASL))
        .collect(
            Collectors.toMap(
                name -> scene.value(name, "username"), name -> scene.value(name, "password")));
  }

  private void assertConsistent(Map<String, String> passwords) {
    Scene.soon()
        .untilAsserted(
            () -> {
              assertThat(published()).isEqualTo(passwords);
              assertThat(SaslDb.read(sasldb()))
                  .allSatisfy(
                      entry -> assertThat(entry.password()).isEqualTo(passwords.get(entry.user())))
                  .extracting(SaslEntry::user, SaslEntry::realm)
                  .contains(tuple(Credentials.OPERATOR_USER, "cache-0"));
              assertThat(SaslDb.read(sasldb()).stream().map(SaslEntry::user).distinct())
                  .containsExactlyInAnyOrderElementsOf(passwords.keySet());
            });
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
