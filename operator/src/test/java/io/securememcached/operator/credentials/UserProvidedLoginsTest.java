package io.securememcached.operator.credentials;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.testing.KubectlYaml;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is said of user-provided Secrets that are not known, or not text. */
class UserProvidedLoginsTest {

  private final SecureMemcached primary = new SecureMemcached();

  UserProvidedLoginsTest() {
    primary.getMetadata().setNamespace("shop");
    primary.getMetadata().setName("sessions");
    primary.setSpec(
        Serialization.unmarshal(
            KubectlYaml.json("{users: [{name: sammy, secret: {name: own}}]}"),
            SecureMemcachedSpec.class));
  }

  /** Nobody should create a Secret that exists. */
  @Test
  void secretThatTheMemoryBudgetLeavesOutIsNotCalledMissing() {
    assertThat(problem(Optional.of("the operator has left out some objects")))
        .isEqualTo("Secret own of user sammy is not read: the operator has left out some objects");
    assertThat(problem(Optional.empty()))
        .startsWith("Secret own of user sammy does not exist or lacks the label");
  }

  /** Clients send its bytes; with U+FFFD in their place, servers would refuse all of them. */
  @Test
  void whatIsNotUtf8IsNoLogin() {
    byte[] broken = {'c', (byte) 0xff, 'r', (byte) 0xc3};
    String problem =
        " is not UTF-8; encode random bytes as text, for example with openssl rand -hex 32";
    assertThat(problem(secret(utf8("app"), broken)))
        .isEqualTo("Secret own, key password:" + problem);
    assertThat(problem(secret(broken, utf8("one"))))
        .isEqualTo("Secret own, key username:" + problem);
    // The operator reads the beginning of a long value only, which may end within a character.
    byte[] cut = utf8("é".repeat(800));
    cut[cut.length - 1] = (byte) 0xc3;
    assertThat(problem(secret(utf8("app"), cut)))
        .isEqualTo("Secret own, key password: is longer than 1024 bytes");
  }

  /** The counter-example. */
  @Test
  void anyUtf8IsALogin() {
    String password = "pässwörd-\uFFFD-\uD83D\uDE00";
    UserProvidedLogins.Read read = read(secret(utf8("äpp"), utf8(password)));
    assertThat(read.logins()).isEqualTo(Map.of("sammy", Optional.of(new Login("äpp", password))));
    assertThat(read.problems()).isEmpty();
  }

  /** What the operator has published, and somebody has changed since. */
  @Test
  void publishedLoginThatIsNotUtf8IsNone() {
    assertThat(LoginSecrets.login(secret(utf8("app"), utf8("one"))))
        .contains(new Login("app", "one"));
    assertThat(LoginSecrets.login(secret(utf8("app"), new byte[] {'o', (byte) 0xff}))).isEmpty();
  }

  private static Secret secret(byte[] username, byte[] password) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName("own")
        .endMetadata()
        .addToData("username", Base64.getEncoder().encodeToString(username))
        .addToData("password", Base64.getEncoder().encodeToString(password))
        .build();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  private String problem(Secret secret) {
    UserProvidedLogins.Read read = read(secret);
    assertThat(read.logins()).isEqualTo(Map.of("sammy", Optional.empty()));
    return read.problems().get("sammy");
  }

  private UserProvidedLogins.Read read(Secret secret) {
    return UserProvidedLogins.read(primary, Map.of("own", secret), Optional.empty());
  }

  private String problem(Optional<String> shortage) {
    UserProvidedLogins.Read read = UserProvidedLogins.read(primary, Map.of(), shortage);
    assertThat(read.logins()).isEqualTo(Map.of("sammy", Optional.empty()));
    return read.problems().get("sammy");
  }
}
