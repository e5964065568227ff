package io.securememcached.operator.rollout;

import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.api.v1beta1.UpdateOrigin;
import io.securememcached.operator.status.Finding;
import io.securememcached.operator.status.Pods;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.updates.Rollout.Phase;
import io.securememcached.operator.updates.ServerUpdate;
import io.securememcached.operator.verify.Check;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which servers restart now, by what is seen of them alone: an operator that starts in the middle
 * of a rollout goes on from there.
 *
 * @param restart the servers to restart now; more than one only where none of them runs
 */
record Decision(Rollout rollout, List<ServerUpdate> restart) {

  /** How long a restarted server may take to be ready. */
  static final Duration PATIENCE = Duration.ofMinutes(5);

  Decision {
    restart = List.copyOf(restart);
  }

  /**
   * What decides.
   *
   * @param id of what the servers get
   * @param pending updates in the order in which they are made
   * @param servers all requested servers that exist
   * @param wanted number of requested servers
   * @param verifications what the checks have found, by pod uid
   * @param isChecked whether a server is checked at all
   * @param isObserved whether a pod that is deleted now comes back with what it should get
   */
  record Input(
      String id,
      List<ServerUpdate> pending,
      List<Pod> servers,
      int wanted,
      Map<String, Verification> verifications,
      Predicate<Pod> isChecked,
      boolean isObserved,
      Permission permission) {

    private Stream<Pod> updated() {
      Set<String> outdated = uids(pending.stream().map(ServerUpdate::pod));
      return servers.stream().filter(pod -> !outdated.contains(pod.getMetadata().getUid()));
    }

    private Instant now() {
      return permission.now();
    }
  }

  static Decision of(Input input) {
    if (input.pending().isEmpty()) {
      return new Decision(Rollout.upToDate(), List.of());
    }
    // A server that does not run has no key to lose, and may be the one that the update repairs.
    List<ServerUpdate> broken =
        input.pending().stream()
            .filter(update -> !isGoing(update.pod()) && !Pods.isRunning(update.pod()))
            .toList();
    if (!broken.isEmpty() && input.isObserved()) {
      return restart(input, broken);
    }
    List<ServerUpdate> permitted =
        input.pending().stream()
            .filter(update -> input.permission().toUpdate(update.origin()) == Permission.Answer.YES)
            .toList();
    if (permitted.isEmpty()) {
      return waiting(input);
    }
    Optional<String> worse = worse(input);
    if (worse.isPresent()) {
      return new Decision(rollout(input, Phase.HALTED, worse.get(), Optional.empty()), List.of());
    }
    ServerUpdate next =
        permitted.stream()
            .min(Comparator.comparing(update -> Pods.isReady(update.pod())))
            .orElseThrow();
    Optional<String> obstacle = obstacle(input, next);
    if (obstacle.isPresent()) {
      return later(input, obstacle.get(), patienceEnds(input));
    }
    Optional<Instant> warm = warm(input, next);
    if (warm.isPresent()) {
      return later(
          input,
          "%s restarts at %s, so that the caches of the servers before it refill (spec.updates.pause)."
              .formatted(next.name(), text(warm.get())),
          warm);
    }
    return restart(input, List.of(next));
  }

  private static Decision restart(Input input, List<ServerUpdate> updates) {
    return new Decision(
        rollout(
            input,
            Phase.RESTARTING,
            updates.stream().map(ServerUpdate::name).collect(Collectors.joining(", "))
                + " restarts.",
            Optional.empty()),
        updates);
  }

  private static Decision later(Input input, String detail, Optional<Instant> when) {
    return new Decision(rollout(input, Phase.RESTARTING, detail, when), List.of());
  }

  private static Rollout rollout(Input input, Phase phase, String detail, Optional<Instant> next) {
    return new Rollout(input.pending(), input.id(), phase, detail, next);
  }

  private static Decision waiting(Input input) {
    Set<Permission.Answer> answers =
        input.pending().stream()
            .map(update -> input.permission().toUpdate(update.origin()))
            .collect(Collectors.toSet());
    Optional<Instant> opens = input.permission().opening().map(window -> window.start());
    if (answers.contains(Permission.Answer.AFTER_APPROVAL)) {
      boolean isForWindow = answers.contains(Permission.Answer.IN_A_WINDOW);
      return new Decision(
          rollout(
              input,
              Phase.APPROVAL,
              isForWindow ? "Others wait for a window: " + windows(opens) : "",
              isForWindow ? opens : Optional.empty()),
          List.of());
    }
    return new Decision(rollout(input, Phase.WINDOW, windows(opens), opens), List.of());
  }

