package io.securememcached.operator.updates;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.UpdateOrigin;
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.resource.ServerSetting;
import io.securememcached.operator.resource.ServerSetting.Effect;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * What a server gets when it restarts.
 *
 * @param changes never empty
 */
public record ServerUpdate(Pod pod, UpdateOrigin origin, List<Change> changes) {

  /** What changes if the image does. */
  public static final String IMAGE = "image";

  public ServerUpdate {
    changes = List.copyOf(changes);
  }

  /**
   * One change.
   *
   * @param what field of the spec, {@code image}, {@code podTemplate} or {@code restart}
   * @param why it takes a restart
   * @param closes which known vulnerability of the server, as "closes CVE-2026-12345, ..."; empty
   *     if it closes none, or that is not known
   */
  public record Change(String what, String from, String to, String why, String closes) {

    /** A change of which is not known that it closes a vulnerability. */
    public Change(String what, String from, String to, String why) {
      this(what, from, to, why, "");
    }

    /** Such as "cacheSize from 64Mi to 128Mi". */
    @Override
    public String toString() {
      return what
          + " from "
          + shown(from)
          + " to "
          + shown(to)
          + (closes.isEmpty() ? "" : " (" + closes + ")");
    }

    /** Why it takes a restart, and what it closes. */
    String reasons() {
      return closes.isEmpty() ? why : why + "; " + closes;
    }

    private static String shown(String value) {
      return value.isEmpty() ? "none" : value;
    }
  }

  /**
   * The updates of all servers that differ from the StatefulSet's template, the one with the
   * highest number first: in this order they restart, as with Kubernetes' own rolling update.
   *
   * @param onlyByRestart whether a server gets changes with this effect by a restart alone
   */
  public static List<ServerUpdate> all(
      SecureMemcached primary,
      StatefulSet set,
      List<Pod> servers,
      BiPredicate<Pod, Effect> onlyByRestart) {
    AppliedTemplate next = AppliedTemplate.of(set);
    return servers.stream()
        .sorted(
            Comparator.comparingInt(
                    (Pod pod) -> Names.ordinal(primary, pod.getMetadata().getName()).orElse(-1))
                .reversed())
        .flatMap(pod -> of(set, next, pod, effect -> onlyByRestart.test(pod, effect)).stream())
        .toList();
  }

  /** Whether it closes a known vulnerability of the server. */
  public boolean isSecurityUpdate() {
    return changes.stream().anyMatch(change -> !change.closes().isEmpty());
  }

  /** Name of the server. */
  public String name() {
    return pod.getMetadata().getName();
  }

  private static Optional<ServerUpdate> of(
      StatefulSet set, AppliedTemplate next, Pod pod, Predicate<Effect> onlyByRestart) {
    if (isOfPresentTemplate(set, pod)) {
      // Whatever a webhook has made of its annotations.
      return Optional.empty();
    }
    AppliedTemplate now = AppliedTemplate.of(pod);
    boolean isOther = !now.id().equals(next.id());
    List<Change> changes =
        new ArrayList<>(
            settings(
                now,
                next,
                effect -> effect == Effect.RESTART ? isOther : onlyByRestart.test(effect)));
    List<Change> requests = requests(now, next, set, pod);
    if (!isOther && changes.isEmpty() && requests.isEmpty()) {
      return Optional.empty();
    }
    UpdateOrigin origin =
        !requests.isEmpty()
            ? UpdateOrigin.Request
            : changes.isEmpty() ? UpdateOrigin.Operator : UpdateOrigin.Spec;
    changes.addAll(requests);
    image(set, pod).filter(image -> isOther).ifPresent(changes::add);
    if (changes.isEmpty()) {
      changes.add(
          new Change(
              "podTemplate",
              now.id().isEmpty() ? "of an earlier version" : now.id(),
              next.id(),
              "a pod has its settings from the start"));
    }
    return Optional.of(new ServerUpdate(pod, origin, changes));
  }

  /**
   * What differs in the spec; nothing where it is not known what the server was started with.
   *
   * @param effects which effects of a change count
   */
  public static List<Change> settings(
      AppliedTemplate now, AppliedTemplate next, Predicate<Effect> effects) {
    if (now.settings().isEmpty() || next.settings().isEmpty()) {
      return List.of();
    }
    Map<String, String> before = now.settings().get();
    Map<String, String> after = next.settings().get();
    TreeSet<String> fields = new TreeSet<>(before.keySet());
    fields.addAll(after.keySet());
    return fields.stream()
        .filter(
            field ->
                effects.test(
                    ServerSetting.named(field).map(ServerSetting::effect).orElse(Effect.RESTART)))
        .map(
            field ->
                new Change(
                    field,
                    ServerSetting.value(before, field),
                    ServerSetting.value(after, field),
                    ServerSetting.named(field).map(ServerSetting::why).orElse("")))
        .filter(change -> !change.from().equals(change.to()))
        .toList();
  }

  private static Optional<Change> image(StatefulSet set, Pod pod) {
    String now = ActualServers.container(pod.getSpec()).map(Container::getImage).orElse("");
    String next =
        ActualServers.container(set.getSpec().getTemplate().getSpec())
            .map(Container::getImage)
            .orElse("");
    return now.equals(next)
        ? Optional.empty()
        : Optional.of(new Change(IMAGE, now, next, "memcached is another program"));
  }

  private static List<Change> requests(
      AppliedTemplate now, AppliedTemplate next, StatefulSet set, Pod pod) {
    List<Change> requests = new ArrayList<>();
    if (now.restarts() < next.restarts()) {
      requests.add(
          new Change(
              "restart",
              Integer.toString(now.restarts()),
              Integer.toString(next.restarts()),
              "an annotation of the resource asks for it"));
    }
    // A repaired template has lost it, and nobody asks for anything by that.
    if (!next.restartedAt().isEmpty() && !now.restartedAt().equals(next.restartedAt())) {
      requests.add(
          new Change(
              "restart",
              now.restartedAt(),
              next.restartedAt(),
              "kubectl rollout restart asks for it"));
    }
    if (now.id().equals(next.id()) && isChanged(set, pod)) {
      requests.add(
          new Change(
              "podTemplate",
              "changed by somebody else",
              next.id(),
              "the pod was created while the template was changed"));
    }
    return requests;
  }

  /**
   * Whether a pod was created from a template that somebody had changed for a moment. What webhooks
   * change in pods is not compared; the exposure audit looks at that.
   */
  private static boolean isChanged(StatefulSet set, Pod pod) {
    if (ActualServers.revision(pod).isEmpty() || !ActualServers.isObserved(set)) {
      return false;
    }
    PodSpec wanted = set.getSpec().getTemplate().getSpec();
    return !ActualServers.container(pod.getSpec())
        .flatMap(now -> ActualServers.container(wanted).map(next -> startsAlike(now, next)))
        .orElse(false);
  }

  private static boolean startsAlike(Container now, Container next) {
    return now.getCommand().equals(next.getCommand())
        && now.getArgs().equals(next.getArgs())
        && now.getEnv().containsAll(next.getEnv());
  }

  private static boolean isOfPresentTemplate(StatefulSet set, Pod pod) {
    return ActualServers.isObserved(set)
        && ActualServers.revision(pod).isPresent()
        && ActualServers.revision(pod)
            .equals(Optional.ofNullable(set.getStatus().getUpdateRevision()));
  }
}
