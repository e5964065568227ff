package io.securememcached.operator.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A login in another namespace: both sides have to agree, and each can end it. */
@WithApiServer
class LoginCopyIT {

  private static final String SECRET = "cache-credentials";

  private Scene scene;
  private Scene app;

  @BeforeEach
  void start(ApiServer server) {
    scene = Scene.quiet(server);
    app = Scene.quiet(server);
    startOperator();
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void copyFollowsTheLoginAndLeavesTheRestOfTheSecretAlone() {
    consent(SECRET, Map.of(), Map.of("own", "kept"));
    scene.createAndSettle("cache", spec(app.namespace));
    awaitCopy(SECRET);
    assertThat(login().copies()).containsExactly(app.namespace + "/" + SECRET);
    assertThat(scene.conditionText("cache", Conditions.CREDENTIALS_READY))
        .startsWith("True Applied");
    String first = app.value(SECRET, "username");
    assertThat(app.value(SECRET, "host")).isEqualTo("cache." + scene.namespace + ".svc");

    rotate("1");
    Scene.soon().untilAsserted(() -> assertThat(app.value(SECRET, "username")).isNotEqualTo(first));
    awaitCopy(SECRET);
    assertThat(app.value(SECRET, "own")).isEqualTo("kept");
    assertThat(secret(SECRET).getType()).isEqualTo("Opaque");

    // As in the resource's own Secret.
    merge(SECRET, "{\"stringData\": {\"password\": \"changed\", \"own\": \"changed\"}}");
    awaitCopy(SECRET);
    assertThat(app.value(SECRET, "own")).isEqualTo("changed");

    scene.idle();
    String version = secret(SECRET).getMetadata().getResourceVersion();
    scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
    assertThat(secret(SECRET).getMetadata().getResourceVersion()).isEqualTo(version);
  }

  @Test
  void consentThatComesLaterIsSeen() {
    scene.createAndSettle("cache", spec(app.namespace));
    assertMissing();
    consent(SECRET, Map.of(), Map.of());
    awaitCopy(SECRET);
    scene.condition("cache", Conditions.CREDENTIALS_READY, "Applied");
  }

  /** Nothing fails for the clients of the resource's own namespace. */
  @Test
  void withoutConsentNothingIsWrittenAndTheConditionSaysWhatToDo() {
    app.client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(app.namespace)
                .withName(SECRET)
                .endMetadata()
                .build())
        .create();
    String version = secret(SECRET).getMetadata().getResourceVersion();
    scene.createAndSettle("cache", spec(app.namespace));
    assertMissing();
    assertThat(secret(SECRET).getMetadata().getResourceVersion()).isEqualTo(version);
    assertThat(scene.conditionText("cache", Conditions.READY)).startsWith("True");
    scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
    assertThat(
            scene.client.v1().events().inNamespace(scene.namespace).list().getItems().stream()
                .filter(event -> event.getReason().equals("CopyMissing")))
        .singleElement()
        .extracting(Event::getType)
        .isEqualTo("Warning");
  }

  @Test
  void whoLabelsASecretWithoutBeingNamedGetsNothing() {
    consent(SECRET, Map.of(), Map.of());
    scene.createAndSettle("cache", "{replicas: 0, users: [{name: cache}]}");
    scene.idle();
    assertThat(secret(SECRET).getData()).isNullOrEmpty();
    assertThat(app.client.v1().events().inNamespace(app.namespace).list().getItems()).isEmpty();
    // The counter-example: nothing else was in the way.
    scene.change("cache", spec(app.namespace));
    awaitCopy(SECRET);
  }

  @Test
  void resourceOfAnotherNamespaceFillsNoSecretThatNamesThisOne(ApiServer server) {
    Scene other = Scene.quiet(server);
    scene.stopOperator();
    startOperator(other.namespace);
    consent(SECRET, Map.of(), Map.of());
    other.create("cache", spec(app.namespace));
    other.condition("cache", Conditions.CREDENTIALS_READY, "CopyMissing");
    assertThat(secret(SECRET).getData()).isNullOrEmpty();
    consent(
        "theirs",
        Map.of(Labels.COPY_FROM, other.namespace),
        Map.of(Labels.COPY_OF, SECRET),
        Map.of());
    other.condition("cache", Conditions.CREDENTIALS_READY, "Applied");
    assertThat(secret("theirs").getData())
        .isEqualTo(other.child(Secret.class, SECRET).get().getData());
    assertThat(secret(SECRET).getData()).isNullOrEmpty();
  }

