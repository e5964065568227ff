package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.testing.KubectlYaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * From the last release to this version, back, and forward again, as docs/support.md promises it.
 *
 * <p>Its name keeps it out of {@code mvn verify}, as it builds the release first; {@code
 * -Dit.test=UpgradeRun} runs it. It deletes the CRD, so it runs on the testbed alone.
 */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class UpgradeRun {

  private static final Duration BUILD = Duration.ofMinutes(20);
  private static final String CRD = "securememcacheds.securememcached.io";
  private static final String CHART = "charts/securememcached-operator";

  /** Resources whose servers no upgrade may touch, and more of their specs. */
  private static final Map<String, String> RESOURCES =
      new TreeMap<>(
          Map.of(
              "plain",
              "",
              "full",
              String.join(
                  "\n  ",
                  "users: [{name: full}, {name: reports}]",
                  "rotation: {overlap: 5m}",
                  "maxConnections: 900",
                  "labels: {team: shop}",
                  "deletionPolicy: Retain")));

  private static final Map<String, Integer> NOTHING_LOST = Map.of("plain", 0, "full", 0);

  private final TestbedCluster cluster;
  private final Installation installation;
  private final String tag;
  private final String releasedChart;
  private final Caches caches;
  private final Map<String, UpgradeSnapshot> before = new TreeMap<>();
  private LoadClient reading;

  UpgradeRun(Cluster cluster, Installation installation) {
    if (!(cluster instanceof TestbedCluster testbed)) {
      throw new IllegalStateException(
          "This test deletes the CRD and reads an audit log; run it with -Dcluster=testbed");
    }
    this.cluster = testbed;
    this.installation = installation;
    List<String> release =
        Shell.run(Guarded.ROOT, Map.of(), BUILD, "release/previous").lines().toList();
    tag = release.get(1);
    Path folder = Path.of(release.getLast());
    releasedChart = folder.resolve(CHART).toString();
    cluster.load(List.of(folder.resolve("operator.tar")));
    System.out.println("  the release is " + release.getFirst());
    // Nothing of this version is left: what it wrote is not what the release writes.
    installation.helm("uninstall", Installation.RELEASE, "-n", Installation.NAMESPACE, "--wait");
    installation.kubectl("delete", "crd", CRD, "--ignore-not-found");
    installation.helm(
        command("install", releasedChart, "image.tag=" + tag, "defaultFlavor=Debian12"));
    caches = new Caches(cluster, installation, "e2e-upgrade");
  }

  @BeforeAll
  void use() {
    RESOURCES.forEach((name, spec) -> caches.apply(name, "{pause: 0s}", spec));
    for (String name : RESOURCES.keySet()) {
      caches.sandbox().awaitReady(name);
      caches.awaitUpToDate(name, "True", "UpToDate");
      caches.fill(name);
    }
    RESOURCES.keySet().forEach(name -> before.put(name, snapshot(name)));
    reading = caches.read("plain");
  }

  /** Leaves this version as it was installed before. */
  @AfterAll
  void restore() {
    installation.kubectl("apply", "--server-side", "--force-conflicts", "--filename", "crds");
    caches.close();
    upgrade(CHART, "openshift.enabled=auto");
  }

  private UpgradeSnapshot snapshot(String name) {
    return UpgradeSnapshot.of(caches.sandbox(), name);
  }

  private static String[] command(String verb, String chart, String... values) {
    List<String> command = new ArrayList<>(List.of(verb, Installation.RELEASE, chart));
    command.addAll(List.of("--namespace", Installation.NAMESPACE, "--wait", "--timeout", "3m"));
    for (String value : values) {
      command.addAll(List.of("--set", value));
    }
    return command.toArray(String[]::new);
  }

  /** As docs/install.md has it, for an image of this version. */
  private void upgrade(String chart, String... values) {
    List<String> command = new ArrayList<>(List.of(command("upgrade", chart, values)));
    command.add("--reset-then-reuse-values");
    installation.helm(command.toArray(String[]::new));
  }

  private void toThisVersion() {
    Instant started = Instant.now();
    Figure figure = Figure.of("upgrade to this version");
    upgrade(CHART, "image.tag=", "crds.install=true");
    figure.done();
    assertOperates("upgrade", started);
  }

  /** As docs/api-promise.md has it. */
  private void toTheRelease() {
    Figure figure = Figure.of("back to the release");
    upgrade(releasedChart, "image.tag=" + tag, "crds.install=false");
    figure.done();
    // Until then the newer operator may ask for rights that only its own role has.
    assertOperates("rollback", Instant.now());
  }

  /** A new resource takes nearly every right, and shows that the operator has read all others. */
  private void assertOperates(String after, Instant since) {
    caches.createFilled("new-" + after);
    installation.kubectl("delete", "-n", caches.sandbox().namespace(), "smc/new-" + after);
    assertThat(refused(since)).isEmpty();
  }

  private Set<String> refused(Instant since) {
    String account = "system:serviceaccount:" + Installation.NAMESPACE + ":" + Installation.RELEASE;
    return AuditLog.read(cluster.auditLog(), account, since, cluster.restarts()).refused();
  }

  private List<String> differences() {
    List<String> all = new ArrayList<>();
    before.forEach(
        (name, earlier) ->
            snapshot(name).differencesFrom(earlier).forEach(d -> all.add(name + ": " + d)));
    return all;
  }

  private void assertUntouched(String after) {
    for (String name : RESOURCES.keySet()) {
      caches.sandbox().awaitReady(name);
    }
    assertThat(differences()).as("differences after " + after).isEmpty();
    caches.assertLost(after, NOTHING_LOST);
    assertThat(reading.failures()).as("requests during " + after).isEmpty();
  }

  private void assertCrdIsThisVersions() throws IOException {
    String file = Files.readString(Guarded.ROOT.resolve("crds/" + CRD + ".yaml"));
    assertThat(schema(installation.kubectl("get", "crd", CRD, "-o", "json")))
        .isEqualTo(schema(file));
  }

  /** Twice read, so that 1.0 in the file is the 1 of the API server. */
  private static JsonNode schema(String crd) {
    return Serialization.unmarshal(KubectlYaml.json(crd), JsonNode.class)
        .at("/spec/versions/0/schema");
  }

  @Test
  @Order(1)
  void upgradeTouchesNothing() throws IOException {
    toThisVersion();
    assertCrdIsThisVersions();
    assertUntouched("upgrade");
  }

  @Test
  @Order(2)
  void backTouchesNothing() throws IOException {
    toTheRelease();
    assertCrdIsThisVersions();
    assertUntouched("rollback");
  }

  @Test
  @Order(3)
  void forwardAgainTouchesNothing() throws IOException {
    toThisVersion();
    assertCrdIsThisVersions();
    assertUntouched("second upgrade");
    System.out.printf("  requests meanwhile: %d%n", reading.requests());
    assertThat(reading.requests()).isGreaterThan(100);
  }

  /** The life of a login that the release began goes on. */
  @Test
  @Order(4)
  void loginsRotateOnServersOfTheRelease() throws MemcachedException {
    PlainCredentials old = caches.server("full").login();
    caches.sandbox().annotate("full", "securememcached.io/rotate=after-upgrade");
    Sandbox.eventually(
        "a new login",
        () -> assertThat(caches.server("full").login().user()).isNotEqualTo(old.user()));
    for (PlainCredentials login : List.of(old, caches.server("full").login())) {
      try (Relay relay = caches.relay("full");
          MemcachedClient client = relay.connect()) {
        assertThat(client.authenticate(login).ok()).as(login.user()).isTrue();
      }
    }
    caches.assertLost("rotation", NOTHING_LOST);
    assertThat(snapshot("full").servers()).isEqualTo(before.get("full").servers());
  }

  /** The counter-example: what a bad upgrade does is found. */
  @Test
  @Order(5)
  void badUpgradesAreFound(@TempDir Path folder) throws IOException {
    reading.close();
    // A right that the role of the next chart lacks.
    Instant started = Instant.now();
    upgrade(without(folder, "templates/_helpers.tpl", "poddisruptionbudgets"), "image.tag=");
    caches.apply("unfinished", "{pause: 0s}", "");
    Sandbox.eventually("a refusal", () -> assertThat(refused(started)).isNotEmpty());
    installation.kubectl("delete", "-n", caches.sandbox().namespace(), "smc/unfinished");
    // A field that the next CRD lacks.
    before.put("full", snapshot("full"));
    assertThat(differences()).isEmpty();
    String path = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/";
    installation.kubectl(
        "patch",
        "crd",
        CRD,
        "--type=json",
        "--patch=[{\"op\":\"remove\",\"path\":\"%1$sproperties/deletionPolicy\"},{\"op\":\"remove\",\"path\":\"%1$sdefault/deletionPolicy\"}]"
            .formatted(path));
    Sandbox.eventually(
        "a lost field",
        () -> assertThat(differences()).anyMatch(d -> d.startsWith("full: spec.deletionPolicy")));
    installation.kubectl("apply", "--server-side", "--force-conflicts", "--filename", "crds");
    // Servers that restart.
    caches.apply("plain", "{pause: 0s, operatorChanges: Immediately}", "");
    upgrade(CHART, "openshift.enabled=true");
    Sandbox.eventually(
        "new servers",
        () -> assertThat(differences()).anyMatch(d -> d.startsWith("plain: server plain-0: was ")));
    Checks.assertFails(() -> caches.assertLost("restarts", NOTHING_LOST));
  }

  /** A copy of this version's chart in which one file lacks the lines with a word. */
  private static String without(Path folder, String file, String word) throws IOException {
    Path chart = folder.resolve("chart");
    Shell.run(Guarded.ROOT, Map.of(), BUILD, "cp", "--recursive", CHART, chart.toString());
    Path changed = chart.resolve(file);
    String text = Files.readString(changed);
    assertThat(text).contains(word);
    Files.writeString(changed, text.replace(word, "podtemplates"));
    return chart.toString();
  }
}
