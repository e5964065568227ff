package io.securememcached.operator.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.securememcached.operator.api.v1beta1.PendingServer;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.credentials.LoginProof;
import io.securememcached.operator.probe.ServerTasks;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.UserLogins.Next;
import io.securememcached.operator.watches.ReplacedPods;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A gone pod's address may be another pod's a moment later: nobody is asked there, least of all
 * with a login, and nothing of the gone pod stays.
 */
class GonePodTest {

  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
  private static final Login LOGIN = new Login("cache", "secret");

  /** Who has the address now. */
  private final ServerSocket heir = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));

  private final SecureMemcached resource =
      Serialization.unmarshal(
          """
          apiVersion: securememcached.io/v1beta1
          kind: SecureMemcached
          metadata: {name: cache, namespace: shop, uid: cache, generation: 1}
          spec: {port: %d}
          """
              .formatted(heir.getLocalPort()),
          SecureMemcached.class);

  private final Pod pod = pod("cache-0", "127.0.0.1");
  private final Set<String> there = new HashSet<>(Set.of("cache-0"));
  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ServerVerifier verifier =
      new ServerVerifier(this::add, Map.of(), this::lookAtTheClock, registry, this::isThere);
  private final LoginProof proof = new LoginProof(this::add, this::isThere);

  private int looksUntilItGoes;

  GonePodTest() throws IOException {}

  @AfterEach
  void close() throws IOException {
    heir.close();
  }

  @Test
  void checksLeaveGaugesThatGoWithThePod() throws Exception {
    heir.close();
    verify();
    tasks.take().run();
    assertThat(registry.getMeters()).isNotEmpty();
    goes();
    assertThat(registry.getMeters()).isEmpty();
  }

  /** Its list of pods is older. */
  @Test
  void lateCheckIsNotMade() {
    goes();
    verify();
    assertThat(tasks).isEmpty();
  }

  @Test
  void checkOfAPodThatGoesMeanwhileIsNotMade() throws Exception {
    // The first look is for the new state, the second for its check.
    looksUntilItGoes = 2;
    verify();
    tasks.take().run();
    assertNobodyCame();
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void checkThatWaitsForAThreadIsNotMade() throws Exception {
    verify();
    goes();
    tasks.take().run();
    assertNobodyCame();
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void loginIsTried() throws Exception {
    assertThat(pending(pod)).isNotEmpty();
    Thread asking = Thread.ofVirtual().start(tasks.take());
    heir.accept().close();
    asking.join();
    // It was refused, so it comes again.
    tasks.take();
  }

  @Test
  void lateLoginIsNotTried() throws Exception {
    goes();
    assertThat(pending(pod)).isNotEmpty();
    there.add("cache-1");
    pending(pod("cache-1", "127.0.0.2"));
    // Its pause ends last.
    tasks.take().run();
    assertNobodyCame();
  }

  @Test
  void loginThatWaitsIsNotTried() throws Exception {
    pending(pod);
    goes();
    tasks.take().run();
    assertNobodyCame();
  }

  /** A pod that starts anew after its node did has another address. */
  @Test
  void loginIsNotTriedAtAFormerAddress() throws Exception {
    pending(pod);
    Pod moved = pod("cache-0", "127.0.0.2");
    pending(moved);
    proof.keep(List.of(moved), List.of(LOGIN));
    tasks.take().run();
    assertNobodyCame();
    try (ServerSocket server =
        new ServerSocket(heir.getLocalPort(), 1, InetAddress.getByName("127.0.0.2"))) {
      Thread asking = Thread.ofVirtual().start(tasks.take());
      server.accept().close();
      asking.join();
    }
  }

  /** A list after a gap shows the successor as the same object with another uid. */
  @Test
  void replacedPodIsGone() {
    List<Pod> gone = new ArrayList<>();
    Pod successor = pod("cache-0", "127.0.0.1");
    ReplacedPods.report(pod, successor, gone::add);
    assertThat(gone).isEmpty();
    successor.getMetadata().setUid("another");
    ReplacedPods.report(pod, successor, gone::add);
    assertThat(gone).containsExactly(pod);
  }

  /** Lets the pod go in the middle of a pass. */
  private Instant lookAtTheClock() {
    if (looksUntilItGoes > 0 && --looksUntilItGoes == 0) {
      goes();
    }
    return NOW;
  }

  private void add(String namespace, ServerTasks.Urgency urgency, Runnable task) {
    assertThat(namespace).isEqualTo("shop");
    tasks.add(task);
  }

  private void goes() {
    there.remove("cache-0");
    verifier.forget(pod);
    proof.forget(pod);
  }

  private boolean isThere(Pod asked) {
    return there.contains(asked.getMetadata().getUid());
  }

  private void verify() {
    verifier.verify(resource, List.of(pod), Logins.none(Map.of()), List.of());
  }

  private List<PendingServer> pending(Pod of) {
    return proof.pending(resource, List.of(of), new Next(LOGIN, NOW), NOW);
  }

  private void assertNobodyCame() throws IOException {
    heir.setSoTimeout(1);
    assertThatThrownBy(heir::accept).isInstanceOf(SocketTimeoutException.class);
  }

  private static Pod pod(String name, String address) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("shop")
        .withName(name)
        .withUid(name)
        .endMetadata()
        .withNewStatus()
        .withPodIP(address)
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .endCondition()
        .addNewContainerStatus()
        .withNewState()
        .withNewRunning()
        .endRunning()
        .endState()
        .withRestartCount(0)
        .endContainerStatus()
        .endStatus()
        .build();
  }
}
