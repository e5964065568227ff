package io.securememcached.operator.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.javaoperatorsdk.operator.OperatorException;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.config.OperatorConfig;
import io.securememcached.operator.process.OperatorJvm;
import io.securememcached.operator.process.OperatorProcess;
import io.securememcached.operator.process.TestingAccount;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.process.TestingProxy;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who acts of several instances, on a real API server. */
@WithApiServer
class LeaseIT {

  private static final int SECONDS = 30;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final ApiServer server;
  private final KubernetesClient admin;
  private final String namespace;

  LeaseIT(ApiServer server) {
    this.server = server;
    admin = server.client();
    namespace = server.newNamespace();
  }

  @Test
  void nextInstanceActsOnceTheFirstHasStopped() throws Exception {
    try (Instance first = new Instance("first")) {
      first.process.start().get(SECONDS, TimeUnit.SECONDS);
      try (Instance second = new Instance("second")) {
        CompletableFuture<Void> next = second.process.start();
        createResource("sessions");
        awaitChildrenOf("sessions");
        assertThat(next).isNotDone();
        assertThat(holder()).isEqualTo("first");
        first.stop();
        next.get(SECONDS, TimeUnit.SECONDS);
        assertThat(holder()).isEqualTo("second");
        createResource("carts");
        awaitChildrenOf("carts");
      }
    }
    assertThat(holder()).as("after the last one has stopped").isEmpty();
  }

  @Test
  void nothingIsWrittenWhileAnotherOneLeads() throws Exception {
    holdFor("somebody");
    createResource("sessions");
    try (Instance second = new Instance("second")) {
      CompletableFuture<Void> leading = second.process.start();
      createResource("carts");
      admin.resources(SecureMemcached.class).inNamespace(namespace).withName("carts").delete();
      createResource("carts");
      assertThat(admin.apps().statefulSets().inNamespace(namespace).list().getItems()).isEmpty();
      assertThat(leading).isNotDone();
      lease().edit(lease -> lease.edit().editSpec().withHolderIdentity("").endSpec().build());
      leading.get(SECONDS, TimeUnit.SECONDS);
      awaitChildrenOf("sessions");
      awaitChildrenOf("carts");
    }
  }

  @Test
  void missingRightIsNamed() {
    Config config = server.config();
    config.setImpersonateUsername("somebody-without-rights");
    try (KubernetesClient stranger = ApiClient.forLease(config)) {
      Lease lease = new Lease(stranger, namespace, "first", permit(), Clock.systemUTC());
      assertThatThrownBy(() -> lease.leading().get(SECONDS, TimeUnit.SECONDS))
          .hasCauseInstanceOf(OperatorException.class)
          .hasMessageContaining(
              "Missing permission to get, create or patch Lease securememcached-operator in namespace "
                  + namespace);
      lease.release();
    }
  }

