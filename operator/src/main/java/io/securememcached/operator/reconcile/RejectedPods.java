package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventList;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.text.Quoted;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why Kubernetes creates no pods for a StatefulSet: a quota, a LimitRange, an admission policy, a
 * missing PriorityClass. It says so in events and nowhere else.
 *
 * <p>They are listed only while pods are missing, and not watched: a watch would cache events of
 * all namespaces, which anyone who may create events can make large and numerous. Anyone who may
 * create events in the namespace can also forge a misleading one.
 */
final class RejectedPods {

  /** Events in one page; the API server takes events of up to 1.5 MiB. */
  private static final long PAGE = 5;

  /** With more than one reason a StatefulSet of 100 pods has a few dozen events an hour. */
  private static final int MOST_PAGES = 20;

  /** Maximum length of a message, in characters. */
  private static final int LONGEST = 400;

  /** The StatefulSet controller tries again after 17 minutes at the latest. */
  private static final Duration LATEST = Duration.ofMinutes(20);

  /** The event is written a moment after the StatefulSet's status. */
  private static final Duration LOOK_FOR_REASON = Duration.ofSeconds(3);

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  private static final String BEFORE_REASON = "^create Pod \\S+ in StatefulSet \\S+ failed error: ";

  private static final Logger LOG = LoggerFactory.getLogger(RejectedPods.class);

  private RejectedPods() {}

  /**
   * Whether a StatefulSet has fewer pods than requested, and its controller has observed the spec.
   */
  static boolean areMissing(StatefulSet servers) {
    return ActualServers.isObserved(servers)
        && Optional.ofNullable(servers.getStatus().getReplicas()).orElse(0)
            < servers.getSpec().getReplicas();
  }

  /**
   * When to list again: no watched event says why a pod is missing, or that the reason has changed.
   */
  static Optional<Duration> nextLook(Optional<StatefulSet> servers, Optional<String> reason) {
    return servers
        .filter(RejectedPods::areMissing)
        .map(set -> reason.isPresent() ? LOOK_AGAIN : LOOK_FOR_REASON);
  }

  /**
   * The latest reason, in the API server's words, as one short line; empty if there is none, or if
   * no pod is missing.
   */
  static Optional<String> reason(
      Optional<StatefulSet> servers, Instant now, KubernetesClient client) {
    return servers.filter(RejectedPods::areMissing).flatMap(set -> latest(set, now, client));
  }

  /** One at a time, so that only one page of events is in memory. */
  private static synchronized Optional<String> latest(
      StatefulSet servers, Instant now, KubernetesClient client) {
    Optional<Refusal> latest = Optional.empty();
    try {
      String next = null;
      for (int page = 0; page < MOST_PAGES; page++) {
        EventList answer = list(servers, next, client);
        latest =
            Stream.concat(
                    latest.stream(),
                    answer.getItems().stream().flatMap(event -> Refusal.of(event).stream()))
                .max(Comparator.comparing(Refusal::at).thenComparing(Refusal::message));
        next = answer.getMetadata().getContinue();
        if (next == null || next.isEmpty()) {
          break;
        }
      }
    } catch (KubernetesClientException e) {
      LOG.warn(
          "Could not list the events of StatefulSet {}/{}",
          servers.getMetadata().getNamespace(),
          servers.getMetadata().getName(),
          e);
    }
    return latest.filter(refusal -> refusal.at().isAfter(now.minus(LATEST))).map(Refusal::message);
  }

  private static EventList list(StatefulSet servers, String next, KubernetesClient client) {
    ListOptions options = new ListOptionsBuilder().withLimit(PAGE).withContinue(next).build();
    return client
        .v1()
        .events()
        .inNamespace(servers.getMetadata().getNamespace())
        .withFields(
            Map.of(
                "reason", "FailedCreate",
                "involvedObject.kind", "StatefulSet",
                "involvedObject.uid", servers.getMetadata().getUid()))
        .list(options);
  }

  /** One event, short. */
  private record Refusal(Instant at, String message) {

    static Optional<Refusal> of(Event event) {
      String text = event.getMessage() == null ? "" : event.getMessage();
      String said = Quoted.printable(text.replaceFirst(BEFORE_REASON, ""), LONGEST);
      return Optional.ofNullable(event.getLastTimestamp())
          .flatMap(Refusal::time)
          .map(time -> new Refusal(time, said));
    }

    private static Optional<Instant> time(String text) {
      try {
        return Optional.of(Instant.parse(text));
      } catch (DateTimeException e) {
        return Optional.empty();
      }
    }
  }
}