  @Test
  void resourceThatNoLongerNamesTheNamespaceTakesItsKeysOut() {
    consent(SECRET, Map.of(), Map.of("own", "kept"));
    scene.createAndSettle("cache", spec(app.namespace));
    awaitCopy(SECRET);
    scene.change("cache", "{replicas: 0, users: [{name: cache}]}");
    awaitEmpty(SECRET);
    assertThat(login().copies()).isEmpty();
    assertThat(scene.child(Secret.class, SECRET).get()).as("no login ends").isNotNull();
  }

  @Test
  void copyStaysForTheOverlapOfAUserWhoLeaves() {
    consent(SECRET, Map.of(), Map.of("own", "kept"));
    scene.createAndSettle("cache", spec(app.namespace));
    awaitCopy(SECRET);
    scene.change("cache", "{replicas: 0, users: [{name: other}], rotation: {overlap: 6s}}");
    scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
    awaitCopy(SECRET);
    awaitEmpty(SECRET);
  }

  @Test
  void deletedResourceTakesItsKeysOutAndWaitsForNothing() {
    consent(SECRET, Map.of(), Map.of("own", "kept"));
    scene.createAndSettle("cache", spec(app.namespace));
    awaitCopy(SECRET);
    assertThat(scene.resource("cache").get().getMetadata().getFinalizers()).isEmpty();
    scene.resource("cache").delete();
    scene.idle();
    awaitCopy(SECRET);
    // As the garbage collector does, unless the Secret is retained.
    scene.child(Secret.class, SECRET).delete();
    awaitEmpty(SECRET);
  }

  @Test
  void consentThatIsWithdrawnTakesTheKeysOutAlsoWhileNoOperatorRuns() {
    consent(SECRET, Map.of(), Map.of("own", "kept"));
    scene.createAndSettle("cache", spec(app.namespace));
    awaitCopy(SECRET);
    withdraw();
    awaitEmpty(SECRET);
    assertMissing();

    merge(
        SECRET,
        "{\"metadata\": {\"labels\": {\"%s\": \"%s\"}}}"
            .formatted(Labels.COPY_FROM, scene.namespace));
    awaitCopy(SECRET);
    scene.condition("cache", Conditions.CREDENTIALS_READY, "Applied");
    scene.stopOperator();
    withdraw();
    startOperator();
    awaitEmpty(SECRET);
  }

