package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.PendingUpdate;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.api.v1beta1.UpdateOrigin;
import io.securememcached.operator.testing.KubectlYaml;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.Rollout.Phase;
import io.securememcached.operator.updates.ServerUpdate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Condition UpToDate: what is pending, and what it waits for. */
class UpToDateConditionTest extends StatusFixture {

  private static final String WHAT =
      "1 server needs a restart, which empties the cache, for: cacheSize from 64Mi to 128Mi.";

  @Test
  void saysHowToApprove() {
    rollout = rollout(Phase.APPROVAL, UpdateOrigin.Operator);
    assertThat(upToDate())
        .isEqualTo(
            "False ApprovalNeeded "
                + WHAT
                + " They restart when it is approved: kubectl annotate --overwrite --namespace shop securememcached sessions securememcached.io/approve-update=a1b2c3d4e5");
  }

  @Test
  void saysThatAnotherUpdateIsApproved() {
    rollout = rollout(Phase.APPROVAL, UpdateOrigin.Operator);
    primary.getMetadata().setAnnotations(Map.of(Rollout.APPROVE, "of-last-week"));
    assertThat(upToDate())
        .endsWith(
            "approve-update=a1b2c3d4e5. The annotation is now of-last-week, which approves another update or none.");
  }

  /** The API server rejects such a zone, but another one may have stored it, or know more zones. */
  @Test
  void saysWhichWindowsNeverOpen() {
    primary.setSpec(
        Serialization.unmarshal(
                KubectlYaml.json(
                    """
                    spec:
                      replicas: 2
                      updates:
                        windows:
                        - {start: "02:00", duration: 2h, timeZone: Europe/Berlin}
                        - {start: "02:00", duration: 2h, timeZone: Mars/Base}
                    """),
                SecureMemcached.class)
            .getSpec());
    String closed =
        "Windows that never open, as this operator does not know their time zones: spec.updates.windows[1].timeZone: Mars/Base. Other windows count. Set an IANA name, such as Europe/Berlin.";
    rollout = Rollout.upToDate();
    assertThat(upToDate()).isEqualTo("True UpToDate Every server runs what it should. " + closed);
    rollout = rollout(Phase.APPROVAL, UpdateOrigin.Operator);
    assertThat(upToDate()).endsWith("approve-update=a1b2c3d4e5. " + closed);
  }

  @Test
  void saysWhatIsRestarted() {
    rollout = rollout(Phase.RESTARTING, UpdateOrigin.Spec);
    assertThat(upToDate()).isEqualTo("False RollingOut " + WHAT + " sessions-1 restarts.");
  }

  @Test
  void saysWhatHaltsTheRollout() {
    rollout =
        new Rollout(
            rollout(Phase.HALTED, UpdateOrigin.Spec).pending(),
            "a1b2c3d4e5",
            Phase.HALTED,
            "sessions-0: CrashLoopBackOff",
            Optional.empty());
    assertThat(upToDate())
        .isEqualTo(
            "False RolloutHalted No further server restarts, as a restarted one is worse than before: sessions-0: CrashLoopBackOff. "
                + WHAT);
  }

  @Test
  void listsWhatIsPending() {
    rollout = rollout(Phase.APPROVAL, UpdateOrigin.Operator);
    SecureMemcachedStatus status = status(set(2, 2), List.of(), Optional.empty());
    assertThat(status.updateId()).isEqualTo("a1b2c3d4e5");
    assertThat(status.pendingUpdates())
        .containsExactly(
            new PendingUpdate(
                "cacheSize",
                "64Mi",
                "128Mi",
                UpdateOrigin.Operator,
                "memcached takes the size at the start",
                List.of("sessions-1")));
  }

  @Test
  void saysWhatAnUpdateCloses() {
    Rollout before = rollout(Phase.APPROVAL, UpdateOrigin.Operator);
    ServerUpdate.Change image =
        new ServerUpdate.Change(
            "image", "old", "new", "memcached is another program", "closes CVE-2026-12345");
    rollout =
        new Rollout(
            List.of(
                new ServerUpdate(
                    before.pending().getFirst().pod(), UpdateOrigin.Operator, List.of(image))),
            before.id(),
            Phase.APPROVAL,
            "",
            Optional.empty());
    assertThat(upToDate())
        .startsWith(
            "False ApprovalNeeded 1 server needs a restart, which empties the cache, for: image from old to new (closes CVE-2026-12345).");
    assertThat(status(set(2, 2), List.of(), Optional.empty()).pendingUpdates())
        .extracting(PendingUpdate::why)
        .containsExactly("memcached is another program; closes CVE-2026-12345");
  }

  /** A reconciliation that failed before has not looked: what was pending still is. */
  @Test
  void keepsWhatIsPendingWhileItIsUnknown() {
    rollout = rollout(Phase.APPROVAL, UpdateOrigin.Operator);
    primary.setStatus(status(set(2, 2), List.of(), Optional.empty()));
    SecureMemcachedStatus status =
        status(
            set(2, 2),
            List.of(),
            Optional.of(new Failure(Stage.SERVERS, Reason.RequestFailed, "no answer")));
    assertThat(condition(status, "UpToDate")).isEqualTo("Unknown RequestFailed no answer");
    assertThat(status.pendingUpdates()).hasSize(1);
    assertThat(status.updateId()).isEqualTo("a1b2c3d4e5");
  }

  private String upToDate() {
    return condition(status(set(2, 2), List.of(), Optional.empty()), "UpToDate");
  }
}
