package io.securememcached.operator.credentials;

import static io.securememcached.operator.memcached.TestingMemcached.receive;
import static io.securememcached.operator.memcached.TestingMemcached.response;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.PendingServer;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.TestingMemcached;
import io.securememcached.operator.memcached.TestingMemcached.Received;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.UserLogins.Next;
import io.securememcached.operator.testing.Fleet;
import io.securememcached.operator.testing.ServedPod;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** To whom the next login is sent. */
@Timeout(60)
class LoginProofTest {

  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
  private static final Login LOGIN = new Login("cache_2", "correct-horse");
  private static final int AUTH_ERROR = 0x20;

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final LoginProof proof =
      new LoginProof((namespace, urgency, task) -> tasks.add(task), pod -> true);

  /** Whoever is at a pod's address may be there to collect logins. */
  @Test
  void loginIsNotSentToWhoTakesAnyPassword() throws Exception {
    try (var server = server(login -> true)) {
      assertThat(answerOf(server)).isEqualTo("accepts a wrong password, so the login was not sent");
      assertThat(seen).hasSize(1).noneMatch(login -> login.contains(LOGIN.password()));
    }
  }

  /** The search does find it where it is sent, and two attempts on one connection are enough. */
  @Test
  void loginIsSentToWhoHasJustRefusedAnother() throws Exception {
    try (var server = server(login -> login.endsWith("\0" + LOGIN.password()))) {
      assertThat(answerOf(server)).isEmpty();
      assertThat(seen).hasSize(2).last().matches(login -> login.contains(LOGIN.password()));
      assertThat(server.connections()).isOne();
    }
  }

  @Test
  void loginIsNotSentOnceThePodHasGone() throws Exception {
    Pod[] gone = new Pod[1];
    try (var server =
        server(
            login -> {
              proof.forget(gone[0]);
              return false;
            })) {
      gone[0] = pod();
      pending(server);
      tasks.take().run();
      assertThat(seen).hasSize(1).noneMatch(login -> login.contains(LOGIN.password()));
    }
  }

  @Test
  void whatTheServerIsIsTold() throws Exception {
    try (var server = server(login -> false)) {
      assertThat(answerOf(server)).isEqualTo("rejects the login");
    }
    try (var full =
        TestingMemcached.behaving(
            (self, in, out) -> out.write("ERROR Too many open connections\r\n".getBytes(UTF_8)))) {
      assertThat(answerOf(full)).contains("accepts no more connections");
    }
  }

  /** Each as it runs: it may not have restarted since spec.listen changed. */
  @ParameterizedTest
  @EnumSource
  void serverIsAskedUnlessItListensOnLoopback(Listen wanted) {
    SecureMemcached resource = Fleet.resource("{listen: %s}".formatted(wanted));
    List<Pod> pods =
        List.of(
            ServedPod.listening(pod(), "cache-0", "127.0.0.1"),
            ServedPod.listening(pod(), "cache-1", "$(POD_IP),127.0.0.1"));
    Next next = new Next(LOGIN, NOW);
    assertThat(proof.pending(resource, pods, next, NOW))
        .extracting(PendingServer::name, pending -> pending.message().text())
        .containsExactly(
            tuple(
                "cache-0",
                "listens on 127.0.0.1 only; the login counts as delivered 2 minutes after it was written"),
            tuple("cache-1", "not verified yet"));
    assertThat(proof.pending(resource, pods, next, NOW.plus(LoginProof.UNSEEN)))
        .extracting(PendingServer::name)
        .containsExactly("cache-1");
  }

  private String answerOf(TestingMemcached server) throws InterruptedException {
    pending(server);
    tasks.take().run();
    return pending(server).stream().map(pending -> pending.message().text()).findFirst().orElse("");
  }

  private List<PendingServer> pending(TestingMemcached server) {
    SecureMemcached resource =
        Serialization.unmarshal(
            """
            metadata: {name: cache, namespace: shop, uid: cache, generation: 1}
            spec: {port: %d}
            """
                .formatted(server.address().getPort()),
            SecureMemcached.class);
    return proof.pending(resource, List.of(pod()), new Next(LOGIN, NOW), NOW);
  }

  private TestingMemcached server(Predicate<String> takes) throws IOException {
    return TestingMemcached.behaving((self, in, out) -> serve(in, out, takes));
  }

  private void serve(DataInputStream in, DataOutputStream out, Predicate<String> takes)
      throws IOException {
    while (true) {
      Received request = receive(in);
      String login = new String(request.body(), UTF_8);
      seen.add(login);
      int status = takes.test(login) ? 0 : AUTH_ERROR;
      out.write(response(request.opcode(), request.opaque(), status, "", ""));
    }
  }

  private static Pod pod() {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("shop")
        .withName("cache-0")
        .withUid("cache-0")
        .endMetadata()
        .withNewStatus()
        .withPodIP("127.0.0.1")
        .addNewContainerStatus()
        .withNewState()
        .withNewRunning()
        .endRunning()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }
}
