package io.securememcached.operator.plan;

import io.securememcached.operator.api.v1beta1.PendingUpdate;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.UpdateOrigin;
import io.securememcached.operator.api.v1beta1.UpdatePolicy;
import io.securememcached.operator.api.v1beta1.UpdateWindow;
import io.securememcached.operator.resource.FieldEffect;
import io.securememcached.operator.resource.KeyMoves;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.resource.ServerSetting;
import io.securememcached.operator.rollout.Permission;
import io.securememcached.operator.status.Pods;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.ServerUpdate;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A plan as text: a title, then two lines for each change, then what it costs and when. */
public final class PlanText {

  private static final int LONGEST_VALUE = 80;

  private final Plan plan;
  private final List<String> lines = new ArrayList<>();

  private PlanText(Plan plan) {
    this.plan = plan;
  }

  /** The text, with a line break at its end. */
  public static String of(Plan plan) {
    return new PlanText(plan).write();
  }

  private String write() {
    SecureMemcached edited = plan.edited();
    lines.add(
        "SecureMemcached %s/%s: %s"
            .formatted(
                edited.getMetadata().getNamespace(), edited.getMetadata().getName(), title()));
    if (plan.current().isPresent()) {
      restarts();
      others();
      cost();
      if (Pause.of(edited)) {
        lines.add(
            "  Paused: servers do not change until annotation %s is removed"
                .formatted(Pause.ANNOTATION));
      }
    } else if (!plan.added().isEmpty()) {
      lines.add(
          "  Servers: %s, each with an empty cache of %s"
              .formatted(String.join(", ", plan.added()), edited.getSpec().cacheSize()));
    }
    return String.join("\n", lines) + "\n";
  }

  private String title() {
    if (plan.current().isEmpty()) {
      return "is created";
    }
    if (!plan.restarts().isEmpty()) {
      return "%d of %d servers restart"
          .formatted(plan.restarts().size(), plan.edited().getSpec().replicas());
    }
    if (plan.changes().isEmpty()) {
      return "the spec does not change";
    }
    return plan.removed().isEmpty() ? "no server restarts" : "no server restarts, some are removed";
  }

  private void restarts() {
    for (PendingUpdate update : grouped()) {
      boolean isPending =
          update.servers().stream().allMatch(server -> isPending(server, update.change()));
      line(update.change(), update.from(), update.to());
      lines.add(
          "    restarts %s, in this order, as %s%s"
              .formatted(
                  String.join(", ", update.servers()),
                  update.why().isEmpty()
                      ? "this version of the operator requires it"
                      : update.why(),
                  isPending ? "; pending already" : ""));
    }
  }

  private List<PendingUpdate> grouped() {
    return new Rollout(plan.restarts(), "", Rollout.Phase.RESTARTING, "", Optional.empty())
        .toStatus();
  }

  private boolean isPending(String server, String change) {
    return plan.pending().stream()
        .filter(update -> update.name().equals(server))
        .flatMap(update -> update.changes().stream())
        .anyMatch(pending -> pending.what().equals(change));
  }

  /** Changed fields for which no server restarts. */
  private void others() {
    Set<String> restarting =
        grouped().stream().map(PendingUpdate::change).collect(Collectors.toSet());
    for (FieldChange change : plan.changes()) {
      FieldEffect effect = FieldEffect.of(change.path());
      boolean isListed =
          (effect.reach() == FieldEffect.Reach.RESTART
                  || effect.reach() == FieldEffect.Reach.IN_PLACE)
              && FieldEffect.setting(change.path())
                  .map(ServerSetting::field)
                  .filter(restarting::contains)
                  .isPresent();
      if (!isListed) {
        line(change.path(), change.from(), change.to());
        lines.add("    " + effect(effect));
      }
    }
  }

  private String effect(FieldEffect effect) {
    return switch (effect.reach()) {
      case RESTART ->
          plan.restarts().isEmpty()
              ? "restarts no server: none runs, or they all run with it already"
              : "comes with the restart";
      case SERVERS -> servers();
      case LIVE, IN_PLACE, NEXT_START -> effect.reach().text() + ": " + effect.why();
    };
  }

