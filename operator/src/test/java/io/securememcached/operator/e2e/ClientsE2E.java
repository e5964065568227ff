package io.securememcached.operator.e2e;

import static io.securememcached.operator.e2e.Checks.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The examples of clients, each with its real library, from a host that a zone lets in: they log in
 * to both servers with nothing but the Secret's keys as files, and spread their keys over them. A
 * wrong password and a list that lacks a server are the counter-examples.
 */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class ClientsE2E {

  private static final String HOST = "10.30.0.71";
  private static final String SECRET = "sessions-credentials-sammy";
  private static final Duration BUILD = Duration.ofMinutes(15);
  private static final int KEYS = 1000;

  private final Sandbox sandbox;
  private final Cluster.OutsideHost host;
  private final List<Server> servers = new ArrayList<>();
  private Path right;
  private Path wrongPassword;
  private Path oneServer;

  ClientsE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-clients");
    host = cluster.outside("e2e-clients", HOST);
  }

  /** The folders of the examples, so that a new one can't be forgotten here. */
  static Stream<String> examples() {
    return script("--list").lines();
  }

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    sandbox.apply(
        "sessions",
        """
        replicas: 2
        users: [{name: sammy}]
        sourceZones: [{name: clients, sources: [{cidr: %s/32}]}]
        """
            .formatted(HOST));
    Figure figure = Figure.of("client examples built");
    script();
    figure.done();
    sandbox.awaitReady("sessions");
    for (String pod : List.of("sessions-0", "sessions-1")) {
      servers.add(sandbox.server(pod, SECRET));
      Sandbox.awaitReach(host, servers.getLast(), Place.Reach.CONNECTED);
    }
    for (String server : sandbox.secret(SECRET).get("servers").split(",")) {
      String name = server.split(":")[0];
      // The cluster's DNS hears of a ready pod a moment after everybody else.
      Sandbox.eventually(
          name + " to resolve",
          () -> assertThat(host.run("getent", "hosts", name).code()).isZero());
    }
    right = binding(folder.resolve("right"), Map.of());
    wrongPassword = binding(folder.resolve("wrong"), Map.of("password", "wrong password"));
    oneServer =
        binding(
            folder.resolve("one"),
            Map.of("servers", sandbox.secret(SECRET).get("servers").split(",")[0]));
  }

  @AfterAll
  void stop() {
    host.close();
    sandbox.close();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void spreadsKeysOverAllServers(String example) {
    assertSpreadsKeys(example, right, "");
    assertFails(() -> assertSpreadsKeys(example, oneServer, ""));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void logsInWithTheRealmOfAllServers(String example) {
    assertSpreadsKeys(example, right, "sammy@sessions");
  }

  @Test
  void isNotLetInWithAnotherRealm() {
    assertThat(run("go", right, "sammy@other").errors()).contains("refused");
  }

  @ParameterizedTest
  @MethodSource("examples")
  void endsWithAnErrorWhenTheLoginIsRefused(String example) {
    List<Long> before = Relay.statistic("cmd_set", host, servers);
    Shell.Result result = run(example, wrongPassword, "");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.output()).doesNotContain("ok:");
    assertThat(result.output() + result.errors())
        .containsPattern("(?i)refused|authentication fail")
        .doesNotContain("wrong password");
    assertThat(Relay.statistic("cmd_set", host, servers)).isEqualTo(before);
  }

  /** As when a login was revoked: the servers know the next one before the client does. */
  @ParameterizedTest
  @ValueSource(strings = {"python", "java-spymemcached"})
  void readsTheLoginAgainWhenItIsRefused(String example, @TempDir Path folder) throws IOException {
    Path late = binding(folder.resolve("late"), Map.of("password", "old password"));
    Path errors = folder.resolve("errors");
    CompletableFuture<Shell.Result> load =
        CompletableFuture.supplyAsync(
            () -> {
              List<String> command = command(example, late, "", "--load", "4");
              command.addAll(0, List.of("bash", "-c", "exec \"$@\" 2>\"$0\"", errors.toString()));
              return host.run(command.toArray(String[]::new));
            });
    Path current = Files.writeString(folder.resolve("new"), servers.getFirst().login().password());
    Sandbox.eventually("a refused login", () -> assertThat(errors).content().contains("refused"));
    // At once, as in a volume.
    Files.move(current, late.resolve("memcached/password"), StandardCopyOption.ATOMIC_MOVE);
    Shell.Result result = load.join();
    assertThat(result.code()).as(Files.readString(errors)).isZero();
    assertThat(result.output()).matches("requests=[1-9]\\d{2,} failed=0");

    Shell.Result never = run(example, wrongPassword, "", "--load", "1");
    assertThat(never.code()).isEqualTo(1);
    assertThat(never.output()).matches("requests=\\d+ failed=[1-9]\\d*");
  }

  private void assertSpreadsKeys(String example, Path binding, String user) {
    List<Long> before = Relay.statistic("cmd_set", host, servers);
    Shell.Result result = run(example, binding, user);
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(result.output())
        .isEqualTo("ok: %d keys on 2 servers as %s", KEYS, user.isEmpty() ? "sammy" : user);
    // What the servers counted does not depend on what the example says.
    List<Long> after = Relay.statistic("cmd_set", host, servers);
    assertThat(sum(after) - sum(before)).isEqualTo(KEYS);
    assertThat(after)
        .zipSatisfy(before, (later, earlier) -> assertThat(later).isGreaterThan(earlier));
  }

  private Shell.Result run(String example, Path binding, String user, String... arguments) {
    return host.run(command(example, binding, user, arguments).toArray(String[]::new));
  }

  private static List<String> command(
      String example, Path binding, String user, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of("env", "SERVICE_BINDING_ROOT=" + binding, "MEMCACHED_USERNAME=" + user));
    command.addAll(List.of("scripts/client-examples", "run", example));
    command.addAll(List.of(arguments));
    return command;
  }

  private static long sum(List<Long> numbers) {
    return numbers.stream().mapToLong(Long::longValue).sum();
  }

  /** Writes the Secret's keys as files, as a volume has them. */
  private Path binding(Path root, Map<String, String> changes) throws IOException {
    Path folder = Files.createDirectories(root.resolve("memcached"));
    for (Map.Entry<String, String> entry : sandbox.secret(SECRET).entrySet()) {
      Files.writeString(
          folder.resolve(entry.getKey()), changes.getOrDefault(entry.getKey(), entry.getValue()));
    }
    return root;
  }

  private static String script(String... arguments) {
    List<String> command = new ArrayList<>(List.of("scripts/client-examples"));
    command.addAll(List.of(arguments));
    return Shell.run(Guarded.ROOT, Map.of(), BUILD, command.toArray(String[]::new));
  }
}
