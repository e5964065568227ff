package io.securememcached.operator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.status.Finding;
import io.securememcached.operator.status.Pods;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.testing.Fleet;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.updates.Rollout.Phase;
import io.securememcached.operator.updates.ServerUpdate;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which server restarts when. */
class DecisionTest {

  /** A Saturday. */
  private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");

  private static final Instant EARLIER = NOON.minus(Duration.ofDays(1));
  private static final String IN_WINDOW =
      "updates: {specChanges: InWindow, operatorChanges: InWindow, windows: [{days: [Saturday], start: \"%s\", duration: 2h}]}";

  private final List<Pod> servers = new ArrayList<>();
  private final Map<String, Verification> verifications = new HashMap<>();
  private String spec = "{replicas: 3}";
  private Optional<String> approval = Optional.empty();
  private boolean isObserved = true;

  @Test
  void nothingToDoRestartsNothing() {
    servers(after(), after(), after());
    assertThat(decide().rollout().phase()).isEqualTo(Phase.UP_TO_DATE);
    assertThat(decide().restart()).isEmpty();
  }

  @Test
  void highestServerRestartsFirst() {
    servers(before(), before(), before());
    assertRestarts("cache-2");
  }

  @Test
  void nextServerWaitsForTheLastToBeReady() {
    servers(before(), before(), Fleet.server(after(), 2, NOON.minusSeconds(2)));
    servers.set(2, Fleet.unready(servers.get(2)));
    assertWaits("The next server restarts when cache-2 is ready.");
    servers.set(2, Fleet.going(servers.get(2)));
    assertWaits("The next server restarts when cache-2 is ready.");
    servers.removeLast();
    assertWaits("Not all servers exist at the moment.");
  }

  @Test
  void serverThatIsBeingDeletedIsNotDeletedAgain() {
    servers(before(), before(), before());
    servers.set(2, Fleet.going(servers.get(2)));
    assertThat(decide().restart()).isEmpty();
  }

  /** Else the controller might create it from the template before. */
  @Test
  void nothingRestartsBeforeTheControllerHasSeenTheChange() {
    servers(before(), before(), before());
    isObserved = false;
    assertWaits("The StatefulSet controller has not seen the change yet.");
  }

  @Test
  void nextServerWaitsForTheLastToBeVerified() {
    servers(before(), before(), after());
    isNotVerified(2);
    assertWaits("The next server restarts when cache-2 is verified.");
  }

  /** A server is checked by where it listens: nobody can verify it on 127.0.0.1. */
  @Test
  void serverOnLoopbackIsNotWaitedFor() {
    StatefulSet loopback = Fleet.set(Fleet.resource("{replicas: 3, listen: Loopback}"), "old", 0);
    servers(loopback, loopback, after());
    Stream.of(0, 1).forEach(this::isNotVerified);
    assertRestarts("cache-1");

    StatefulSet reachable = before();
    spec = "{replicas: 3, listen: Loopback}";
    servers(reachable, reachable, after());
    isNotVerified(2);
    assertRestarts("cache-1");
    isNotVerified(0);
    assertWaits("The next server restarts when cache-0 is verified.");
  }

  @Test
  void nextServerWaitsForTheCacheOfTheLastToRefill() {
    servers(before(), before(), Fleet.server(after(), 2, NOON.minusSeconds(59)));
    assertWaits(
        "cache-1 restarts at 2026-11-28T12:00:01Z, so that the caches of the servers before it refill (spec.updates.pause).");
    assertThat(decide().rollout().next()).contains(NOON.plusSeconds(1));
    servers.set(2, Fleet.server(after(), 2, NOON.minusSeconds(60)));
    verified();
    assertRestarts("cache-1");
  }

  @Test
  void containerThatHasEndedHasAColdCacheToo() {
    servers(before(), before(), before());
    servers.set(
        0,
        new PodBuilder(servers.getFirst())
            .editStatus()
            .editFirstContainerStatus()
            .withRestartCount(1)
            .editState()
            .editRunning()
            .withStartedAt(NOON.minusSeconds(10).toString())
            .endRunning()
            .endState()
            .endContainerStatus()
            .endStatus()
            .build());
    assertThat(decide().rollout().next()).contains(NOON.plusSeconds(50));
  }

