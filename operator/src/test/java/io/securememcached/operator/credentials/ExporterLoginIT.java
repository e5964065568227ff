package io.securememcached.operator.credentials;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.securememcached.operator.monitoring.ExporterKey;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.monitoring.ExporterKeys.Previous;
import io.securememcached.operator.monitoring.ExporterKeysFormatException;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.CapturedLog;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The exporter's login in the sasldb of a resource, and the life of its key. */
@WithApiServer
class ExporterLoginIT {

  private Scene scene;

  @BeforeEach
  void start(ApiServer server) {
    scene = Scene.quiet(server);
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void resourceHasTheDerivedLoginAndKeepsItWithoutAWrite() {
    startOperator();
    scene.createAndSettle("cache", "{replicas: 2}");
    awaitExporter("cache", derived("cache"));
    scene.createAndSettle("other", "{replicas: 0}");
    awaitExporter("other", derived("other"));

    assertThat(derived("cache")).hasSize(1);
    assertThat(derived("cache").getFirst().name()).isEqualTo("securememcached-exporter");
    assertThat(derived("other")).doesNotContainAnyElementsOf(derived("cache"));
    assertThat(realms("cache", "securememcached-exporter"))
        .as("on each server")
        .contains("cache", "cache-0", "cache-1");
    assertThat(scene.condition("cache", Conditions.CREDENTIALS_READY, "Applied").getMessage())
        .as("no noise")
        .isEqualTo("All Secrets are applied.");

    scene.idle();
    Map<String, String> before = scene.versions();
    scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
    assertThat(changed(before)).containsExactly("SecureMemcached cache");
    scene.stopOperator();
    before = scene.versions();
    startOperator();
    scene.idle();
    assertThat(changed(before)).as("nor after a restart").isEmpty();
    assertThat(scene.operator().writes()).isEmpty();
  }

  @Test
  void rotationAddsALoginAndLaterRemovesTheOther() {
    startOperator();
    scene.createAndSettle("cache", "{replicas: 0}");
    awaitExporter("cache", derived("cache"));
    ExporterKeys first = keys();
    Login old = derived("cache").getFirst();

    try (CapturedLog log = new CapturedLog()) {
      replace(new ExporterKeys(first.current(), daysAgo(31), Optional.empty()));
      Scene.soon().until(() -> keys().current().generation() == 2);
      assertThat(derived("cache")).hasSize(2).contains(old);
      awaitExporter("cache", derived("cache"));
      ExporterKeys second = keys();
      assertThat(second.previous().orElseThrow().key()).isEqualTo(first.current());
      assertThat(second.previous().orElseThrow().validUntil())
          .isBetween(
              Instant.now().plus(Duration.ofHours(23)), Instant.now().plus(Duration.ofHours(25)));
      scene.idle();
      assertThat(log.text()).containsOnlyOnce("Rotated the exporter's key");

      replace(
          new ExporterKeys(
              second.current(),
              second.since(),
              Optional.of(new Previous(first.current(), daysAgo(1)))));
      Scene.soon().until(() -> keys().previous().isEmpty());
      awaitExporter("cache", derived("cache"));
      assertThat(derived("cache")).hasSize(1).doesNotContain(old);
      assertThat(log.text()).containsOnlyOnce("Ended the exporter's previous key");
      assertThat(log.text()).doesNotContain(first.current().secret(), second.current().secret());
    }
  }

  /** A clock that is wrong ends no key. */
  @Test
  void keyIsRotatedByTheApiServersClock() {
    startOperator();
    scene.createAndSettle("cache", "{replicas: 0}");
    awaitExporter("cache", derived("cache"));
    ExporterKeys before = keys();

    try (CapturedLog log = new CapturedLog()) {
      scene.operator().passTime(Duration.ofDays(365));
      Scene.soon()
          .untilAsserted(() -> assertThat(log.text()).contains("Used the API server's time"));
      scene.idle();
    }
    assertThat(keys()).isEqualTo(before);
  }

  @Test
  void deletedKeyIsReplacedAndItsLoginEnds() {
    startOperator();
    scene.createAndSettle("cache", "{replicas: 0}");
    awaitExporter("cache", derived("cache"));
    Login leaked = derived("cache").getFirst();

    scene.child(Secret.class, ExporterKeys.NAME).delete();
    Scene.soon()
        .untilAsserted(() -> assertThat(exporter("cache")).hasSize(1).doesNotContain(leaked));
    assertThat(exporter("cache")).isEqualTo(derived("cache"));
  }

  /** Its keys say nothing: nobody can log in with them, and the next ones are unknown to all. */
  @Test
  void damagedKeyIsReplaced() {
    startOperator();
    scene.createAndSettle("cache", "{replicas: 0}");
    awaitExporter("cache", derived("cache"));
    Login before = derived("cache").getFirst();

    set("key", "nonsense");
    Scene.soon()
        .untilAsserted(() -> assertThat(exporter("cache")).hasSize(1).doesNotContain(before));
    assertThat(exporter("cache")).isEqualTo(derived("cache"));
  }

  @Test
  void keyOfALaterVersionIsLeftAlone() {
    startOperator();
    scene.createAndSettle("cache", "{replicas: 0}");
    awaitExporter("cache", derived("cache"));
    List<Login> before = exporter("cache");

    try (CapturedLog log = new CapturedLog()) {
      set("format", "2");
      Scene.soon().untilAsserted(() -> assertThat(log.text()).contains("It has format 2"));
      scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
      assertThat(exporter("cache")).isEqualTo(before);
      assertThat(scene.value(ExporterKeys.NAME, "format")).isEqualTo("2");
    }
  }

  /** Whoever may create Secrets there, but not with the operator's label, chooses no password. */
  @Test
  void plantedKeyIsNotUsed() {
    ExporterKeys planted = ExporterKeys.first(ExporterKey.generate(1), daysAgo(0));
    scene
        .client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(scene.namespace)
                .withName(ExporterKeys.NAME)
                .endMetadata()
                .withData(planted.format())
                .build())
        .create();
    try (CapturedLog log = new CapturedLog()) {
      startOperator();
      scene.createAndSettle("cache", "{replicas: 0}");
      Scene.soon().untilAsserted(() -> assertThat(log.text()).contains("Delete it"));
      scene.idle();
      assertThat(exporter("cache")).isEmpty();
      assertThat(keys()).isEqualTo(planted);
    }
    scene.child(Secret.class, ExporterKeys.NAME).delete();
    Scene.soon().untilAsserted(() -> assertThat(exporter("cache")).hasSize(1));
    assertThat(keys()).isNotEqualTo(planted);
  }