  private String servers() {
    int to = plan.edited().getSpec().replicas();
    int from = plan.current().map(current -> current.getSpec().replicas()).orElse(to);
    String keys = from == to ? "" : "\n    " + KeyMoves.of(from, to);
    return (plan.removed().isEmpty()
            ? "creates %s, with an empty cache; the other servers keep theirs"
                .formatted(String.join(", ", plan.added()))
            : "removes %s at once, with %s; the other servers keep theirs"
                .formatted(
                    String.join(", ", plan.removed()),
                    plan.removed().size() == 1
                        ? "its cache of " + cacheSize()
                        : "their caches of %s each".formatted(cacheSize())))
        + keys;
  }

  private void cost() {
    if (plan.restarts().isEmpty()) {
      return;
    }
    UpdatePolicy policy = plan.edited().getSpec().updates();
    lines.add(
        "  Cost: each of these servers loses its cache of %s when it restarts"
            .formatted(cacheSize()));
    List<String> broken =
        plan.restarts().stream()
            .filter(update -> !Pods.isRunning(update.pod()))
            .map(ServerUpdate::name)
            .toList();
    if (!broken.isEmpty()) {
      lines.add(
          "  %s: not running, so replaced at once, without a cache to lose"
              .formatted(String.join(", ", broken)));
    }
    Set<UpdateOrigin> origins =
        plan.restarts().stream().map(ServerUpdate::origin).collect(Collectors.toSet());
    origins.stream().sorted().forEach(origin -> lines.add("  When: " + when(policy, origin)));
    Duration pauses = policy.pauseDuration().multipliedBy(plan.restarts().size() - 1L);
    lines.add(
        "  One server at a time, %s after the last one was ready (spec.updates.pause)%s"
            .formatted(
                policy.pause(),
                pauses.isZero() ? "" : ": at least %s for all".formatted(text(pauses))));
    limit();
  }

  /** Servers that don't run are not limited. */
  private void limit() {
    if (plan.restarts().stream()
        .anyMatch(
            update -> update.origin() == UpdateOrigin.Operator && Pods.isRunning(update.pod()))) {
      lines.add(
          "  In the whole cluster: for what the operator changes, at most %d at a time and %d a minute (chart values updates.maxConcurrent and updates.maxPerMinute)"
              .formatted(plan.limit().maxConcurrent(), plan.limit().maxPerMinute()));
    }
  }

  private String when(UpdatePolicy policy, UpdateOrigin origin) {
    Permission permission = plan.permission();
    return switch (permission.toUpdate(origin)) {
      case YES -> "immediately";
      case AFTER_APPROVAL ->
          "after an approval by 'kubectl securememcached update %s --namespace %s'%s"
              .formatted(
                  plan.edited().getMetadata().getName(),
                  plan.edited().getMetadata().getNamespace(),
                  policy.windows().isEmpty() ? "" : ", and " + window());
      case IN_A_WINDOW -> window();
    };
  }

  private String window() {
    Optional<UpdateWindow.Opening> opening = plan.permission().opening();
    if (opening.isEmpty()) {
      return "never, as the operator knows no time zone of spec.updates.windows";
    }
    return opening.get().contains(plan.permission().now())
        ? "in the window that is open until " + opening.get().end().truncatedTo(ChronoUnit.SECONDS)
        : "in the window that opens at " + opening.get().start().truncatedTo(ChronoUnit.SECONDS);
  }

  private String cacheSize() {
    return plan.current().orElse(plan.edited()).getSpec().cacheSize();
  }

  private void line(String what, String from, String to) {
    lines.add("  %s from %s to %s".formatted(what, shown(from), shown(to)));
  }

  /** A user's text, which may not control the terminal of another one. */
  private static String shown(String value) {
    return value.isEmpty() ? "none" : Quoted.printable(value, LONGEST_VALUE);
  }

  /** Such as 2m30s. */
  private static String text(Duration duration) {
    return duration.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
  }
}