  /** The second one's clock is ahead by more than the lease lasts. */
  @Test
  void clockThatIsAheadTakesNoLeaseFromWhoRenewsIt() throws Exception {
    Clock ahead = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(20));
    try (KubernetesClient client = ApiClient.forLease(server.config())) {
      Lease first = new Lease(client, namespace, "first", permit(), Clock.systemUTC());
      first.leading().get(SECONDS, TimeUnit.SECONDS);
      Lease second = new Lease(client, namespace, "second", permit(), ahead);
      for (int renewals = 0; renewals < 4; renewals++) {
        ZonedDateTime before = renewTime();
        await().atMost(PATIENCE).until(() -> renewTime().isAfter(before));
      }
      assertThat(holder()).isEqualTo("first");
      assertThat(second.leading()).isNotDone();
      first.release();
      second.leading().get(SECONDS, TimeUnit.SECONDS);
      second.release();
    }
  }

  /** Nor does one that is behind wait for ever, where the holder is gone. */
  @Test
  void leaseOfWhoIsGoneIsTakenWhateverItsTimesSay() throws Exception {
    holdFor("gone", Lease.DURATION, ZonedDateTime.now(ZoneOffset.UTC).plusYears(1));
    try (KubernetesClient client = ApiClient.forLease(server.config())) {
      long begin = System.nanoTime();
      Lease next = new Lease(client, namespace, "next", permit(), Clock.systemUTC());
      next.leading().get(2 * SECONDS, TimeUnit.SECONDS);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Lease.DURATION);
      next.release();
    }
  }

  /** The leader learns of it at its next request, and writes until then. */
  @Test
  void deletedLeaseIsTakenOnceItsHolderHasEnded() throws Exception {
    holdFor("first");
    AtomicLong nanos = new AtomicLong();
    AtomicInteger looks = new AtomicInteger();
    try (KubernetesClient client = ApiClient.of(server.config(), counting(looks))) {
      Lease next =
          new Lease(
              client, namespace, "next", new WritePermit(nanos::get, () -> {}), Clock.systemUTC());
      awaitLooks(looks);
      lease().delete();
      awaitLooks(looks);
      assertThat(lease().get()).isNull();
      assertThat(next.leading()).isNotDone();

      nanos.addAndGet(Lease.DURATION.toNanos());
      next.leading().get(SECONDS, TimeUnit.SECONDS);
      assertThat(holder()).isEqualTo("next");
      next.release();
    }
  }

  private static Interceptor counting(AtomicInteger looks) {
    return new Interceptor() {
      @Override
      public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        if (request.method().equals("GET")) {
          looks.incrementAndGet();
        }
      }
    };
  }

  /** Once the second one begins, all has been done that the first one is followed by. */
  private static void awaitLooks(AtomicInteger looks) {
    int before = looks.get();
    await().atMost(PATIENCE).until(() -> looks.get() >= before + 2);
  }

  enum Loss {
    SILENT,
    CUT
  }

  /** Whoever loses the way to the API server is gone before anybody else may take the lease. */
  @ParameterizedTest
  @CsvSource({"SILENT, true", "CUT, true", "SILENT, false"})
  void whoDoesNotReachTheApiServerEnds(Loss loss, String leaderElection) {
    Config account = TestingAccount.withToken(server, namespace);
    try (TestingProxy proxy = new TestingProxy(account.getMasterUrl())) {
      account.setMasterUrl(proxy.url());
      try (OperatorJvm operator = start(account, leaderElection)) {
        createResource("sessions");
        awaitChildrenOf("sessions");
        switch (loss) {
          case SILENT -> proxy.fallSilent();
          case CUT -> proxy.cut();
        }
        long begin = System.nanoTime();
        operator.awaitEnd(PATIENCE);
        Duration alive = Duration.ofNanos(System.nanoTime() - begin);
        assertThat(alive).as(operator.log()).isLessThan(Lease.DURATION);
        assertThat(operator.log()).contains("Lost the leadership");
      }
    }
  }

  /** A policy is deleted meanwhile, and the event waits for it in the socket. */
  @Test
  void whoWasStoppedForTooLongWritesNothingWhenItIsContinued() {
    try (OperatorJvm operator = start(TestingAccount.withToken(server, namespace), "true")) {
      createResource("sessions");
      awaitChildrenOf("sessions");
      operator.signal("STOP");
      try (KubernetesClient client = ApiClient.forLease(server.config())) {
        Lease next = new Lease(client, namespace, "next", permit(), Clock.systemUTC());
        await().atMost(PATIENCE).until(() -> next.leading().isDone());
        var policies = admin.network().v1().networkPolicies().inNamespace(namespace);
        policies.withName("sessions-default-deny").delete();

        operator.signal("CONT");
        operator.awaitEnd(PATIENCE);

        assertThat(policies.withName("sessions-default-deny").get()).isNull();
        assertThat(holder()).isEqualTo("next");
        next.release();
      }
    }
  }

  /** The counter-example: stopped for a moment, it goes on and restores what was deleted. */
  @Test
  void whoWasStoppedForAMomentGoesOn() {
    try (OperatorJvm operator = start(TestingAccount.withToken(server, namespace), "true")) {
      createResource("sessions");
      awaitChildrenOf("sessions");
      operator.signal("STOP");
      var policies = admin.network().v1().networkPolicies().inNamespace(namespace);
      policies.withName("sessions-default-deny").delete();
      operator.signal("CONT");
      await()
          .atMost(PATIENCE)
          .until(() -> policies.withName("sessions-default-deny").get() != null);
      assertThat(operator.isAlive()).isTrue();
    }
  }

  private OperatorJvm start(Config account, String leaderElection) {
    return OperatorJvm.start(
        account,
        Map.of(
            "LEADER_ELECTION", leaderElection,
            "POD_NAME", "first",
            "OPERATOR_NAMESPACE", namespace,
            "WATCH_NAMESPACES", namespace));
  }

  /** In this JVM, which must not be ended. */
  private static WritePermit permit() {
    return new WritePermit(System::nanoTime, () -> {});
  }

  private void createResource(String name) {
    SecureMemcached resource =
        admin
            .getKubernetesSerialization()
            .unmarshal(
                """
                apiVersion: securememcached.io/v1beta1
                kind: SecureMemcached
                metadata: {name: %s}
                """
                    .formatted(name),
                SecureMemcached.class);
    admin.resource(resource).inNamespace(namespace).create();
  }

  private void awaitChildrenOf(String name) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(admin.apps().statefulSets().inNamespace(namespace).withName(name).get())
                    .isNotNull());
  }

  private void holdFor(String holder) {
    holdFor(holder, Duration.ofHours(1), ZonedDateTime.now(ZoneOffset.UTC));
  }

  private void holdFor(String holder, Duration duration, ZonedDateTime time) {
    admin
        .resource(
            new LeaseBuilder()
                .withNewMetadata()
                .withName(Lease.NAME)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(holder)
                .withLeaseDurationSeconds((int) duration.toSeconds())
                .withAcquireTime(time)
                .withRenewTime(time)
                .withLeaseTransitions(0)
                .endSpec()
                .build())
        .inNamespace(namespace)
        .create();
  }

  private ZonedDateTime renewTime() {
    return lease().get().getSpec().getRenewTime();
  }

  private String holder() {
    return lease().get().getSpec().getHolderIdentity();
  }

  private Resource<io.fabric8.kubernetes.api.model.coordination.v1.Lease> lease() {
    return admin.leases().inNamespace(namespace).withName(Lease.NAME);
  }

  /** An operator in this JVM. */
  private final class Instance implements AutoCloseable {

    private final KubernetesClient client;
    private final KubernetesClient leaseClient = ApiClient.forLease(server.config());
    private final OperatorProcess process;
    private boolean closed;

    Instance(String name) {
      WritePermit permit = permit();
      client = ApiClient.of(server.config(), permit);
      Map<String, String> environment = new HashMap<>(TestingOperator.ENVIRONMENT);
      environment.put("POD_NAME", name);
      environment.put("OPERATOR_NAMESPACE", namespace);
      environment.put("WATCH_NAMESPACES", namespace);
      process =
          new OperatorProcess(
              OperatorConfig.from(environment),
              client,
              new Lease(leaseClient, namespace, name, permit, Clock.systemUTC()),
              Clock.systemUTC(),
              new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    }

    /** As its pod is stopped. */
    void stop() {
      if (!closed) {
        closed = true;
        process.close();
        client.close();
        leaseClient.close();
      }
    }

    @Override
    public void close() {
      stop();
    }
  }
}