  @Test
  void pauseIsThatOfTheResource() {
    spec = "{replicas: 3, updates: {pause: 0s}}";
    servers(before(), before(), Fleet.server(after(), 2, NOON.minusSeconds(1)));
    assertRestarts("cache-1");
  }

  @Test
  void requestedRestartDoesNotPause() {
    StatefulSet requested = Fleet.set(Fleet.resource(spec), "old", 1);
    Pod last = Fleet.server(requested, 2, NOON.minusSeconds(1));
    servers(before(), before(), last);
    assertThat(decide(requested).restart())
        .extracting(ServerUpdate::name)
        .containsExactly("cache-1");
  }

  @Test
  void restartedServerThatFailsHaltsTheRollout() {
    servers(before(), before(), after());
    servers.set(2, Fleet.failing(servers.get(2), "CrashLoopBackOff"));
    assertHalted("cache-2: CrashLoopBackOff");
  }

  @Test
  void restartedServerThatIsNotReadyForLongHaltsTheRollout() {
    servers(before(), before(), Fleet.unready(Fleet.server(after(), 2, NOON.minusSeconds(299))));
    assertThat(decide().rollout().phase()).isEqualTo(Phase.RESTARTING);
    assertThat(decide().rollout().next()).isPresent();
    servers.set(2, Fleet.unready(Fleet.server(after(), 2, NOON.minusSeconds(300))));
    verified();
    assertHalted("cache-2: is not ready for 5 minutes");
  }

  @Test
  void restartedServerThatFailsACheckHaltsTheRollout() {
    servers(before(), before(), after());
    fails(2, Check.ANONYMOUS_REFUSED);
    assertHalted("cache-2: check anonymous-refused fails");
    // All fail it, so the restart has made nothing worse.
    fails(0, Check.ANONYMOUS_REFUSED);
    assertRestarts("cache-1");
  }

  /** It has no key to lose, and may be the one that the update repairs. */
  @Test
  void serverThatDoesNotRunIsReplacedAtOnce() {
    spec = "{replicas: 3, updates: {operatorChanges: OnApproval, specChanges: OnApproval}}";
    servers(before(), before(), before());
    servers.set(0, Fleet.failing(servers.getFirst(), "ImagePullBackOff"));
    assertRestarts("cache-0");
  }

  @Test
  void unreadyServerComesFirst() {
    servers(before(), before(), before());
    servers.set(0, Fleet.unready(servers.getFirst()));
    assertRestarts("cache-0");
  }

  @Test
  void whatTheOperatorBringsWaitsForApproval() {
    servers(before(), before(), before());
    assertThat(decide(upgraded()).rollout().phase()).isEqualTo(Phase.APPROVAL);
    approval = Optional.of("another");
    assertThat(decide(upgraded()).rollout().phase()).isEqualTo(Phase.APPROVAL);
    assertThat(decide(upgraded()).restart()).isEmpty();
    approval = Optional.of(id(upgraded()));
    assertThat(decide(upgraded()).restart())
        .extracting(ServerUpdate::name)
        .containsExactly("cache-2");
  }

  @Test
  void serversRestartInTheWindowOnly() {
    spec = "{replicas: 3, %s}".formatted(IN_WINDOW.formatted("12:01"));
    servers(before(), before(), before());
    assertThat(decide().rollout().phase()).isEqualTo(Phase.WINDOW);
    assertThat(decide().rollout().next()).contains(NOON.plusSeconds(60));
    assertThat(decide().restart()).isEmpty();
    spec = "{replicas: 3, %s}".formatted(IN_WINDOW.formatted("12:00"));
    assertRestarts("cache-2");
    assertThat(decide(upgraded()).restart()).hasSize(1);
  }

  @Test
  void approvedUpdateWaitsForTheWindow() {
    spec = "{replicas: 3, updates: {windows: [{days: [Sunday], start: \"02:00\", duration: 2h}]}}";
    servers(before(), before(), before());
    approval = Optional.of(id(upgraded()));
    assertThat(decide(upgraded()).rollout().phase()).isEqualTo(Phase.WINDOW);
    assertThat(decide(upgraded()).rollout().next()).contains(Instant.parse("2026-11-29T02:00:00Z"));
  }

