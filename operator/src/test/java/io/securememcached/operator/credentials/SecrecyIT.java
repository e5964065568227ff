package io.securememcached.operator.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.CapturedLog;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A password is in the Secrets and nowhere else. */
@WithApiServer
class SecrecyIT {

  @Test
  void passwordsAreInSecretsOnly(ApiServer server) {
    try (CapturedLog log = new CapturedLog();
        Scene scene = Scene.quiet(server)) {
      scene.startOperator(Map.of("OPERATOR_NAMESPACE", scene.namespace, "EXPORTER", "true"));
      scene.createAndSettle("cache", "{users: [{name: sammy}, {name: jaws}]}");
      scene.idle();
      // What a password could leak through: repairs, refusals and conflicts, with their messages.
      scene
          .child(Secret.class, "cache-sasl")
          .edit(
              secret ->
                  secret
                      .edit()
                      .addToData(
                          SaslConfig.SASLDB_FILE,
                          Base64.getEncoder()
                              .encodeToString("damaged".getBytes(StandardCharsets.UTF_8)))
                      .build());
      Scene.soon().until(() -> log.text().contains("Restored a damaged sasldb"));
      scene.idle();
      makeImmutable(scene);
      scene.create("other", "{}");
      scene.settled("other");
      scene.change("cache", "{port: 11311, users: [{name: sammy}, {name: jaws}]}");
      assertThat(scene.condition("cache", Conditions.READY, "ChildRejected").getMessage())
          .contains("Secret cache-credentials-sammy");
      scene.idle();

      List<String> passwords = passwords(scene);
      // Two users and the operator with a second login each since the damage, one and the operator;
      // and of the exporter a login on each resource, and the key that they are derived from.
      assertThat(passwords)
          .hasSize(11)
          .allSatisfy(password -> assertThat(password).hasSizeGreaterThan(32));
      assertThat(holders(passwords, allText(scene, log))).isEmpty();
      // The counter-example: the same search does find them where they are.
      assertThat(holders(passwords, Stream.of(secrets(scene)))).hasSize(1);
      assertThat(log.text()).as("the log is captured").contains("name=cache-sasl Created child");
    }
  }

  /** The API server then refuses each change of the Secret, and says so. */
  private static void makeImmutable(Scene scene) {
    scene
        .child(Secret.class, "cache-credentials-sammy")
        .edit(secret -> secret.edit().withImmutable(true).build());
  }

  private static List<String> passwords(Scene scene) {
    return Stream.concat(
            Stream.of("cache-sasl", "other-sasl")
                .flatMap(secret -> SaslDb.read(SaslFiles.sasldb(scene, secret)).stream())
                .map(SaslEntry::password),
            Stream.of(scene.value(ExporterKeys.NAME, "key")))
        .distinct()
        .toList();
  }

  /** Each text that has one of the passwords, as it is or in base64. */
  private static List<String> holders(List<String> passwords, Stream<String> texts) {
    return texts
        .filter(
            text ->
                passwords.stream()
                    .anyMatch(
                        password -> text.contains(password) || text.contains(base64(password))))
        .toList();
  }

  private static Stream<String> allText(Scene scene, CapturedLog log) {
    return Stream.of(
            Stream.of(log.text(), scene.operator().get("metrics")),
            Stream.of("cache", "other")
                .map(name -> scene.resource(name).get())
                .map(Serialization::asYaml),
            scene.client.v1().events().inNamespace(scene.namespace).list().getItems().stream()
                .map(Serialization::asYaml),
            scene.objects().filter(child -> !(child instanceof Secret)).map(Serialization::asYaml))
        .flatMap(texts -> texts);
  }

  private static String secrets(Scene scene) {
    return scene
        .objects()
        .filter(Secret.class::isInstance)
        .map(Serialization::asYaml)
        .collect(Collectors.joining());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
