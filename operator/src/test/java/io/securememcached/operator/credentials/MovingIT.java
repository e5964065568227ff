package io.securememcached.operator.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.DebianTools;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.sasl.Realms;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A resource moves to another namespace by the commands of docs/moving.md. */
@WithApiServer
class MovingIT {

  private static final String NAME = "sessions";
  private static final List<String> USERS = List.of(NAME, "reports", "vault");

  /** Without servers Ready is True: nothing starts pods here. */
  private static final String SPEC =
      "{replicas: 0, users: [{name: sessions}, {name: reports}, {name: vault, secret: {name: vault}}]}";

  @BeforeAll
  static void findTools() {
    DebianTools.find(List.of("jq"));
  }

  @Test
  void loginsAreTheSameInTheNewNamespace(ApiServer server) throws IOException {
    try (Scene shop = source(server);
        Scene web = Scene.operated(server)) {
      userProvided(web);
      List<String> logins = logins(shop);
      assertThat(logins.get(1)).as("a login in its overlap").startsWith("reports_2 ");
      List<SaslEntry> sasldb = sasldb(shop);

      run(server, shop, web, "2. Copy the Secrets");
      run(server, shop, web, "3. Create the resource");
      web.settled(NAME);
      web.idle();

      assertThat(logins(web)).isEqualTo(logins);
      List<String> hashes = run(server, shop, web, "4. Compare the logins").text().lines().toList();
      assertThat(hashes).hasSize(2);
      assertThat(hashes.get(0)).isEqualTo(hashes.get(1));
      assertThat(sasldb(web))
          .as("with the previous login of the overlap")
          .containsExactlyInAnyOrderElementsOf(sasldb)
          .extracting(SaslEntry::user)
          .contains("reports");
      assertThat(sasldb(web))
          .as("no realm has a namespace")
          .extracting(SaslEntry::realm)
          .isSubsetOf(Realms.of(NAME, 0));
      assertThat(web.value("sessions-credentials", "host"))
          .isEqualTo("sessions." + web.namespace + ".svc");

      run(server, shop, web, "6. Delete the old resource");
      web.idle();
      assertThat(shop.resource(NAME).get()).isNull();
      assertThat(shop.child(Secret.class, "sessions-sasl").get()).isNull();
      assertThat(logins(web)).isEqualTo(logins);
    }
  }

  /** The counter-example: the page says that Retain is needed. */
  @Test
  void copiedSecretsAreNotAdoptedWithoutRetain(ApiServer server) throws IOException {
    try (Scene shop = source(server);
        Scene web = Scene.operated(server)) {
      userProvided(web);
      run(server, shop, web, "2. Copy the Secrets");
      web.create(NAME, SPEC);
      web.condition(NAME, "Ready", "NameConflict");
      assertThat(web.child(StatefulSet.class, NAME).get()).isNull();
    }
  }

  /** The counter-example for the order: a resource that exists has logins of its own. */
  @Test
  void copyAfterTheResourceIsRefused(ApiServer server) throws IOException {
    try (Scene shop = source(server);
        Scene web = Scene.operated(server)) {
      userProvided(web);
      run(server, shop, web, "3. Create the resource");
      web.idle();
      assertThat(logins(web)).doesNotContain(logins(shop).get(0), logins(shop).get(1));
      ApiServer.Output copy =
          server.shell(commands("2. Copy the Secrets", shop.namespace, web.namespace));
      assertThat(copy.code()).isNotZero();
      assertThat(copy.text()).contains("secrets \"sessions-sasl\" already exists");
    }
  }

  /** A resource whose login of one user is the second one. */
  private static Scene source(ApiServer server) {
    Scene shop = Scene.operated(server);
    userProvided(shop);
    shop.createAndSettle(NAME, SPEC);
    shop.idle();
    shop.annotate(NAME, Requests.ROTATE + ".reports", "now");
    Scene.soon()
        .untilAsserted(
            () ->
                assertThat(shop.value("sessions-credentials-reports", "username"))
                    .isEqualTo("reports_2"));
    shop.idle();
    return shop;
  }

  /** As another tool writes it in each namespace. */
  private static void userProvided(Scene scene) {
    scene
        .client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(scene.namespace)
                .withName("vault")
                .addToLabels("securememcached.io/login-for", NAME)
                .endMetadata()
                .withStringData(Map.of("username", "vault-user", "password", "from-the-vault"))
                .build())
        .create();
  }

  private static List<String> logins(Scene scene) {
    return USERS.stream()
        .map(user -> "sessions-credentials" + (user.equals(NAME) ? "" : "-" + user))
        .map(secret -> scene.value(secret, "username") + " " + scene.value(secret, "password"))
        .toList();
  }

  private static List<SaslEntry> sasldb(Scene scene) {
    return SaslDb.read(SaslFiles.sasldb(scene, "sessions-sasl"));
  }

  private static ApiServer.Output run(ApiServer server, Scene from, Scene to, String step)
      throws IOException {
    ApiServer.Output output = server.shell(commands(step, from.namespace, to.namespace));
    assertThat(output.code()).as(output.text()).isZero();
    return output;
  }

  /** The commands of a section of the page, with the namespaces of the test. */
  private static String commands(String step, String from, String to) throws IOException {
    List<String> commands = new ArrayList<>();
    boolean isInside = false;
    for (String line : Files.readAllLines(Guarded.ROOT.resolve("docs/moving.md"))) {
      if (line.startsWith("#")) {
        isInside = line.equals("### " + step);
      } else if (isInside && line.startsWith("    ")) {
        commands.add(
            line.replace("--namespace shop", "--namespace " + from)
                .replace("--namespace web", "--namespace " + to));
      }
    }
    assertThat(commands).as(step).isNotEmpty();
    return String.join("\n", commands);
  }
}
