package io.securememcached.operator.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.resource.Labels;
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

  /** A password that somebody has put where a copy is to go. */
  private static final String FOREIGN = "password-of-somebody-else";

  @Test
  void passwordsAreInSecretsOnly(ApiServer server) {
    try (CapturedLog log = new CapturedLog();
        Scene scene = Scene.quiet(server);
        Scene shop = Scene.quiet(server)) {
      scene.startOperator(
          Map.of(
              "OPERATOR_NAMESPACE",
              scene.namespace,
              "EXPORTER",
              "true",
              "WATCH_NAMESPACES",
              scene.namespace + "," + shop.namespace));
      String users =
          "users: [{name: sammy, secretNamespaces: [%1$s]}, {name: jaws, secretNamespaces: [%1$s]}]"
              .formatted(shop.namespace);
      consent(shop, "cache-credentials-sammy", scene.namespace, Map.of());
      consent(shop, "cache-credentials-jaws", scene.namespace, Map.of("password", FOREIGN));
      scene.createAndSettle("cache", "{" + users + "}");
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(shop.child(Secret.class, "cache-credentials-sammy").get().getData())
                      .containsKey("password"));
      makeImmutable(shop);
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
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(scene.conditionText("cache", Conditions.CREDENTIALS_READY))
                      .contains("rejects the change of Secret cache-credentials-sammy")
                      .contains("Secret cache-credentials-jaws there has keys of somebody else"));
      scene.idle();
      makeImmutable(scene);
      scene.create("other", "{}");
      scene.settled("other");
      scene.change("cache", "{port: 11311, " + users + "}");
      assertThat(scene.condition("cache", Conditions.READY, "ChildRejected").getMessage())
          .contains("Secret cache-credentials-sammy");
      scene.idle();

      List<String> passwords = passwords(scene);
      // Two users and the operator with a second login each since the damage, one and the operator;
      // and of the exporter a login on each resource, and the key that they are derived from.
      assertThat(passwords)
          .hasSize(11)
          .allSatisfy(password -> assertThat(password).hasSizeGreaterThan(32));
      assertThat(holders(passwords, allText(scene, shop, log))).isEmpty();
      assertThat(holders(List.of(FOREIGN), allText(scene, shop, log))).isEmpty();
      // The counter-example: the same search does find them where they are.
      assertThat(holders(passwords, Stream.of(secrets(scene)))).hasSize(1);
      assertThat(holders(passwords, Stream.of(secrets(shop)))).hasSize(1);
      assertThat(log.text()).as("the log is captured").contains("name=cache-sasl Created child");
    }
  }

  private static void consent(Scene scene, String name, String from, Map<String, String> values) {
    scene
        .client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(scene.namespace)
                .withName(name)
                .addToLabels(Labels.COPY_FROM, from)
                .endMetadata()
                .withStringData(values)
                .build())
        .create();
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

  private static Stream<String> allText(Scene scene, Scene shop, CapturedLog log) {
    return Stream.of(
            Stream.of(log.text(), scene.operator().get("metrics")),
            Stream.of("cache", "other")
                .map(name -> scene.resource(name).get())
                .map(Serialization::asYaml),
            Stream.of(scene, shop)
                .flatMap(
                    place ->
                        place
                            .client
                            .v1()
                            .events()
                            .inNamespace(place.namespace)
                            .list()
                            .getItems()
                            .stream())
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
