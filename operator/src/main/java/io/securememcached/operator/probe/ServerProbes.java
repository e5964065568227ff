package io.securememcached.operator.probe;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Asks servers beside the reconciliations. What is known of a pod is kept until the pod is deleted,
 * and a reconciliation starts when there is news.
 *
 * <p>Nothing is asked of a deleted pod: another pod may have its address by then, and would be sent
 * a login.
 *
 * @param <Q> what is asked of one pod
 * @param <S> what is known of it
 */
public final class ServerProbes<Q, S> {

  private final ServerTasks tasks;
  private final Predicate<Pod> exists;
  private final Function<Q, String> uidOf;
  private final SimpleInboundEventSource<SecureMemcached> news;

  /** By pod uid, so that what is known of a deleted pod goes in one step. */
  private final Map<String, Map<Q, S>> known = new ConcurrentHashMap<>();

  /**
   * Probes that have asked nothing.
   *
   * @param name of the event source
   * @param exists whether a pod is not deleted; a reconciliation may still have it in its list
   * @param uidOf the uid of the pod that a question is about
   */
  public ServerProbes(
      String name, ServerTasks tasks, Predicate<Pod> exists, Function<Q, String> uidOf) {
    this.tasks = tasks;
    this.exists = exists;
    this.uidOf = uidOf;
    news = new SimpleInboundEventSource<>(name);
  }

  public SimpleInboundEventSource<SecureMemcached> eventSource() {
    return news;
  }

  /** What is known, if it was asked of a pod that exists. */
  public Optional<S> get(Q question) {
    return Optional.ofNullable(known.get(uidOf.apply(question)))
        .flatMap(answers -> Optional.ofNullable(answers.get(question)));
  }

  /** Begins a question with what is known at first; without effect if it was begun before. */
  public Optional<S> begin(Pod pod, Q question, Supplier<S> first) {
    // In one step: a pod that is deleted after this is forgotten after this.
    known.compute(
        uidOf.apply(question),
        (uid, answers) -> {
          if (answers == null && !exists.test(pod)) {
            return null;
          }
          Map<Q, S> kept = answers == null ? new ConcurrentHashMap<>() : answers;
          kept.computeIfAbsent(question, key -> first.get());
          return kept;
        });
    return get(question);
  }

  /**
   * Changes what is known, unless the pod is deleted.
   *
   * @param change of what is known; on the caller's thread, and before the pod is forgotten
   */
  public Optional<S> update(Q question, UnaryOperator<S> change) {
    known.computeIfPresent(
        uidOf.apply(question),
        (uid, answers) -> {
          answers.computeIfPresent(question, (key, now) -> change.apply(now));
          return answers;
        });
    return get(question);
  }

  /**
   * Asks after a pause, unless the pod is deleted by then.
   *
   * @param ask ends in seconds, however the server behaves
   */
  public void ask(
      Q question, ResourceID resource, ServerTasks.Urgency urgency, Duration pause, Runnable ask) {
    Runnable unlessDeleted =
        () -> {
          if (get(question).isPresent()) {
            ask.run();
          }
        };
    Executor later =
        pause.isZero()
            ? Runnable::run
            : CompletableFuture.delayedExecutor(
                pause.toMillis(), TimeUnit.MILLISECONDS, Runnable::run);
    later.execute(
        () -> tasks.execute(resource.getNamespace().orElseThrow(), urgency, unlessDeleted));
  }

  /** Starts a reconciliation, as what is known has changed. */
  public void report(ResourceID resource) {
    news.propagateEvent(resource);
  }

  /** Forgets the questions about a pod that are needed no more. */
  public void retain(Pod pod, Predicate<Q> needed) {
    known.computeIfPresent(
        pod.getMetadata().getUid(),
        (uid, answers) -> {
          answers.keySet().removeIf(question -> !needed.test(question));
          return answers.isEmpty() ? null : answers;
        });
  }

  /** Forgets a deleted pod. */
  public void forget(Pod pod) {
    known.remove(pod.getMetadata().getUid());
  }
}
