package io.securememcached.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.memcached.RealMemcached;
import io.securememcached.operator.memcached.Timeouts;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import io.securememcached.operator.verify.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's memcached behind pod objects, on an API server without kubelets. */
@WithApiServer
class VerifyCommandIT {

  private static final String PASSWORD = "hunter2-of-the-operator";
  private static final String CLIENTS_PASSWORD = "hunter2-of-the-client";

  /** Loopback too, but nobody else on this machine listens there. */
  private static final String POD_IP = "127.77.0.1";

  /** Nobody on loopback is that slow, even on a busy machine. */
  private static final Limits LIMITS =
      new Limits(
          new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(10)),
          Duration.ofMillis(300),
          Duration.ofSeconds(30));

  private final String namespace;
  private final VerifiedObjects objects;
  private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();

  @TempDir Path directory;

  private Map<String, String> environment = TestingOperator.ENVIRONMENT;
  private Supplier<KubernetesClient> client;

  VerifyCommandIT(ApiServer server) {
    namespace = server.newNamespace();
    objects = new VerifiedObjects(server.client(), namespace);
    client = () -> ApiClient.of(server.config(), new Recorder());
  }

  @BeforeEach
  void configureSasl() throws IOException {
    Files.writeString(
        directory.resolve(SaslConfig.CONFIG_FILE),
        SaslConfig.text().replace(SaslConfig.MOUNT_PATH, directory.toString()));
    Files.write(
        directory.resolve(SaslConfig.SASLDB_FILE),
        SaslDb.write(
            List.of(
                entry(VerifiedObjects.LOGIN_USER, PASSWORD), entry("sammy-1", CLIENTS_PASSWORD))));
  }

  private static SaslEntry entry(String user, String password) throws UnknownHostException {
    return new SaslEntry(user, InetAddress.getLocalHost().getHostName(), password);
  }

  /** Nothing on loopback stops what no policy lets in, and the command says so. */
  @Test
  void hardenedServerPassesAllButPolicies() throws IOException {
    try (RealMemcached memcached = hardened()) {
      objects.resource("replicas: 1", memcached.address().getPort());
      objects.login(PASSWORD);
      objects.pod("cache-0", POD_IP);
      Run run = verify("-o", "json");
      assertThat(run.code).as(run.output + run.errors).isEqualTo(VerifyCommand.FAILED);
      assertThat(run.output)
          .contains(
              "\"passed\" : 12",
              "\"failed\" : 1",
              "connection refused: 1 9",
              "\"distribution\" : \"DEBIAN_12\"",
              "1.6.")
          .doesNotContain(PASSWORD);
      assertThat(new TreeSet<>(requests))
          .as("the operator's rights: it may get no resource and no pod by name")
          .containsExactly(
              "GET /api/v1/namespaces/%s/pods?labelSelector=%s%%3Dcache"
                  .formatted(namespace, Labels.SERVER_OF.replace("/", "%2F")),
              "GET /api/v1/namespaces/%s/secrets/cache-credentials".formatted(namespace),
              "GET /api/v1/namespaces/%s/secrets/cache-operator".formatted(namespace),
              "GET /apis/apps/v1/namespaces/%s/statefulsets/cache".formatted(namespace),
              "GET /apis/securememcached.io/v1beta1/namespaces/%s/securememcacheds?fieldSelector=metadata.name%%3Dcache"
                  .formatted(namespace));
    }
  }

  @Test
  void serverWithoutSaslFails() throws IOException {
    try (RealMemcached memcached =
        RealMemcached.start(directory, List.of("-U", "0", "-l", POD_IP))) {
      objects.resource("replicas: 1", memcached.address().getPort());
      objects.login(PASSWORD);
      objects.pod("cache-0", POD_IP);
      Run run = verify();
      assertThat(run.code).as(run.output + run.errors).isEqualTo(VerifyCommand.FAILED);
      assertThat(run.output)
          .contains("FAILED   cache-0 unauthenticated-refused: ")
          .contains("(docs/checks.md#unauthenticated-refused)")
          .doesNotContain(PASSWORD);
    }
  }

  @Test
  void loginThatDoesNotWorkFails() throws IOException {
    try (RealMemcached memcached = hardened()) {
      objects.resource("replicas: 1", memcached.address().getPort());
      objects.login("another one");
      objects.pod("cache-0", POD_IP);
      Run run = verify();
      assertThat(run.code).as(run.output + run.errors).isEqualTo(VerifyCommand.FAILED);
      assertThat(run.output).contains("10 passed, 2 failed, 1 unknown", "FAILED   cache-0 login");
    }
  }

  @Test
  void eachClientsLoginIsTried() throws IOException {
    try (RealMemcached memcached = hardened()) {
      objects.resource("users: [{name: sammy}, {name: worker}]", memcached.address().getPort());
      objects.login(PASSWORD);
      objects.secret(
          "cache-credentials-sammy", "sammy-1", CLIENTS_PASSWORD, List.of(objects.owner()));
      objects.secret("cache-credentials-worker", "worker-1", "any", List.of());
      objects.pod("cache-0", POD_IP);
      Run run = verify("-o", "json");
      assertThat(run.output)
          .as(run.errors)
          .contains("\"passed\" : 12", "sammy-1 0x00")
          .as("a Secret of somebody else's is sent nowhere")
          .doesNotContain("worker-1", CLIENTS_PASSWORD);
    }
  }

  /** The counter-example: the operator's login works, and a client's does not. */
  @Test
  void clientThatIsLockedOutFails() throws IOException {
    try (RealMemcached memcached = hardened()) {
      objects.resource("users: [{name: sammy}]", memcached.address().getPort());
      objects.login(PASSWORD);
      objects.secret("cache-credentials-sammy", "sammy-1", "stale", List.of(objects.owner()));
      objects.pod("cache-0", POD_IP);
      Run run = verify();
      assertThat(run.code).as(run.output + run.errors).isEqualTo(VerifyCommand.FAILED);
      assertThat(run.output).contains("FAILED   cache-0 login: ", "sammy-1 0x20");
    }
  }

  @Test
  void withoutItsLoginItCanNotTell() throws IOException {
    try (RealMemcached memcached = hardened()) {
      objects.resource("replicas: 1", memcached.address().getPort());
      objects.pod("cache-0", POD_IP);
      Run run = verify();
      assertThat(run.code).as(run.output + run.errors).isEqualTo(VerifyCommand.FAILED);
      assertThat(run.output).contains("unknown  cache-0 login: no login available");
    }
  }

  @Test
  void allThatCarryTheLabelAreServers() throws IOException {
    Path other = Files.createDirectory(directory.resolve("other"));
    try (RealMemcached memcached = hardened()) {
      int port = memcached.address().getPort();
      try (RealMemcached careless =
          RealMemcached.start(other, List.of("-p", "" + port, "-U", "0", "-l", "127.77.0.2"))) {
        objects.resource("replicas: 1", port);
        objects.login(PASSWORD);
        objects.pod("cache-0", POD_IP);
        objects.pod("stranger", "127.77.0.2");
        Run run = verify();
        assertThat(careless.address().getPort()).isEqualTo(port);
        assertThat(run.code).as(run.output + run.errors).isEqualTo(VerifyCommand.FAILED);
        assertThat(run.output)
            .contains("FAILED   stranger unauthenticated-refused")
            .as("somebody else's pod is told no login")
            .contains("unknown  stranger login: no login available")
            .doesNotContain("FAILED   cache-0 unauthenticated-refused");
      }
    }
  }

  @Test
  void serverThatIsNotThereIsUnknown() throws IOException {
    try (Socket silent = new Socket()) {
      // Bound and not listening: refuses, and keeps others from the port.
      silent.bind(new InetSocketAddress(POD_IP, 0));
      objects.resource("replicas: 2", silent.getLocalPort());
      objects.login(PASSWORD);
      objects.pod("cache-0", POD_IP);
      Run run = verify();
      assertThat(run.code).as(run.output + run.errors).isEqualTo(VerifyCommand.UNKNOWN);
      assertThat(run.output)
          .contains("0 failed")
          .contains("unknown  cache-0 reachable: ")
          .contains("unknown  cache-1: Pod not found");
    }
  }

  @Test
  void serverThatDoesNotRunIsUnknown() {
    objects.resource("replicas: 1", 11211);
    objects.create("cache-0");
    Run run = verify();
    assertThat(run.code).isEqualTo(VerifyCommand.UNKNOWN);
    assertThat(run.output).contains("unknown  cache-0: Pod is not running");
  }

  @Test
  void serverOnLoopbackIsUnknownAndToldTheWayOut() {
    objects.resource("listen: Loopback", 11211);
    objects.pod("cache-0", POD_IP);
    Run run = verify();
    assertThat(run.code).isEqualTo(VerifyCommand.UNKNOWN);
    assertThat(run.output)
        .contains("'kubectl port-forward -n %s pod/cache-0 11211'".formatted(namespace));
  }

  /** It has not restarted since the spec got another port and listen: Loopback. */
  @Test
  void serverThatWaitsForItsRestartIsAskedWhereItListens() throws IOException {
    try (RealMemcached memcached = hardened()) {
      int port = memcached.address().getPort();
      objects.resource("listen: Loopback", port == 11211 ? 11212 : 11211);
      objects.login(PASSWORD);
      objects.pod("cache-0", POD_IP, "$(POD_IP),127.0.0.1", port);
      Run run = verify("-o", "json");
      assertThat(run.output).as(run.errors).contains("\"passed\" : 12", POD_IP + ":" + port);
    }
  }

  /** The other direction. */
  @Test
  void serverThatWaitsToLeaveLoopbackIsToldTheWayOut() {
    objects.resource("listen: PodIP", 11211);
    objects.pod("cache-0", POD_IP, "127.0.0.1", 11311);
    Run run = verify();
    assertThat(run.code).isEqualTo(VerifyCommand.UNKNOWN);
    assertThat(run.output)
        .contains(
            "'kubectl port-forward -n %s pod/cache-0 11311', or apply its pending update"
                .formatted(namespace));
  }

  /** Whoever may create a pod with the servers' label must not keep it from the checks. */
  @Test
  void foreignPodIsAskedWhateverItsCommandLineSays() throws IOException {
    try (RealMemcached memcached = hardened()) {
      int port = memcached.address().getPort();
      objects.resource("replicas: 1", port);
      objects.pod("stranger", POD_IP, "127.0.0.1", port);
      assertThat(verify().output)
          .contains("unknown  stranger login: no login available")
          .doesNotContain("stranger: The server listens on 127.0.0.1 only");
    }
  }

  @Test
  void resourceWithoutServersIsUnknown() {
    objects.resource("replicas: 0", 11211);
    Run run = verify();
    assertThat(run.code).isEqualTo(VerifyCommand.UNKNOWN);
    assertThat(run.output).contains("No servers to verify");
  }

  @Test
  void resourceThatIsNotThereIsNamed() {
    assertRefused("SecureMemcached cache not found in namespace " + namespace);
  }

  @Test
  void namespaceOfAnotherOperatorIsRefused() {
    environment = new HashMap<>(environment);
    environment.put("WATCH_NAMESPACES", "shop,OWN");
    assertRefused("This operator does not watch namespace " + namespace + " (watched: ");
  }

  @Test
  void apiServerThatIsNotThereIsNamed() {
    Config nowhere = new ConfigBuilder(Config.empty()).withMasterUrl("http://127.0.0.1:1").build();
    nowhere.setRequestRetryBackoffLimit(0);
    client = () -> ApiClient.of(nowhere);
    assertRefused("Kubernetes API request failed");
  }

  private void assertRefused(String message) {
    Run run = verify();
    assertThat(run.code).isEqualTo(VerifyCommand.UNKNOWN);
    assertThat(run.output).isEmpty();
    assertThat(run.errors).contains(message);
  }

  private RealMemcached hardened() throws IOException {
    return RealMemcached.start(directory, List.of("-U", "0", "-S", "-l", POD_IP));
  }

  private record Run(int code, String output, String errors) {}

  private Run verify(String... options) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    List<String> arguments = new ArrayList<>(List.of(namespace + "/cache"));
    arguments.addAll(List.of(options));
    int code =
        new VerifyCommand(
                environment,
                client,
                new PrintStream(output, true, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8),
                LIMITS)
            .run(arguments);
    return new Run(
        code, output.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
  }

  private final class Recorder implements Interceptor {
    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
      String query = request.uri().getRawQuery();
      requests.add(
          request.method() + " " + request.uri().getRawPath() + (query == null ? "" : "?" + query));
    }
  }
}
