package io.securememcached.operator.status;

import static java.util.stream.Collectors.joining;

import io.fabric8.kubernetes.api.model.Condition;
import io.securememcached.operator.api.v1beta1.UpdateWindow;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.ServerUpdate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Condition UpToDate: every server runs what it should, or what it waits for. */
final class UpToDateCondition {

  private UpToDateCondition() {}

  static Condition of(StatusInput facts) {
    if (facts.rollout().isEmpty()) {
      Optional<Failure> failure = facts.failure();
      return condition(
          facts,
          "Unknown",
          failure.map(Failure::reason).orElse(Reason.NotAttempted),
          failure.map(Failure::message).orElse("Not attempted: an earlier step failed."));
    }
    Rollout rollout = facts.rollout().get();
    return switch (rollout.phase()) {
      case UP_TO_DATE ->
          resizes(facts)
              .map(pending -> condition(facts, "False", Reason.ResizePending, pending))
              .orElseGet(
                  () ->
                      condition(
                          facts, "True", Reason.UpToDate, "Every server runs what it should."));
      case APPROVAL ->
          condition(
              facts,
              "False",
              Reason.ApprovalNeeded,
              what(rollout)
                  + " They restart when it is approved: kubectl annotate --overwrite --namespace %s securememcached %s %s=%s"
                      .formatted(
                          facts.primary().getMetadata().getNamespace(),
                          facts.primary().getMetadata().getName(),
                          Rollout.APPROVE,
                          rollout.id())
                  + (rollout.detail().isEmpty() ? "" : ". " + rollout.detail())
                  + otherApproval(facts));
      case PAUSED ->
          condition(
              facts,
              "False",
              Reason.Paused,
              "Paused since %s by annotation %s: servers and logins stay as they are, policies are enforced.%s Remove the annotation to go on."
                  .formatted(
                      facts.pausedSince(),
                      Pause.ANNOTATION,
                      facts.isApplied()
                          ? ""
                          : " Generation %d of the spec is not applied."
                              .formatted(facts.primary().getMetadata().getGeneration())));
      case WINDOW ->
          condition(
              facts, "False", Reason.WaitingForWindow, what(rollout) + " " + rollout.detail());
      case RESTARTING ->
          condition(facts, "False", Reason.RollingOut, what(rollout) + " " + rollout.detail());
      case HALTED ->
          condition(
              facts,
              "False",
              Reason.RolloutHalted,
              "No further server restarts, as a restarted one is worse than before: %s. %s"
                  .formatted(rollout.detail(), what(rollout)));
    };
  }

  /** Servers that their nodes have not resized yet, or can't, as the kubelet says. */
  private static Optional<String> resizes(StatusInput facts) {
    String refused = facts.rollout().map(Rollout::detail).orElse("");
    String pending =
        !refused.isEmpty()
            ? refused
            : facts.pods().stream()
                .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
                .flatMap(
                    pod ->
                        Pods.pendingResize(pod)
                            .map(why -> pod.getMetadata().getName() + ": " + why)
                            .stream())
                .collect(joining("; "));
    return pending.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "CPU or memory of running servers is not changed yet: %s. Lower spec.resources, make room on the node, or restart the servers elsewhere (kubectl rollout restart)."
                .formatted(pending));
  }

  /** An approval of another update, which approves nothing here. */
  private static String otherApproval(StatusInput facts) {
    String approved = facts.primary().getMetadata().getAnnotations().get(Rollout.APPROVE);
    return approved == null
        ? ""
        : ". The annotation is now %s, which approves another update or none."
            .formatted(Quoted.of(approved));
  }

  /** What is pending for how many servers. */
  private static String what(Rollout rollout) {
    int servers = rollout.pending().size();
    return "%d %s a restart, which empties the cache, for: %s."
        .formatted(
            servers,
            servers == 1 ? "server needs" : "servers need",
            rollout.pending().stream()
                .flatMap(update -> update.changes().stream())
                .map(ServerUpdate.Change::toString)
                .distinct()
                .collect(joining("; ")));
  }

  /** Windows that never open, by their index. */
  private static String closedWindows(StatusInput facts) {
    List<UpdateWindow> windows = facts.primary().getSpec().updates().windows();
    String closed =
        IntStream.range(0, windows.size())
            .filter(i -> !windows.get(i).hasKnownTimeZone())
            .mapToObj(
                i ->
                    "spec.updates.windows[%d].timeZone: %s"
                        .formatted(i, Quoted.of(windows.get(i).timeZone())))
            .collect(joining("; "));
    return closed.isEmpty()
        ? ""
        : "Windows that never open, as this operator does not know their time zones: %s. Other windows count. Set an IANA name, such as Europe/Berlin."
            .formatted(closed);
  }

  private static Condition condition(
      StatusInput facts, String status, Reason reason, String message) {
    String closed = status.equals("Unknown") ? "" : closedWindows(facts);
    return Conditions.of(
        facts,
        Conditions.UP_TO_DATE,
        status,
        reason,
        closed.isEmpty() ? message : message + (message.endsWith(".") ? " " : ". ") + closed);
  }
}
