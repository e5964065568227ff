package io.securememcached.operator.e2e;

import static io.securememcached.operator.e2e.Checks.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Web frameworks with two servers, configured with what docs/frameworks shows and nothing else, in
 * processes of their own on a host that a zone lets in. A wrong password and a list that lacks a
 * server are the counter-examples.
 */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class FrameworksE2E {

  private static final String HOST = "10.30.0.74";
  private static final String SECRET = "sessions-credentials";
  private static final Duration INSTALL = Duration.ofMinutes(15);
  private static final int KEYS = 100;

  /**
   * Keystone's cache has a copy of each key on each server, and its page says so. A session of
   * Magento has a lock beside it.
   */
  private static final Set<String> TWICE = Set.of("keystone", "magento");

  private final Sandbox sandbox;
  private final Cluster.OutsideHost host;
  private final List<Server> servers = new ArrayList<>();
  private Map<String, String> secret;

  FrameworksE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-frameworks");
    host = cluster.outside("e2e-frameworks", HOST);
  }

  /** The folders of the checks, so that a new one can't be forgotten here. */
  static Stream<String> frameworks() {
    return script("--list").lines();
  }

  @BeforeAll
  void start() {
    sandbox.apply(
        "sessions",
        """
        replicas: 2
        sourceZones: [{name: web, sources: [{cidr: %s/32}]}]
        """
            .formatted(HOST));
    Figure figure = Figure.of("frameworks installed");
    script();
    figure.done();
    sandbox.awaitReady("sessions");
    for (String pod : List.of("sessions-0", "sessions-1")) {
      servers.add(sandbox.server(pod, SECRET));
      Sandbox.awaitReach(host, servers.getLast(), Place.Reach.CONNECTED);
    }
    secret = sandbox.secret(SECRET);
    for (String server : secret.get("servers").split(",")) {
      String name = server.split(":")[0];
      // The cluster's DNS hears of a ready pod a moment after everybody else.
      Sandbox.eventually(
          name + " to resolve",
          () -> assertThat(host.run("getent", "hosts", name).code()).isZero());
    }
  }

  @AfterAll
  void stop() {
    host.close();
    sandbox.close();
  }

  @ParameterizedTest
  @MethodSource("frameworks")
  void findsAllKeysOnBothServers(String framework, @TempDir Path folder) throws IOException {
    assertUsesBothServers(framework, secret, folder.resolve("both"));
    Map<String, String> one = new TreeMap<>(secret);
    one.put("servers", secret.get("servers").split(",")[0]);
    assertFails(() -> assertUsesBothServers(framework, one, folder.resolve("one")));
  }

  /** Many frameworks take an error for a miss, so what was not found counts as well. */
  @ParameterizedTest
  @MethodSource("frameworks")
  void findsNothingWithAWrongPassword(String framework, @TempDir Path folder) throws IOException {
    run(framework, secret, folder.resolve("right"), "set");
    Map<String, String> wrong = new TreeMap<>(secret);
    wrong.put("password", "wrong password");
    List<Long> before = Relay.statistic("cmd_set", host, servers);
    run(framework, wrong, folder.resolve("wrong"), "set");
    Shell.Result found = run(framework, wrong, folder.resolve("wrong"), "find");
    assertThat(found.output())
        .satisfiesAnyOf(
            output -> assertThat(output).isEqualTo("found 0"),
            output -> assertThat(found.code()).isNotZero());
    assertThat(found.output()).doesNotContainPattern("found [1-9]");
    assertThat(Relay.statistic("cmd_set", host, servers)).isEqualTo(before);
    // They are there all the same.
    assertThat(run(framework, secret, folder.resolve("right"), "find").output())
        .isEqualTo("found " + KEYS);
  }

  /** The servers' names alone say where a key is: a rotation changes the rest of the Secret. */
  @Test
  void findsAllKeysAfterARotation(@TempDir Path folder) throws IOException {
    for (String framework : frameworks().toList()) {
      run(framework, secret, folder.resolve(framework), "set");
    }
    sandbox.annotate("sessions", "securememcached.io/rotate=1");
    secret = sandbox.awaitOtherLogin(SECRET, secret.get("username"));
    // The previous login ends after the overlap.
    servers.replaceAll(server -> sandbox.server(server.pod(), SECRET));
    SoftAssertions softly = new SoftAssertions();
    for (String framework : frameworks().toList()) {
      softly
          .assertThat(run(framework, secret, folder.resolve(framework), "find").output())
          .as(framework)
          .isEqualTo("found " + KEYS);
    }
    softly.assertAll();
  }

  @ParameterizedTest
  @MethodSource("frameworks")
  void pageNamesTheVersionsThatWereTried(String framework) {
    String tried =
        FrameworkPage.of(framework)
            .text()
            .lines()
            .filter(line -> line.startsWith("Tried with "))
            .findFirst()
            .orElseThrow();
    assertThat(script("versions", framework).lines().filter(tried::contains).toList())
        .as("installed versions in: " + tried)
        .isNotEmpty();
  }

  private void assertUsesBothServers(String framework, Map<String, String> login, Path folder)
      throws IOException {
    List<Long> before = Relay.statistic("cmd_set", host, servers);
    Shell.Result set = run(framework, login, folder, "set");
    assertThat(set.output()).as(set.errors()).isEqualTo("set " + KEYS);
    // What the servers counted does not depend on what the framework says.
    List<Long> after = Relay.statistic("cmd_set", host, servers);
    List<Long> stored =
        Stream.of(0, 1).map(server -> after.get(server) - before.get(server)).toList();
    assertThat(stored).allMatch(keys -> keys > 0);
    long expected = TWICE.contains(framework) ? 2 * KEYS : KEYS;
    // Symfony stores one more, the version of its namespace.
    assertThat(stored.getFirst() + stored.getLast()).isBetween(expected, expected + 1);
    Shell.Result found = run(framework, login, folder, "find");
    assertThat(found.output()).as(found.errors()).isEqualTo("found " + KEYS);
  }

  private Shell.Result run(String framework, Map<String, String> login, Path folder, String action)
      throws IOException {
    FrameworkPage page = FrameworkPage.of(framework);
    page.write(folder.resolve("configuration"));
    Path files = Files.createDirectories(folder.resolve("bindings/memcached"));
    for (Map.Entry<String, String> key : login.entrySet()) {
      Files.writeString(files.resolve(key.getKey()), key.getValue());
    }
    Map<String, String> environment = page.environment(login);
    environment.replaceAll(
        (name, value) ->
            name.equals("SERVICE_BINDING_ROOT") ? files.getParent().toString() : value);
    List<String> command = new ArrayList<>(List.of("env"));
    environment.forEach((name, value) -> command.add(name + "=" + value));
    command.addAll(
        List.of(
            "scripts/framework-checks",
            "run",
            framework,
            folder.resolve("configuration").toString(),
            action));
    return host.run(command.toArray(String[]::new));
  }

  private static String script(String... arguments) {
    List<String> command = new ArrayList<>(List.of("scripts/framework-checks"));
    command.addAll(List.of(arguments));
    return Shell.run(Guarded.ROOT, Map.of(), INSTALL, command.toArray(String[]::new));
  }
}
