package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * No password of this whole run stands anywhere but in a Secret, and the operator's token nowhere,
 * though the operator logs all it can.
 */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
@Order(Integer.MAX_VALUE - 1)
class LeakE2E {

  private static final Pattern THREADS =
      Pattern.compile("Full thread dump.*?^ *class space ", Pattern.DOTALL | Pattern.MULTILINE);

  private final Sandbox sandbox;
  private final Installation installation;
  private final TestbedCluster testbed;
  private final MetricsReader reader;

  LeakE2E(Cluster cluster, Installation installation) {
    this.installation = installation;
    if (!(cluster instanceof TestbedCluster its)) {
      throw new IllegalStateException(
          "Only the testbed keeps an audit log; run this test with -Dcluster=testbed");
    }
    testbed = its;
    sandbox = new Sandbox(cluster, installation, "e2e-leak");
    reader = new MetricsReader(sandbox);
  }

  /** All that is said about logins is said here. */
  @BeforeAll
  void sayAll() {
    sandbox.apply("sessions", "users: [{name: sammy}, {name: jaws, secret: {name: none}}]");
    sandbox.awaitReason("sessions", "CredentialsUnusable");
    Sandbox.eventually("the server's pod", () -> assertThat(sandbox.pod("sessions-0")).isNotNull());
    sandbox.awaitPod("sessions-0");
    annotate("securememcached.io/rotate.sammy");
    awaitCause("Requested");
    sandbox
        .client()
        .secrets()
        .inNamespace(sandbox.namespace())
        .withName("sessions-credentials-sammy")
        .delete();
    annotate("securememcached.io/revoke.sammy");
    awaitCause("Revoked");
  }

  @AfterAll
  void stop() {
    reader.close();
    sandbox.close();
  }

  @Test
  void passwordsAreInSecretsAlone() {
    assertThat(installation.passwords().all()).hasSizeGreaterThanOrEqualTo(4);
    places().forEach((place, text) -> assertThat(findings(text)).as(place).isZero());
  }

  /** The client of the API server would write it at the lowest level. */
  @Test
  void tokenIsNowhere() {
    String token = RunningOperator.find().token();
    assertThat(token).hasSizeGreaterThan(100);
    places()
        .forEach(
            (place, text) ->
                assertThat(text).as(place).doesNotContain(token, "Authorization: Bearer"));
  }

  /** The counter-example: the same search finds one that stands there. */
  @Test
  void plantedPasswordIsFound() {
    String password = installation.passwords().all().iterator().next();
    places()
        .forEach(
            (place, text) ->
                assertThat(findings(text + "\nlevel=info msg=" + password)).as(place).isOne());
    assertThat(
            findings(
                yaml(
                    sandbox.client().secrets().inNamespace(sandbox.namespace()).list().getItems())))
        .as("the Secrets themselves")
        .isPositive();
  }

  private int findings(String text) {
    return installation.passwords().in(text).size();
  }

  /** Text by where it stands. */
  private Map<String, String> places() {
    Map<String, String> places = new LinkedHashMap<>();
    places.put("log, with the threads", logsWithThreads());
    assertThat(places.get("log, with the threads")).contains("Created child");
    places.put(
        "events",
        yaml(sandbox.client().v1().events().inNamespace(sandbox.namespace()).list().getItems()));
    assertThat(places.get("events"))
        .contains("RotationStarted", "CredentialsRotated", "CredentialsRevoked");
    places.put(
        "resources",
        yaml(sandbox.client().resources(SecureMemcached.class).inAnyNamespace().list().getItems()));
    places.put(
        "pods and what makes them",
        yaml(sandbox.client().pods().inAnyNamespace().list().getItems())
            + yaml(sandbox.client().apps().statefulSets().inAnyNamespace().list().getItems()));
    places.put("metrics", reader.operator());
    assertThat(places.get("metrics")).contains("operator_sdk");
    places.put("metrics of the servers", reader.exporter());
    assertThat(places.get("metrics of the servers")).contains("memcached_up");
    places.put(
        "Helm",
        installation.helm("get", "all", Installation.RELEASE, "-n", Installation.NAMESPACE)
            + installation.helm("status", Installation.RELEASE, "-n", Installation.NAMESPACE));
    places.put("audit log", audit());
    assertThat(places.get("audit log")).contains("sessions-credentials-sammy");
    return places;
  }

  /** The JVM begins to write on the signal, and the log is read through two pipes. */
  private String logsWithThreads() {
    long before = ends(installation.logs());
    RunningOperator.find().dumpThreads();
    Sandbox.eventually(
        "the end of the threads in the log",
        () -> assertThat(ends(installation.logs())).isGreaterThan(before));
    return installation.logs();
  }

  /** How often a list of threads has come to its end, where the heap is told. */
  private static long ends(String log) {
    return THREADS.matcher(log).results().count();
  }

  private String audit() {
    try (Stream<Path> files = Files.list(testbed.auditLog().getParent())) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("audit"))
          .map(LeakE2E::read)
          .collect(Collectors.joining());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String yaml(List<? extends HasMetadata> objects) {
    return objects.stream().map(Serialization::asYaml).collect(Collectors.joining());
  }

  private void annotate(String key) {
    sandbox.annotate("sessions", key + "=now");
  }

  private void awaitCause(String cause) {
    sandbox.await(
        "sessions",
        resource ->
            resource.getStatus().credentials().getFirst().cause().equals(cause)
                && resource.getStatus().credentials().getFirst().generation() > 1);
  }
}