  private static String windows(Optional<Instant> opens) {
    return opens
        .map(time -> "The next window of spec.updates.windows opens at " + text(time) + ".")
        .orElse(
            "No window of spec.updates.windows ever opens: this operator knows none of their time zones. Change timeZone.");
  }

  /** Why a server that was restarted is worse than those that were not. */
  private static Optional<String> worse(Input input) {
    Set<Check> known =
        input.pending().stream()
            .flatMap(update -> failed(input, update.pod()))
            .collect(Collectors.toSet());
    return input
        .updated()
        .flatMap(
            pod ->
                Stream.of(
                        Pods.problem(pod),
                        failed(input, pod)
                            .filter(check -> !known.contains(check))
                            .map(check -> "check " + check.id() + " fails")
                            .findFirst(),
                        isLate(input, pod)
                            ? Optional.of(
                                "is not ready for %d minutes".formatted(PATIENCE.toMinutes()))
                            : Optional.<String>empty())
                    .flatMap(Optional::stream)
                    .limit(1)
                    .map(problem -> pod.getMetadata().getName() + ": " + problem))
        .findFirst();
  }

  private static Stream<Check> failed(Input input, Pod pod) {
    return Optional.ofNullable(input.verifications().get(pod.getMetadata().getUid())).stream()
        .flatMap(found -> found.findings().stream())
        .filter(Finding::isFailure)
        .map(Finding::check);
  }

  private static boolean isLate(Input input, Pod pod) {
    return !isGoing(pod)
        && Pods.unreadySince(pod)
            .filter(since -> !input.now().isBefore(since.plus(PATIENCE)))
            .isPresent();
  }

  /** Why no server may restart at the moment: one at a time is away. */
  private static Optional<String> obstacle(Input input, ServerUpdate next) {
    if (!input.isObserved()) {
      return Optional.of("The StatefulSet controller has not seen the change yet.");
    }
    if (isGoing(next.pod())) {
      return Optional.of(next.name() + " is being restarted.");
    }
    if (input.servers().size() < input.wanted()) {
      return Optional.of("Not all servers exist at the moment.");
    }
    return input.servers().stream()
        .filter(pod -> !pod.equals(next.pod()))
        .flatMap(pod -> away(input, pod).stream())
        .findFirst();
  }

  private static Optional<String> away(Input input, Pod pod) {
    String name = pod.getMetadata().getName();
    if (!Pods.isReady(pod)) {
      return Optional.of("The next server restarts when " + name + " is ready.");
    }
    boolean isOpen =
        input.isChecked().test(pod)
            && !input.verifications().containsKey(pod.getMetadata().getUid());
    return isOpen
        ? Optional.of("The next server restarts when " + name + " is verified.")
        : Optional.empty();
  }

  private static Optional<Instant> patienceEnds(Input input) {
    return input
        .updated()
        .flatMap(pod -> Pods.unreadySince(pod).stream())
        .map(since -> since.plus(PATIENCE))
        .filter(time -> time.isAfter(input.now()))
        .min(Comparator.naturalOrder());
  }

  /**
   * When the caches of the other servers have refilled. A server that was restarted is cold from
   * when it was ready, another one only if its container has ended since.
   */
  private static Optional<Instant> warm(Input input, ServerUpdate next) {
    if (next.origin() == UpdateOrigin.Request) {
      return Optional.empty();
    }
    Stream<Instant> restarted = input.updated().flatMap(pod -> Pods.readySince(pod).stream());
    Stream<Instant> crashed =
        input.pending().stream()
            .filter(update -> !update.equals(next))
            .flatMap(update -> Pods.restartedAt(update.pod()).stream());
    return Stream.concat(restarted, crashed)
        .max(Comparator.naturalOrder())
        .map(cold -> cold.plus(input.permission().policy().pauseDuration()))
        .filter(time -> time.isAfter(input.now()));
  }

  private static boolean isGoing(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() != null;
  }

  private static Set<String> uids(Stream<Pod> pods) {
    return pods.map(pod -> pod.getMetadata().getUid()).collect(Collectors.toSet());
  }

  private static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
