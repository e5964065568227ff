package io.securememcached.operator.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.api.v1beta1.CredentialsPhase;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A login that somebody else writes: watched, taken over live, never written. */
@WithApiServer
class UserProvidedSecretIT {

  private static final String SPEC =
      "{users: [{name: sammy, secret: {name: vault}}, {name: jaws}], rotation: {overlap: 10m}}";

  private static final String MISSING =
      "Secret vault of user sammy does not exist or lacks the label securememcached.io/login-for=cache. Create it with this label, or run: kubectl --namespace %s label secret vault --overwrite securememcached.io/login-for=cache";

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
  void loginComesFromTheSecretAndFollowsIt() {
    bring(Map.of("username", "app-1", "password", "one"));
    String version = version();
    scene.createAndSettle("cache", SPEC);
    awaitPublished("app-1", "one");
    assertThat(names()).contains("app-1");
    Object servers = scene.child(StatefulSet.class, "cache").get().getSpec();

    bring(Map.of("username", "app-2", "password", "two"));
    version = version();
    awaitPublished("app-2", "two");
    assertThat(names()).as("both during the overlap").contains("app-1", "app-2");
    assertThat(scene.value("cache-credentials-sammy", "uri"))
        .startsWith("memcached://app-2:two@cache.");

    bring(Map.of("username", "app-2", "password", "p@ss word"));
    awaitPublished("app-2", "p@ss word");
    assertThat(scene.value("cache-credentials-sammy", "uri"))
        .startsWith("memcached://app-2:p%40ss%20word@cache.");
    assertThat(scene.child(StatefulSet.class, "cache").get().getSpec()).isEqualTo(servers);
    assertThat(version()).as("only the test wrote it").isNotEqualTo(version);
    assertThat(scene.child(Secret.class, "vault").get().getMetadata().getManagedFields())
        .noneMatch(fields -> fields.getManager().equals(Labels.OPERATOR));
  }

  @Test
  void userNameComesFromTheSpecWhereTheSecretHasNone() {
    bring(Map.of("password", "one"));
    scene.createAndSettle("cache", SPEC);
    awaitPublished("sammy", "one");
  }

  @Test
  void keysCanHaveOtherNames() {
    bring(Map.of("login", "app", "secret", "one"));
    scene.createAndSettle(
        "cache",
        "{users: [{name: sammy, secret: {name: vault, usernameKey: login, passwordKey: secret}}]}");
    awaitPublished("app", "one");
  }

  @Test
  void missingSecretIsNamedAndWaitedFor() {
    scene.create("cache", SPEC);
    assertUnusable(MISSING.formatted(scene.namespace));
    assertThat(scene.child(Secret.class, "cache-credentials-sammy").get()).isNull();
    assertThat(names()).as("the others can log in").contains("jaws");
    assertThat(scene.resource("cache").get().getStatus().credentials().getFirst().phase())
        .isEqualTo(CredentialsPhase.Waiting);

    bring(Map.of("username", "app", "password", "one"));
    awaitPublished("app", "one");
    scene.condition("cache", Conditions.CREDENTIALS_READY, "Applied");
  }

  @Test
  void unusableValuesAreNamedAndTheLastLoginStays() {
    bring(Map.of("username", "app", "password", "one"));
    scene.createAndSettle("cache", SPEC);
    awaitPublished("app", "one");
    for (Map.Entry<Map<String, String>, String> bad :
        Map.of(
                Map.of("username", "app"),
                    "Secret vault, key password: is missing; add the password",
                Map.of("username", "app", "password", ""), "Secret vault, key password: is empty",
                Map.of("username", "app", "password", "two\n"),
                    "Secret vault, key password: ends with a line break, which clients would have to send too; write it with printf instead of echo",
                Map.of("username", "app@realm", "password", "two"),
                    "Secret vault, key username: is not a valid user name: the user contains U+0040; SASL does not allow '@', blanks and control characters",
                Map.of("username", "jaws_2", "password", "two"),
                    "Secret vault, key username: is reserved as a login name of user jaws; use another name",
                Map.of("username", "securememcached-operator", "password", "two"),
                    "Secret vault, key username: is reserved as a login name of user securememcached-operator; use another name",
                Map.of("username", "securememcached-exporter_2", "password", "two"),
                    "Secret vault, key username: is reserved as a login name of user securememcached-exporter; use another name")
            .entrySet()) {
      bring(bad.getKey());
      assertUnusable(bad.getValue());
      assertThat(scene.value("cache-credentials-sammy", "password")).isEqualTo("one");
      assertThat(names()).contains("app");
    }
    scene.child(Secret.class, "vault").delete();
    assertUnusable(MISSING.formatted(scene.namespace));
    assertThat(names()).contains("app");
  }