  @Test
  void exporterThatIsSwitchedOffHasNoLoginAndNoKey() {
    startOperator();
    scene.createAndSettle("cache", "{replicas: 0}");
    awaitExporter("cache", derived("cache"));
    scene.stopOperator();

    scene.startOperator(Map.of("OPERATOR_NAMESPACE", scene.namespace, "EXPORTER", "false"));
    Scene.soon()
        .untilAsserted(
            () -> assertThat(scene.child(Secret.class, ExporterKeys.NAME).get()).isNull());
    awaitExporter("cache", List.of());
  }

  @Test
  void pausedResourceKeepsItsSasldb() {
    startOperator();
    scene.createAndSettle("cache", "{replicas: 0}");
    awaitExporter("cache", derived("cache"));
    List<Login> before = exporter("cache");
    scene.pass(() -> scene.annotate("cache", Pause.ANNOTATION, "true"));

    scene.child(Secret.class, ExporterKeys.NAME).delete();
    Scene.soon().until(() -> !derived("cache").equals(before));
    scene.idle();
    assertThat(exporter("cache")).isEqualTo(before);
    scene.annotate("cache", Pause.ANNOTATION, "false");
    awaitExporter("cache", derived("cache"));
  }

  private void startOperator() {
    scene.startOperator(Map.of("OPERATOR_NAMESPACE", scene.namespace, "EXPORTER", "true"));
    Scene.soon().until(() -> scene.child(Secret.class, ExporterKeys.NAME).get() != null);
  }

  private static Instant daysAgo(int days) {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofDays(days));
  }

  private void set(String field, String text) {
    scene
        .child(Secret.class, ExporterKeys.NAME)
        .edit(
            secret -> {
              Map<String, String> data = new HashMap<>(secret.getData());
              data.put(field, Base64.getEncoder().encodeToString(text.getBytes(UTF_8)));
              secret.setData(data);
              return secret;
            });
  }

  private void replace(ExporterKeys keys) {
    scene
        .child(Secret.class, ExporterKeys.NAME)
        .edit(
            secret -> {
              secret.setData(keys.format());
              return secret;
            });
  }

  private ExporterKeys keys() {
    try {
      return ExporterKeys.parse(scene.child(Secret.class, ExporterKeys.NAME).get().getData());
    } catch (ExporterKeysFormatException e) {
      throw new AssertionError(e);
    }
  }

  /** As the exporter computes them: from the Secret and the resource alone. */
  private List<Login> derived(String resource) {
    return keys()
        .logins(scene.namespace, resource, scene.resource(resource).get().getMetadata().getUid());
  }

  private List<Login> exporter(String resource) {
    Map<String, String> passwords = new HashMap<>();
    SaslDb.read(SaslFiles.sasldb(scene, resource + "-sasl"))
        .forEach(entry -> passwords.put(entry.user(), entry.password()));
    return ExporterKeys.LOGIN_NAMES.stream()
        .filter(passwords::containsKey)
        .map(name -> new Login(name, passwords.get(name)))
        .toList();
  }

  private List<String> realms(String resource, String user) {
    return SaslDb.read(SaslFiles.sasldb(scene, resource + "-sasl")).stream()
        .filter(entry -> entry.user().equals(user))
        .map(SaslEntry::realm)
        .toList();
  }

  private void awaitExporter(String resource, List<Login> logins) {
    Scene.soon()
        .untilAsserted(
            () -> assertThat(exporter(resource)).containsExactlyInAnyOrderElementsOf(logins));
  }

  /** Objects that were written since. */
  private List<String> changed(Map<String, String> before) {
    Map<String, String> now = new HashMap<>(scene.versions());
    now.entrySet().removeAll(before.entrySet());
    return List.copyOf(now.keySet());
  }
}