  /** Else the window would be missed, as nothing else wakes the operator. */
  @Test
  void whatWaitsForAWindowIsNotForgottenBesideAnApproval() {
    spec =
        "{replicas: 3, updates: {specChanges: InWindow, windows: [{days: [Sunday], start: \"02:00\", duration: 2h}]}}";
    StatefulSet changed = after();
    servers(before(), changed, changed);
    StatefulSet upgraded =
        Fleet.set(Fleet.resource(spec.replaceFirst("\\{", "{cacheSize: 128Mi, ")), "new", 0);
    assertThat(decide(upgraded).rollout().phase()).isEqualTo(Phase.APPROVAL);
    assertThat(decide(upgraded).rollout().next()).contains(Instant.parse("2026-11-29T02:00:00Z"));
    assertThat(decide(upgraded).rollout().detail()).contains("Others wait for a window");
  }

  @Test
  void windowThatNeverOpensIsTold() {
    spec =
        "{replicas: 3, updates: {specChanges: InWindow, windows: [{timeZone: Mars/Olympus, start: \"02:00\", duration: 2h}]}}";
    servers(before(), before(), before());
    assertThat(decide().rollout().detail()).contains("No window", "Change timeZone");
  }

  private StatefulSet before() {
    return Fleet.set(Fleet.resource(spec), "old", 0);
  }

  /** With another size, as the spec has it now. */
  private StatefulSet after() {
    SecureMemcached changed = Fleet.resource(spec.replaceFirst("\\{", "{cacheSize: 128Mi, "));
    return Fleet.set(changed, "old", 0);
  }

  /** With another image, as an upgrade of the operator brings it. */
  private StatefulSet upgraded() {
    return Fleet.set(Fleet.resource(spec), "new", 0);
  }

  private static String id(StatefulSet set) {
    return set.getSpec()
        .getTemplate()
        .getMetadata()
        .getAnnotations()
        .get("securememcached.io/template");
  }

  private void servers(Object... states) {
    servers.clear();
    for (int number = 0; number < states.length; number++) {
      servers.add(
          states[number] instanceof StatefulSet set
              ? Fleet.server(set, number, EARLIER)
              : (Pod) states[number]);
    }
    verified();
  }

  private void verified() {
    servers.forEach(
        pod ->
            verifications.put(
                pod.getMetadata().getUid(),
                new Verification(EARLIER, Quoted.of("1.6.18"), List.of())));
  }

  private void isNotVerified(int number) {
    verifications.remove(servers.get(number).getMetadata().getUid());
  }

  private void fails(int number, Check check) {
    verifications.put(
        servers.get(number).getMetadata().getUid(),
        new Verification(
            EARLIER,
            Quoted.of("1.6.18"),
            List.of(new Finding(check, Outcome.FAILED, Quoted.of("accepted")))));
  }

  private void assertRestarts(String... names) {
    assertThat(decide().restart()).extracting(ServerUpdate::name).containsExactly(names);
  }

  private void assertWaits(String detail) {
    assertThat(decide().restart()).isEmpty();
    assertThat(decide().rollout().phase()).isEqualTo(Phase.RESTARTING);
    assertThat(decide().rollout().detail()).isEqualTo(detail);
  }

  private void assertHalted(String detail) {
    assertThat(decide().restart()).isEmpty();
    assertThat(decide().rollout().phase()).isEqualTo(Phase.HALTED);
    assertThat(decide().rollout().detail()).isEqualTo(detail);
  }

  private Decision decide() {
    return decide(after());
  }

  private Decision decide(StatefulSet set) {
    SecureMemcached resource = Fleet.resource(spec);
    return Decision.of(
        new Decision.Input(
            id(set),
            ServerUpdate.all(resource, set, servers, (pod, effect) -> false),
            servers,
            3,
            verifications,
            pod -> !Pods.isLoopback(resource, pod),
            isObserved,
            new Permission(
                resource.getSpec().updates(), approval.filter(id(set)::equals).isPresent(), NOON)));
  }
}
