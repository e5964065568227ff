package io.securememcached.operator.verification;

import static io.securememcached.operator.memcached.TestingMemcached.receive;
import static io.securememcached.operator.memcached.TestingMemcached.response;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.PendingServer;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.exposure.Kind;
import io.securememcached.operator.memcached.TestingMemcached;
import io.securememcached.operator.memcached.TestingMemcached.Received;
import io.securememcached.operator.monitoring.ExporterLogins;
import io.securememcached.operator.probe.FairServerTasks;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.status.CredentialResult;
import io.securememcached.operator.status.Finding;
import io.securememcached.operator.status.StatusBuilder;
import io.securememcached.operator.status.StatusInput;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.Outcome;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers that say as much as they can: it must not fill the operator, the status or etcd. */
@Timeout(180)
class HostileServersTest {

  /** Bytes of JSON: half of what etcd takes for an object by default. */
  private static final int LARGEST = 768 * 1024;

  private static final int SERVERS = 100;

  /** Twice as long in JSON. */
  private static final String QUOTES = "\"".repeat(100_000);

  private static final Settings SETTINGS =
      new Settings(
          "system",
          Map.of("app", "operator"),
          Map.of(Image.Flavor.CentOS7, "example/centos7", Image.Flavor.Debian12, "example/debian"));

  private final List<Pod> pods = new ArrayList<>();

  @Test
  void statusOfAHundredHostileServersIsSmall() throws Exception {
    List<TestingMemcached> servers = new ArrayList<>();
    FairServerTasks tasks = new FairServerTasks();
    ServerVerifier verifier =
        new ServerVerifier(
            tasks,
            SETTINGS.images(),
            InstantSource.system(),
            new SimpleMeterRegistry(),
            pod -> true);
    try {
      int port = 0;
      for (int i = 0; i < SERVERS; i++) {
        String ip = "127.8.0." + (i + 1);
        // Each second one says too much for a version, the others as much as they may.
        String version = i % 2 == 0 ? "1.6.18" + "\"".repeat(58) : "1.6.18\n" + QUOTES;
        servers.add(
            TestingMemcached.behavingAt(
                InetAddress.ofLiteral(ip), port, (self, in, out) -> serve(in, out, version)));
        port = servers.getFirst().address().getPort();
        pods.add(pod(i, ip));
      }
      SecureMemcached resource = resource(port);
      verifier.verify(resource, pods, Logins.none(Map.of()), List.of());
      await().atMost(Duration.ofMinutes(2)).until(() -> verifier.known(pods).size() == SERVERS);
      SecureMemcachedStatus status = status(resource, verifier.known(pods), List.of());
      assertSmall(status);
      assertThat(status.servers())
          .allSatisfy(server -> assertThat(server.version().text().length()).isLessThan(65))
          .allSatisfy(server -> assertThat(server.checks()).isNotEmpty());
    } finally {
      tasks.close();
      for (TestingMemcached server : servers) {
        server.close();
      }
    }
  }

  /** The worst that anybody can do at once. */
  @Test
  void statusHasALargestSize() throws Exception {
    SecureMemcached resource = resource(11211);
    IntStream.range(0, SERVERS).forEach(i -> pods.add(pod(i, "fd00:1111:2222:3333:4444::" + i)));
    Verification worst =
        new Verification(
            Instant.EPOCH,
            Quoted.of("\"".repeat(64)),
            Arrays.stream(Check.values())
                .map(check -> new Finding(check, Outcome.UNKNOWN, Quoted.of(QUOTES)))
                .toList());
    Map<String, Verification> verifications = new HashMap<>();
    pods.forEach(pod -> verifications.put(pod.getMetadata().getUid(), worst));
    List<Exposure> exposures =
        Collections.nCopies(10_000, new Exposure(Kind.FOREIGN_SERVICE, QUOTES, QUOTES));
    SecureMemcachedStatus status = status(resource, verifications, exposures);
    assertSmall(status);
    assertThat(status.credentials())
        .hasSize(16)
        .allSatisfy(
            login ->
                assertThat(login.pendingServers())
                    .hasSize(11)
                    .last()
                    .isEqualTo(new PendingServer("...", Quoted.of("and 90 more"))));
  }

  private static void assertSmall(SecureMemcachedStatus status) {
    String json = Serialization.asJson(status);
    assertThat(json.getBytes(UTF_8).length).isBetween(10_000, LARGEST);
    assertThat(json).matches("[\\x20-\\x7e]*");
  }

  private SecureMemcachedStatus status(
      SecureMemcached resource, Map<String, Verification> verifications, List<Exposure> exposures) {
    Map<String, List<PendingServer>> pending =
        resource.getSpec().users().stream()
            .collect(
                Collectors.toMap(
                    user -> user.name(),
                    user ->
                        pods.stream()
                            .map(
                                pod ->
                                    new PendingServer(
                                        pod.getMetadata().getName(), Quoted.of(QUOTES)))
                            .toList()));
    return StatusBuilder.build(
        new StatusInput(
            resource,
            SETTINGS,
            Optional.empty(),
            pods,
            verifications,
            Optional.of(
                new CredentialResult(
                    Logins.none(Map.of()),
                    Map.of(),
                    pending,
                    Map.of("a", QUOTES),
                    List.of(),
                    Optional.of(QUOTES),
                    100,
                    Optional.empty(),
                    Set.of(),
                    Optional.empty(),
                    ExporterLogins.NONE)),
            Optional.of(exposures),
            List.of(),
            Optional.of(QUOTES),
            Optional.of(Rollout.upToDate()),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Instant.EPOCH));
  }

  private static void serve(DataInputStream in, DataOutputStream out, String version)
      throws IOException {
    while (true) {
      Received request = receive(in);
      String value = request.opcode() == 0x0b ? version : QUOTES;
      out.write(response(request.opcode(), request.opaque(), 0, "", value));
    }
  }

  private static SecureMemcached resource(int port) {
    String users =
        IntStream.range(0, 16)
            .mapToObj("{name: user-%d}"::formatted)
            .collect(Collectors.joining(", "));
    return Serialization.unmarshal(
        """
        metadata: {name: cache, namespace: shop, uid: cache, generation: 1}
        spec: {port: %d, replicas: 100, users: [%s]}
        """
            .formatted(port, users),
        SecureMemcached.class);
  }

  private static Pod pod(int number, String ip) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("shop")
        .withName("cache-" + number)
        .withUid("uid-" + number)
        .endMetadata()
        .withNewStatus()
        .withPodIP(ip)
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .endCondition()
        .endStatus()
        .build();
  }
}
