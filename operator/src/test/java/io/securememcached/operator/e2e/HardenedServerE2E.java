package io.securememcached.operator.e2e;

import static io.securememcached.operator.e2e.Checks.assertFindsFault;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.memcached.RealMemcached;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What an attacker would try on one server, and what a person sees of it. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class HardenedServerE2E {

  private final Sandbox sandbox;
  private final BarePods bare;
  private Checks checks;
  private Server server;

  HardenedServerE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, "e2e-hardened");
    bare = new BarePods(sandbox);
  }

  @BeforeAll
  void start() {
    sandbox.apply(
        "sessions",
        """
        sourceZones:
          - name: web
            sources:
              - podSelector:
                  matchLabels:
                    app: web
        """);
    checks = new Checks(sandbox, sandbox.client("web", Map.of("app", "web")));
    sandbox.awaitReady("sessions");
    server = sandbox.server("sessions-0", "sessions-credentials");
    Sandbox.awaitReach(checks.client(), server, Place.Reach.CONNECTED);
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void wrongPasswordIsRefused() {
    checks.refusesWrongPassword(server);
    assertFindsFault(checks::refusesWrongPassword, bare.withOtherPassword("with-other-password"));
  }

  @Test
  void nothingIsReadAfterARefusedLogin() {
    checks.refusesGetAfterRefusedLogin(server);
    assertFindsFault(checks::refusesGetAfterRefusedLogin, bare.withoutSasl("without-sasl"));
  }

  /** The counter-example is a server of this machine, whose packages bring all mechanisms. */
  @Test
  void anonymousIsRefused(@TempDir Path emptySaslDirectory) throws Exception {
    try (Relay relay = new Relay(checks.client(), server)) {
      Checks.refusesAnonymous(relay.address());
    }
    try (RealMemcached withoutConfiguration = RealMemcached.start(emptySaslDirectory)) {
      assertThat(RawLogin.anonymous(withoutConfiguration.address()))
          .isEqualTo(new RawLogin.Answers(0, 0));
      Checks.assertFails(() -> Checks.refusesAnonymous(withoutConfiguration.address()));
    }
  }

  @Test
  void nothingGetsOutOfAServer() {
    Server outside = bare.withoutLogins("outside");
    Server free = bare.withoutLogins("free");
    Checks.Check keepsIn =
        from -> {
          assertThat(sandbox.in(from.pod()).reach(outside)).isEqualTo(Place.Reach.TIMED_OUT);
          checks.letsClientIn(outside);
        };
    keepsIn.on(server);
    assertFindsFault(keepsIn, free);
  }

  @Test
  void runsUnderTheRestrictedProfile() {
    Pod pod = sandbox.pod("sessions-0");
    assertThat(pod.getSpec().getContainers().getFirst().getSecurityContext())
        .satisfies(
            context -> {
              assertThat(context.getReadOnlyRootFilesystem()).isTrue();
              assertThat(context.getAllowPrivilegeEscalation()).isFalse();
              assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
            });
    assertThat(sandbox.in("sessions-0").run("bash", "-c", "echo x >/tmp/x || echo x >/x").errors())
        .contains("Read-only file system");
    Pod careless = BarePods.pod("careless", Map.of()).build();
    careless.getSpec().getContainers().getFirst().setSecurityContext(null);
    assertThatThrownBy(
            () ->
                sandbox
                    .client()
                    .pods()
                    .inNamespace(sandbox.namespace())
                    .resource(careless)
                    .create())
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("violates PodSecurity \"restricted");
  }

  @Test
  void statusTellsTheVersionThatTheServerAnswered() {
    assertThat(
            sandbox
                .await(
                    "sessions",
                    resource -> !resource.getStatus().servers().getFirst().version().isEmpty())
                .getStatus()
                .servers()
                .getFirst()
                .version()
                .text())
        .isEqualTo(TestedFlavor.VERSION);
  }

  @Test
  void eventsTellOfChangesAlone() {
    assertThat(new Owned(sandbox).eventsOf("sessions"))
        .extracting(event -> event.split(" ")[1])
        .containsExactlyInAnyOrder("ServersStarting", "AllServersReady");
  }

  @Test
  void tableOfKubectlShowsWhatMatters() {
    assertThat(columns("get", "smc", "sessions"))
        .matches(
            "NAME SERVERS CACHE ZONES PROVEN READY AGE\nsessions 1/1 64Mi web True True \\d+[ms]\\S*");
    assertThat(columns("get", "smc", "sessions", "-o", "wide"))
        .matches(
            "NAME SERVERS CACHE ZONES PROVEN READY REASON LISTEN PORT IMAGE UPTODATE AGE\n"
                + "sessions 1/1 64Mi web True True AllServersReady PodIP 11211 \\S+:"
                + Pattern.quote(TestedFlavor.TAG)
                + " True \\d+[ms]\\S*");
  }

  @Test
  void tableOfKubectlShowsAServerThatCannotStart() {
    sandbox.apply(
        """
        apiVersion: securememcached.io/v1beta1
        kind: SecureMemcached
        metadata:
          name: broken
        spec:
          image:
            reference: securememcached.invalid/no-such-image:1
            pullPolicy: Never
        """);
    sandbox.awaitReason("broken", "ServerFailing");
    assertThat(columns("get", "smc", "broken", "-o", "wide"))
        .matches(
            "NAME SERVERS CACHE ZONES PROVEN READY REASON LISTEN PORT IMAGE UPTODATE AGE\n"
                + "broken 0/1 64Mi Unknown False ServerFailing PodIP 11211 securememcached.invalid/no-such-image:1 True \\d+[ms]\\S*");
  }

  private String columns(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("-n", sandbox.namespace()));
    String table = sandbox.installation().kubectl(all.toArray(String[]::new));
    return table.replaceAll(" +", " ").replaceAll(" \n", "\n").strip();
  }
}