  @Test
  void secretOfTheOperatorIsNoneToBring() {
    scene.createAndSettle("cache", "{users: [{name: jaws}]}");
    scene.change(
        "cache", "{users: [{name: jaws}, {name: sammy, secret: {name: cache-credentials-jaws}}]}");
    label("cache-credentials-jaws", "cache");
    assertUnusable(
        "Secret cache-credentials-jaws is managed by this operator; reference another Secret");
  }

  /** Whoever writes resources could else read each one-line Secret of the namespace. */
  @Test
  void secretThatConsentsToNobodyOrToAnotherIsNotRead() {
    bring(Map.of("username", "app", "password", "one"));
    label("vault", null);
    scene.create("cache", SPEC);
    assertUnusable(MISSING.formatted(scene.namespace));
    label("vault", "carts");
    scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
    assertUnusable(MISSING.formatted(scene.namespace));
    assertThat(scene.child(Secret.class, "cache-credentials-sammy").get()).isNull();

    label("vault", "cache");
    awaitPublished("app", "one");
    label("vault", null);
    assertUnusable(MISSING.formatted(scene.namespace));
    assertThat(names()).as("the last login stays valid").contains("app");
  }

  /** As many as the smallest limit of HTTP/2 streams, twice. */
  @Test
  void numberOfWatchesDoesNotGrowWithTheSecrets(ApiServer server) {
    scene.stopOperator();
    AtomicInteger watches = new AtomicInteger();
    List<String> gets = new CopyOnWriteArrayList<>();
    scene.startOperator(
        request -> {
          if (request.endsWith("/secrets")) {
            watches.incrementAndGet();
          } else if (request.contains("/secrets/vault-")) {
            gets.add(request);
          }
        });
    scene.create("empty", "{replicas: 0}");
    scene.settled("empty");
    int before = watches.get();
    for (int cache = 0; cache < 13; cache++) {
      StringBuilder users = new StringBuilder();
      for (int user = 0; user < 16; user++) {
        String name = "vault-%d-%d".formatted(cache, user);
        scene
            .client
            .resource(
                new SecretBuilder()
                    .withNewMetadata()
                    .withNamespace(scene.namespace)
                    .withName(name)
                    .addToLabels(Labels.LOGIN_FOR, "cache-" + cache)
                    .endMetadata()
                    .withStringData(
                        Map.of("username", "u" + user, "password", "p", "other", "x".repeat(9999)))
                    .build())
            .create();
        users.append("{name: u%d, secret: {name: %s}}, ".formatted(user, name));
      }
      scene.create("cache-" + cache, "{replicas: 0, users: [%s]}".formatted(users));
    }
    for (int cache = 0; cache < 13; cache++) {
      scene.condition("cache-" + cache, Conditions.CREDENTIALS_READY, "Applied");
    }
    assertThat(gets).hasSizeGreaterThanOrEqualTo(208);
    assertThat(watches).as("lists and watches of Secrets").hasValue(before);
  }

  private void label(String secret, String resource) {
    scene
        .child(Secret.class, secret)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            resource == null
                ? "{\"metadata\": {\"labels\": {\"%s\": null}}}".formatted(Labels.LOGIN_FOR)
                : "{\"metadata\": {\"labels\": {\"%s\": \"%s\"}}}"
                    .formatted(Labels.LOGIN_FOR, resource));
  }

  private void bring(Map<String, String> values) {
    Secret secret =
        new SecretBuilder()
            .withNewMetadata()
            .withNamespace(scene.namespace)
            .withName("vault")
            .addToLabels(Labels.LOGIN_FOR, "cache")
            .endMetadata()
            .withStringData(values)
            .build();
    if (scene.child(Secret.class, "vault").get() != null) {
      scene
          .child(Secret.class, "vault")
          .edit(
              seen -> {
                seen.setData(Map.of());
                seen.setStringData(values);
                return seen;
              });
    } else {
      scene.client.resource(secret).create();
    }
  }

  private String version() {
    return scene.child(Secret.class, "vault").get().getMetadata().getResourceVersion();
  }

  private void assertUnusable(String message) {
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(
                        Conditions.find(
                            scene.resource("cache").get().getStatus().conditions(),
                            Conditions.READY))
                    .hasValueSatisfying(
                        ready -> {
                          assertThat(ready.getReason()).isEqualTo("CredentialsUnusable");
                          assertThat(ready.getMessage()).isEqualTo(message);
                        }));
  }

  private void awaitPublished(String name, String password) {
    Scene.soon()
        .until(() -> Objects.nonNull(scene.child(Secret.class, "cache-credentials-sammy").get()));
    Scene.soon()
        .untilAsserted(
            () -> {
              assertThat(scene.value("cache-credentials-sammy", "username")).isEqualTo(name);
              assertThat(scene.value("cache-credentials-sammy", "password")).isEqualTo(password);
            });
  }

  private Iterable<String> names() {
    return SaslFiles.names(SaslFiles.sasldb(scene, "cache-sasl"), "");
  }
}