  @Test
  void namespaceThatIsNotWatchedAndTheOwnOneAreNamed(ApiServer server) {
    Scene other = Scene.quiet(server);
    scene.createAndSettle("cache", spec(other.namespace));
    assertThat(scene.condition("cache", Conditions.CREDENTIALS_READY, "CopyMissing").getMessage())
        .contains(
            "Login of user cache is not copied to namespace %s: the operator does not watch that namespace. An administrator adds it to watchNamespaces of the operator's chart"
                .formatted(other.namespace));
    scene.change("cache", spec(scene.namespace));
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(scene.conditionText("cache", Conditions.CREDENTIALS_READY))
                    .contains("own namespace"));
  }

  /** Server-side apply of its data alone would take away what makes it a child. */
  @Test
  void childOfAnotherResourceIsNotWritten() {
    app.createAndSettle("cache", "{replicas: 0}");
    merge(
        SECRET,
        "{\"metadata\": {\"labels\": {\"%s\": \"%s\"}}}"
            .formatted(Labels.COPY_FROM, scene.namespace));
    Object data = secret(SECRET).getData();
    scene.createAndSettle("cache", spec(app.namespace));
    assertThat(scene.condition("cache", Conditions.CREDENTIALS_READY, "CopyMissing").getMessage())
        .contains("belongs to another SecureMemcached");
    scene.idle();
    assertThat(secret(SECRET).getData()).isEqualTo(data);
  }

  /** The API server refuses it, which must not keep the old login valid. */
  @Test
  void copyThatCannotBeWrittenIsReportedAndHoldsNoLoginValid() {
    consent(SECRET, Map.of(), Map.of());
    scene.createAndSettle("cache", spec(app.namespace));
    awaitCopy(SECRET);
    merge(SECRET, "{\"immutable\": true}");
    rotate("1");
    assertThat(scene.condition("cache", Conditions.CREDENTIALS_READY, "CopyMissing").getMessage())
        .contains("the API server rejects the change of Secret " + SECRET);
    Scene.soon().untilAsserted(() -> assertThat(login().previousValidUntil()).isEmpty());
  }

  /** Somebody else writes the copy at each moment when the operator does. */
  @Test
  void previousLoginStaysValidUntilTheCopyHasTheNewOne() {
    consent(SECRET, Map.of(), Map.of());
    scene.createAndSettle("cache", spec(app.namespace));
    awaitCopy(SECRET);
    String first = app.value(SECRET, "username");
    scene
        .operator()
        .beforeWrite(
            write -> {
              if (write.contains("/namespaces/" + app.namespace + "/secrets/")) {
                merge(
                    SECRET,
                    "{\"metadata\": {\"annotations\": {\"n\": \"%d\"}}}"
                        .formatted(System.nanoTime()));
              }
            });
    rotate("1");
    Scene.soon().untilAsserted(() -> assertThat(login().previousValidUntil()).isNotEmpty());
    assertThat(app.value(SECRET, "username")).isEqualTo(first);
    String until = login().previousValidUntil();
    Scene.soon().untilAsserted(() -> assertThat(login().previousValidUntil()).isGreaterThan(until));

    scene.operator().beforeWrite(write -> {});
    merge(SECRET, "{\"metadata\": {\"annotations\": {\"n\": null}}}");
    awaitCopy(SECRET);
    assertThat(app.value(SECRET, "username")).isNotEqualTo(first);
    Scene.soon().untilAsserted(() -> assertThat(login().previousValidUntil()).isEmpty());
  }

  /** What somebody has put there before is nobody's to overwrite; the message has the way out. */
  @Test
  void keysThatWereThereBeforeAreNotOverwrittenAndAreNamed() {
    consent(SECRET, Map.of(), Map.of("own", "kept", "password", "theirs", "host", "db.example"));
    scene.createAndSettle("cache", spec(app.namespace));
    assertThat(scene.condition("cache", Conditions.CREDENTIALS_READY, "CopyMissing").getMessage())
        .startsWith(
            "Login of user cache is not copied to namespace %1$s: Secret %2$s there has keys of somebody else (host, password), which are not overwritten. Whoever owns the Secret deletes them: kubectl --namespace %1$s patch secret %2$s --type merge --patch '{\"data\": {\"host\": null, \"password\": null}}'"
                .formatted(app.namespace, SECRET));
    assertThat(scene.conditionText("cache", Conditions.READY)).startsWith("True");
    scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
    assertThat(secret(SECRET).getData()).containsOnlyKeys("own", "password", "host");
    assertThat(app.value(SECRET, "password")).isEqualTo("theirs");
    assertThat(login().copies()).isEmpty();

    merge(SECRET, "{\"data\": {\"host\": null, \"password\": null}}");
    awaitCopy(SECRET);
    assertThat(app.value(SECRET, "own")).isEqualTo("kept");
    scene.condition("cache", Conditions.CREDENTIALS_READY, "Applied");
  }

  /** Also where the Secret has held a copy before: keys that came after it are its owner's. */
  @Test
  void keysThatCameAfterTheConsentWasWithdrawnAreNotOverwritten() {
    consent(SECRET, Map.of(), Map.of("own", "kept"));
    scene.createAndSettle("cache", spec(app.namespace));
    awaitCopy(SECRET);
    withdraw();
    awaitEmpty(SECRET);
    merge(
        SECRET,
        "{\"metadata\": {\"labels\": {\"%s\": \"%s\"}}, \"stringData\": {\"uri\": \"theirs\"}}"
            .formatted(Labels.COPY_FROM, scene.namespace));
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(scene.conditionText("cache", Conditions.CREDENTIALS_READY))
                    .contains("has keys of somebody else (uri)"));
    assertThat(secret(SECRET).getData()).containsOnlyKeys("own", "uri");
  }

  /** A restored backup has no record of who wrote what. */
  @Test
  void restoredCopyWithTheCurrentLoginIsTakenOver() {
    scene.createAndSettle("cache", spec(app.namespace));
    Map<String, String> login = scene.child(Secret.class, SECRET).get().getData();
    app.client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(app.namespace)
                .withName(SECRET)
                .addToLabels(Labels.COPY_FROM, scene.namespace)
                .endMetadata()
                .withData(login)
                .build())
        .create();
    scene.condition("cache", Conditions.CREDENTIALS_READY, "Applied");
    rotate("1");
    Scene.soon().untilAsserted(() -> assertThat(secret(SECRET).getData()).isNotEqualTo(login));
    awaitCopy(SECRET);
  }

  /** As when an admission policy is repaired: nothing of the resource or the Secret changes. */
  @Test
  void rejectedCopyIsTriedAgainByItself(ApiServer server) {
    RejectedWrites.during(
        server,
        app.namespace,
        () -> {
          consent(SECRET, Map.of(), Map.of());
          scene.createAndSettle("cache", spec(app.namespace));
          assertThat(
                  scene
                      .condition("cache", Conditions.CREDENTIALS_READY, "CopyMissing")
                      .getMessage())
              .contains("the API server rejects the change of Secret " + SECRET)
              .contains(RejectedWrites.MESSAGE);
          assertThat(secret(SECRET).getData()).isNullOrEmpty();
        });
    awaitCopy(SECRET);
    scene.condition("cache", Conditions.CREDENTIALS_READY, "Applied");
  }

  /** As above, for a copy that is no longer meant. */
  @Test
  void rejectedRemovalIsTriedAgainByItself(ApiServer server) {
    consent(SECRET, Map.of(), Map.of("own", "kept"));
    scene.createAndSettle("cache", spec(app.namespace));
    awaitCopy(SECRET);
    RejectedWrites.during(
        server,
        app.namespace,
        () -> {
          long before = writesOfTheCopy();
          scene.change("cache", "{replicas: 0, users: [{name: cache}]}");
          Scene.soon().until(() -> writesOfTheCopy() > before);
          awaitCopy(SECRET);
        });
    // The rest is the periodic run's.
    scene.operator().passTime(Duration.ofMinutes(1));
    awaitEmpty(SECRET, Duration.ofMinutes(1));
  }

  /** As above, where the Secret's owner has taken the label away: the status alone knows it. */
  @Test
  void rejectedRemovalOfAWithdrawnCopyIsTriedAgainByItself(ApiServer server) {
    consent(SECRET, Map.of(), Map.of("own", "kept"));
    scene.createAndSettle("cache", spec(app.namespace));
    awaitCopy(SECRET);
    RejectedWrites.during(
        server,
        app.namespace,
        () -> {
          withdraw();
          Scene.soon()
              .untilAsserted(
                  () ->
                      assertThat(scene.conditionText("cache", Conditions.CREDENTIALS_READY))
                          .contains("rejects its removal, and the operator tries again")
                          .contains(RejectedWrites.MESSAGE));
          scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
          assertThat(login().copies()).containsExactly(app.namespace + "/" + SECRET);
          assertThat(scene.conditionText("cache", Conditions.CREDENTIALS_READY))
              .contains("rejects its removal");
          awaitCopy(SECRET);
        });
    awaitEmpty(SECRET, Duration.ofMinutes(1));
    Scene.soon().untilAsserted(() -> assertThat(login().copies()).isEmpty());
  }

  /** A rejected write is not repeated with each reconciliation. */
  @Test
  void rejectedCopyIsTriedEverLessOften() {
    consent(SECRET, Map.of(), Map.of());
    scene.createAndSettle("cache", spec(app.namespace));
    awaitCopy(SECRET);
    merge(SECRET, "{\"immutable\": true}");
    long start = System.nanoTime();
    rotate("1");
    scene.condition("cache", Conditions.CREDENTIALS_READY, "CopyMissing");
    Scene.soon().untilAsserted(() -> assertThat(login().previousValidUntil()).isEmpty());
    long before = writesOfTheCopy();
    for (int pass = 0; pass < 5; pass++) {
      String value = "again-" + pass;
      scene.pass(() -> scene.annotate("cache", "securememcached.io/look", value));
    }
    assertThat(writesOfTheCopy() - before)
        .isLessThanOrEqualTo(repetitionsWithin(Duration.ofNanos(System.nanoTime() - start)));
    assertThat(scene.conditionText("cache", Conditions.CREDENTIALS_READY))
        .contains("the API server rejects the change of Secret " + SECRET);
  }

  /** At most, as the pauses are 5 s, 10 s, 20 s and so on. */
  private static long repetitionsWithin(Duration elapsed) {
    return LongStream.iterate(5, pause -> 2 * pause)
        .map(pause -> 2 * pause - 5)
        .takeWhile(due -> due <= elapsed.toSeconds())
        .count();
  }

  /** An empty cache says nothing about what is gone, where its list never came. */
  @Test
  void copyOfARetainedLoginStaysWhereItsNamespaceCannotBeListed(ApiServer server) throws Exception {
    consent(SECRET, Map.of(), Map.of("own", "kept"));
    scene.createAndSettle(
        "cache",
        "{replicas: 0, deletionPolicy: Retain, users: [{name: cache, secretNamespaces: [%s]}]}"
            .formatted(app.namespace));
    scene.createAndSettle("gone", spec(app.namespace).replace("cache", "gone"));
    consent("gone-credentials", Map.of(), Map.of("own", "kept"));
    awaitCopy(SECRET);
    Scene.soon().untilAsserted(() -> assertThat(secret("gone-credentials").getData()).hasSize(9));
    scene.stopOperator();
    scene.resource("cache").delete();
    scene.resource("gone").delete();
    scene.child(Secret.class, "gone-credentials").delete();
    // Without its label it exists as well.
    scene
        .child(Secret.class, SECRET)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\": {\"labels\": {\"app.kubernetes.io/managed-by\": null}}}");

    try (ListlessOperator operator =
        ListlessOperator.start(server, scene.namespace, app.namespace)) {
      // The counter-example: a source that is gone.
      Scene.soon()
          .untilAsserted(
              () -> assertThat(secret("gone-credentials").getData()).containsOnlyKeys("own"));
      // The second read comes after all that the first one led to.
      Scene.soon()
          .atMost(Duration.ofMinutes(1))
          .until(() -> operator.reads(scene.namespace, SECRET) >= 2);
    }
    awaitCopy(SECRET);
  }

  /** Else its owner could fill the status with such Secrets. */
  @Test
  void immutableCopyWhoseConsentIsWithdrawnIsReportedAndForgotten() {
    consent(SECRET, Map.of(), Map.of());
    scene.createAndSettle("cache", spec(app.namespace));
    awaitCopy(SECRET);
    merge(SECRET, "{\"immutable\": true}");
    merge(SECRET, "{\"metadata\": {\"labels\": {\"%s\": null}}}".formatted(Labels.COPY_FROM));
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(
                        scene.client.v1().events().inNamespace(scene.namespace).list().getItems())
                    .anyMatch(event -> event.getMessage().contains("rejects its removal")));
    Scene.soon().untilAsserted(() -> assertThat(login().copies()).isEmpty());
  }

  private void startOperator(String... others) {
    scene.startOperator(
        Map.of(
            "WATCH_NAMESPACES",
            String.join(",", List.of(scene.namespace, app.namespace))
                + (others.length == 0 ? "" : "," + String.join(",", others))));
  }

  private static String spec(String namespace) {
    return "{replicas: 0, users: [{name: cache, secretNamespaces: [%s]}], rotation: {overlap: 3s}}"
        .formatted(namespace);
  }

  private void consent(String name, Map<String, String> annotations, Map<String, String> values) {
    consent(name, Map.of(Labels.COPY_FROM, scene.namespace), annotations, values);
  }

  private void consent(
      String name,
      Map<String, String> labels,
      Map<String, String> annotations,
      Map<String, String> values) {
    app.client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(app.namespace)
                .withName(name)
                .withLabels(labels)
                .withAnnotations(annotations)
                .endMetadata()
                .withStringData(values)
                .build())
        .create();
  }

  private void withdraw() {
    merge(SECRET, "{\"metadata\": {\"labels\": {\"%s\": null}}}".formatted(Labels.COPY_FROM));
  }

  private void rotate(String request) {
    scene.annotate("cache", "securememcached.io/rotate", request);
  }

  private void merge(String secret, String patch) {
    app.child(Secret.class, secret).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
  }

  private long writesOfTheCopy() {
    return scene.operator().writes().stream()
        .filter(write -> write.contains("/namespaces/" + app.namespace + "/secrets/"))
        .count();
  }

  private Secret secret(String name) {
    return Objects.requireNonNull(app.child(Secret.class, name).get());
  }

  private CredentialsStatus login() {
    return scene.resource("cache").get().getStatus().credentials().getFirst();
  }

  private void awaitCopy(String name) {
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(secret(name).getData())
                    .containsAllEntriesOf(scene.child(Secret.class, SECRET).get().getData()));
  }

  private void awaitEmpty(String name) {
    awaitEmpty(name, Scene.DEADLINE);
  }

  private void awaitEmpty(String name, Duration atMost) {
    Scene.soon()
        .atMost(atMost)
        .untilAsserted(() -> assertThat(secret(name).getData()).containsOnlyKeys("own"));
    assertThat(app.value(name, "own")).isEqualTo("kept");
  }

  private void assertMissing() {
    assertThat(scene.condition("cache", Conditions.CREDENTIALS_READY, "CopyMissing").getMessage())
        .startsWith(
            "Login of user cache is not copied to namespace %1$s, as no Secret there consents. Whoever may create Secrets in that namespace runs: kubectl --namespace %1$s create secret generic %2$s && kubectl --namespace %1$s label secret %2$s %3$s=%4$s"
                .formatted(app.namespace, SECRET, Labels.COPY_FROM, scene.namespace));
  }
}
