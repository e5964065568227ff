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
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.TestingMemcached.Received;
import io.securememcached.operator.probe.FairServerTasks;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.rotation.Cause;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.status.Verification;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Of 1,000 servers 300 hang, and a new server of another namespace does not wait for them. */
@Timeout(300)
class HangingServersTest {

  private static final Logger LOG = LoggerFactory.getLogger(HangingServersTest.class);

  /** On a machine with two cores that do other work, too; it takes a fraction of a second. */
  private static final Duration SOON = Duration.ofSeconds(10);

  private static final int NAMESPACES = 20;
  private static final int SERVERS = 50;

  /** The first six namespaces: 300 servers. */
  private static final int HANGING = 6;

  private static final Login LOGIN = new Login("checks", "correct-horse");

  private static final Logins LOGINS =
      Logins.none(Map.of())
          .withUsers(
              Map.of(
                  Credentials.OPERATOR_USER,
                  new UserLogins(
                      Optional.of(LOGIN),
                      Optional.empty(),
                      Optional.empty(),
                      1,
                      Instant.EPOCH,
                      Cause.Created,
                      Optional.empty(),
                      Optional.empty())));

  private final List<ServerSocket> listeners = new ArrayList<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();

  /** How far the verifier's clock is ahead. */
  private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

  private final FairServerTasks tasks = new FairServerTasks();
  private final ServerVerifier verifier =
      new ServerVerifier(
          tasks,
          Map.of(),
          () -> Instant.now().plus(ahead.get()),
          new SimpleMeterRegistry(),
          pod -> true);

  private int port;

  @AfterEach
  void close() throws IOException {
    tasks.close();
    for (ServerSocket listener : listeners) {
      listener.close();
    }
    for (Socket socket : open) {
      socket.close();
    }
  }

  @Test
  void newServerOfAnotherNamespaceIsProvenSoon() throws IOException {
    Map<SecureMemcached, List<Pod>> fleet = new LinkedHashMap<>();
    for (int namespace = 0; namespace < NAMESPACES; namespace++) {
      List<Pod> pods = servers(namespace, SERVERS, namespace < HANGING);
      fleet.put(resource("team-" + namespace), pods);
    }

    fleet.forEach(this::verify);
    LOG.info("New server beside 1,000 first runs: proven after {}", proven("first"));
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofSeconds(1))
        .until(
            () -> {
              // A check that a busy machine did not finish in time is repeated.
              fleet.forEach(this::verify);
              return fleet.values().stream().allMatch(pods -> known(pods) == SERVERS)
                  && fleet.values().stream().mapToLong(this::countProven).sum()
                      == (NAMESPACES - HANGING) * SERVERS;
            });
    fleet.forEach(
        (resource, pods) ->
            assertThat(verifier.known(pods).values())
                .as(resource.getMetadata().getNamespace())
                .allMatch(found -> found.isReached() == found.isProven()));

    // All are due again, the 300 that hang too.
    ahead.set(Duration.ofHours(1));
    fleet.forEach(this::verify);
    LOG.info("New server beside 1,000 repeated runs: proven after {}", proven("repeated"));
  }

  /** How long it takes from the first reconciliation that sees the pod. */
  private Duration proven(String namespace) throws IOException {
    SecureMemcached resource = resource(namespace);
    List<Pod> pods = servers(NAMESPACES + listeners.size() % 100, 1, false);
    long start = System.nanoTime();
    verify(resource, pods);
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              // As a reconciliation that an event of the verifier brings.
              verify(resource, pods);
              return countProven(pods) == 1;
            });
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private void verify(SecureMemcached resource, List<Pod> pods) {
    verifier.verify(resource, pods, LOGINS, List.of());
  }

  private int known(List<Pod> pods) {
    return verifier.known(pods).size();
  }

  private long countProven(List<Pod> pods) {
    return verifier.known(pods).values().stream().filter(Verification::isProven).count();
  }

  private SecureMemcached resource(String namespace) {
    return Serialization.unmarshal(
        """
        apiVersion: securememcached.io/v1beta1
        kind: SecureMemcached
        metadata: {name: cache, namespace: %s, uid: %s, generation: 1}
        spec: {port: %d}
        """
            .formatted(namespace, namespace, port),
        SecureMemcached.class);
  }

  /** Servers at addresses of their own, all on one port as a resource's are. */
  private List<Pod> servers(int network, int count, boolean hang) throws IOException {
    List<Pod> pods = new ArrayList<>();
    for (int host : IntStream.rangeClosed(1, count).toArray()) {
      String ip = "127.9.%d.%d".formatted(network, host);
      ServerSocket listener = new ServerSocket(port, 50, InetAddress.ofLiteral(ip));
      port = listener.getLocalPort();
      listeners.add(listener);
      Thread.ofVirtual().start(() -> accept(listener, hang));
      pods.add(
          new PodBuilder()
              .withNewMetadata()
              .withNamespace("team-" + network)
              .withName("cache-" + (host - 1))
              .withUid(ip)
              .endMetadata()
              .withNewStatus()
              .withPodIP(ip)
              .endStatus()
              .build());
    }
    return pods;
  }

  private void accept(ServerSocket listener, boolean hang) {
    try {
      while (true) {
        Socket socket = listener.accept();
        open.add(socket);
        if (!hang) {
          Thread.ofVirtual().start(() -> serve(socket));
        }
      }
    } catch (IOException e) {
      // The test closed the listener.
      return;
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      boolean isLoggedIn = false;
      while (true) {
        in.mark(1);
        if (in.readUnsignedByte() != 0x80) {
          in.skipNBytes(in.available());
          return;
        }
        in.reset();
        Received request = receive(in);
        String body = new String(request.body(), UTF_8);
        boolean isLogin = request.opcode() == 0x21;
        isLoggedIn |= isLogin && body.endsWith("\0" + LOGIN.name() + "\0" + LOGIN.password());
        out.write(answer(request, isLoggedIn));
        if (!isLogin && !isLoggedIn && request.opcode() != 0x0b && request.opcode() != 0x20) {
          return;
        }
      }
    } catch (IOException e) {
      // The client has gone.
      return;
    }
  }

  private static byte[] answer(Received request, boolean isLoggedIn) {
    int opaque = request.opaque();
    int opcode = request.opcode();
    if (opcode == 0x0b) {
      return response(opcode, opaque, 0, "", "1.6.45");
    }
    if (opcode == 0x20) {
      return response(opcode, opaque, 0, "", "PLAIN");
    }
    if (!isLoggedIn) {
      return response(opcode, opaque, 0x20, "", "Auth failure.");
    }
    if (opcode != 0x10) {
      return response(opcode, opaque, 0, "", "");
    }
    byte[] line = response(opcode, opaque, 0, "udpport", "0");
    byte[] end = response(opcode, opaque, 0, "", "");
    return ByteBuffer.allocate(line.length + end.length).put(line).put(end).array();
  }
}
