package io.securememcached.operator.e2e;

import static io.securememcached.operator.e2e.Checks.assertFails;
import static io.securememcached.operator.e2e.Checks.assertFindsFault;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** More servers and fewer: the others keep their caches, and every login works on every server. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class ScaleE2E {

  /** The sasldb of a single server covers eight; seven servers need a new one, with room for 16. */
  private static final int MANY = 7;

  private static final String SPEC =
      """
      replicas: %d
      users: [{name: sammy}]
      sourceZones:
        - name: web
          sources: [{podSelector: {matchLabels: {app: web}}}]
      """;

  private final Sandbox sandbox;
  private final Owned owned;
  private Checks checks;

  ScaleE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-scale");
    owned = new Owned(sandbox);
  }

  @BeforeAll
  void start() {
    scale(1);
    checks = new Checks(sandbox, sandbox.client("web", Map.of("app", "web")));
    sandbox.awaitReady("sessions");
    Sandbox.awaitReach(checks.client(), server("sessions-0"), Place.Reach.CONNECTED);
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void loginsAreThereBeforeTheServersAndTheOthersStay() {
    Map<String, Long> seen = new ConcurrentHashMap<>();
    String before = identity("sessions-0");
    Watch logins = watch(Secret.class, s -> covers(s, "sessions-15"), s -> "logins", seen);
    Watch pods = watch(Pod.class, pod -> true, pod -> pod.getMetadata().getName(), seen);
    try {
      Figure figure = Figure.of("scaled out from 1 to " + MANY + " servers, all ready");
      scale(MANY);
      sandbox.awaitReady("sessions");
      figure.done();
      Sandbox.eventually(
          "all to be seen", () -> assertThat(seen).containsKeys("logins", "sessions-6"));
    } finally {
      logins.close();
      pods.close();
    }
    // Versions of objects of one API server go up in the order of the writes.
    assertThat(seen.get("sessions-6")).isGreaterThan(seen.get("logins"));
    assertThat(seen.get("sessions-0"))
        .as("the counter-example: a server that was there before the new logins")
        .isLessThan(seen.get("logins"));
    assertThat(identity("sessions-0")).isEqualTo(before);

    for (int ordinal = 0; ordinal < MANY; ordinal++) {
      Server server = server("sessions-" + ordinal);
      Sandbox.awaitReach(checks.client(), server, Place.Reach.CONNECTED);
      checks.letsUserIn(server, "sammy");
      checks.letsUserIn(server, "sammy@sessions");
    }
    // The counter-example: a server whose name the sasldb doesn't know.
    Server other = new BarePods(sandbox).ofOtherName("other-name", "sessions-sasl");
    Server named =
        new Server(other.pod(), other.address(), other.port(), server("sessions-0").login());
    checks.letsUserIn(named, "sammy@sessions");
    assertFindsFault(server -> checks.letsUserIn(server, "sammy"), named);

    before = identity("sessions-0");
    scale(1);
    Sandbox.eventually(
        "one server alone",
        () ->
            assertThat(owned.podsOf("sessions"))
                .extracting(pod -> pod.getMetadata().getName())
                .containsExactly("sessions-0"));
    sandbox.awaitReady("sessions");
    assertThat(identity("sessions-0")).isEqualTo(before);
    checks.letsUserIn(server("sessions-0"), "sammy");
    assertThat(owned.idsOf("sessions"))
        .as("a budget of a single server would only be in the way of a drain")
        .doesNotContain("PodDisruptionBudget/sessions");
  }

  /** Each server has its own cache, so a name that leads to any of them finds half of the keys. */
  @Test
  void hostLeadsToTheFirstServerAlone() {
    sandbox.apply("pair", SPEC.formatted(2));
    sandbox.awaitReady("pair");
    Map<String, String> binding = sandbox.secret("pair-credentials-sammy");
    assertThat(binding.get("uri"))
        .endsWith("@" + binding.get("servers"))
        .contains("pair-0.", "pair-1.");
    assertFindsEachTime("/etc/hostname", binding.get("host"), binding);
    // The counter-example: a Service that selects both.
    sandbox
        .client()
        .services()
        .inNamespace(sandbox.namespace())
        .resource(
            new ServiceBuilder()
                .withNewMetadata()
                .withName("both")
                .endMetadata()
                .withNewSpec()
                .addToSelector("securememcached.io/server-of", "pair")
                .addNewPort()
                .withPort(server("sessions-0").port())
                .endPort()
                .endSpec()
                .build())
        .create();
    assertFails(
        () -> assertFindsEachTime("/etc/hosts", "both." + sandbox.namespace() + ".svc", binding));
  }

  /** Stores a file under its name as the key, and reads it by connections of their own. */
  private void assertFindsEachTime(String file, String host, Map<String, String> binding) {
    String tool =
        " --binary --servers=%s:%s --username=%s --password=%s "
            .formatted(host, binding.get("port"), binding.get("username"), binding.get("password"));
    Sandbox.eventually(
        host + " to take a key",
        () ->
            assertThat(inClient("timeout 5 memccp" + tool + file)).returns(0, Shell.Result::code));
    String key = file.substring(file.lastIndexOf('/') + 1);
    assertThat(
            inClient(
                    "for i in {1..20}; do [[ ! $(timeout 5 memccat"
                        + tool
                        + key
                        + ") ]] || echo found; done 2>/dev/null")
                .output()
                .lines())
        .hasSize(20);
  }

  private Shell.Result inClient(String script) {
    return checks.client().run("bash", "-c", script);
  }

  /** Each server's process, by its pod and its starts. */
  private String identity(String name) {
    Pod pod = sandbox.pod(name);
    return pod.getMetadata().getUid()
        + " started again "
        + pod.getStatus().getContainerStatuses().getFirst().getRestartCount();
  }

  private Server server(String pod) {
    return sandbox.server(pod, "sessions-credentials-sammy");
  }

  private void scale(int replicas) {
    sandbox.apply("sessions", SPEC.formatted(replicas));
  }

  private static boolean covers(Secret secret, String realm) {
    String sasldb = secret.getData().get(SaslConfig.SASLDB_FILE);
    return sasldb != null
        && SaslDb.read(Base64.getDecoder().decode(sasldb)).stream()
            .anyMatch(entry -> entry.realm().equals(realm));
  }

  /** Notes the version at which an object was seen first. */
  private <T extends HasMetadata> Watch watch(
      Class<T> kind, Predicate<T> wanted, Function<T, String> name, Map<String, Long> seen) {
    return sandbox
        .client()
        .resources(kind)
        .inNamespace(sandbox.namespace())
        .watch(
            new Watcher<>() {
              @Override
              public void eventReceived(Action action, T object) {
                if (wanted.test(object)) {
                  seen.putIfAbsent(
                      name.apply(object),
                      Long.parseLong(object.getMetadata().getResourceVersion()));
                }
              }

              @Override
              public void onClose(WatcherException cause) {
                // What is missing then fails the test.
              }
            });
  }
}
