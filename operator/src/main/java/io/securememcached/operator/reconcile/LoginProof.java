package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.PendingServer;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.memcached.Status;
import io.securememcached.operator.memcached.Timeouts;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.UserLogins.Next;
import io.securememcached.operator.status.Pods;
import io.securememcached.operator.text.Quoted;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Proves that a login has reached a server, by logging in, beside the passes.
 *
 * <p>A server that does not take the login is asked again after 0.4 s, then ever less often: nine
 * connections in the first minute, six a minute after that; one that wastes time, at most each
 * minute. The login is sent only to a server that has just refused a wrong password on the same
 * connection: what takes any may be there to collect them.
 */
final class LoginProof {

  /**
   * How long after it was written a login counts as delivered where nobody can ask: the kubelet
   * refreshes a volume every 60 to 90 s.
   */
  static final Duration UNSEEN = Duration.ofMinutes(2);

  private static final long FIRST_PAUSE_MILLIS = 400;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;

  /** For a server that takes its time, and takes no login. */
  private static final long LONGEST_BACK_OFF_MILLIS = 60_000;

  private static final Duration WASTE = Duration.ofSeconds(1);

  private static final Quoted NOT_ASKED = Quoted.of("was not asked yet");

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BITS = 128;

  private final ServerTasks tasks;
  private final Predicate<Pod> isThere;
  private final SimpleInboundEventSource<SecureMemcached> proven =
      new SimpleInboundEventSource<>("login");

  /** What the server said, empty once it took the login. */
  private final Map<Question, Quoted> answers = new ConcurrentHashMap<>();

  /** A pod that starts anew on its node keeps its uid, but not its address. */
  private record Question(String podUid, ServerAddress address, Login login) {

    /** Of a pod that has an address. */
    private static Question of(Pod pod, int port, Login login) {
      return new Question(pod.getMetadata().getUid(), Pods.address(pod, port).orElseThrow(), login);
    }

    private boolean isOf(Pod pod) {
      return podUid.equals(pod.getMetadata().getUid());
    }

    private boolean isAt(Pod pod) {
      return Pods.hasAddress(pod) && equals(of(pod, address.port(), login));
    }
  }

  /**
   * A proof.
   *
   * @param isThere whether a pod is not gone yet; a pass may still have it in its list
   */
  LoginProof(ServerTasks tasks, Predicate<Pod> isThere) {
    this.tasks = tasks;
    this.isThere = isThere;
  }

  SimpleInboundEventSource<SecureMemcached> eventSource() {
    return proven;
  }

  /**
   * The servers that run and do not take a login yet; starts to ask them. A server that does not
   * run reads the sasldb as it is then.
   */
  List<PendingServer> pending(SecureMemcached primary, List<Pod> pods, Next next, Instant now) {
    List<PendingServer> pending = new ArrayList<>();
    for (Pod pod : pods) {
      if (Pods.isRunning(pod)) {
        Quoted answer =
            primary.getSpec().listen() == Listen.Loopback
                ? unseen(next, now)
                : answer(primary, pod, next.login());
        if (!answer.isEmpty()) {
          pending.add(new PendingServer(pod.getMetadata().getName(), answer));
        }
      }
    }
    return pending;
  }

  /** Forgets a pod that is gone. */
  void forget(Pod pod) {
    answers.keySet().removeIf(question -> question.isOf(pod));
  }

  /**
   * Forgets what was asked about pods, but for the logins that are still on their way, and what was
   * asked at an address that is no longer the pod's.
   */
  void keep(List<Pod> pods, List<Login> logins) {
    pods.forEach(
        pod ->
            answers
                .keySet()
                .removeIf(
                    question ->
                        question.isOf(pod)
                            && !(logins.contains(question.login()) && question.isAt(pod))));
  }

  private static Quoted unseen(Next next, Instant now) {
    return now.isBefore(next.since().plus(UNSEEN))
        ? Quoted.of(
            "listens on 127.0.0.1 only; the login counts as delivered 2 minutes after it was written")
        : Quoted.NOTHING;
  }

  private Quoted answer(SecureMemcached primary, Pod pod, Login login) {
    Question question = Question.of(pod, Pods.port(primary, pod), login);
    Quoted known = answers.putIfAbsent(question, NOT_ASKED);
    if (known != null) {
      return known;
    }
    // In this order: a pod that goes after this is forgotten after this, and its address, which
    // another pod may have soon, is sent no login again.
    if (isThere.test(pod)) {
      ask(question, ResourceID.fromResource(primary), FIRST_PAUSE_MILLIS);
    } else {
      answers.remove(question);
    }
    return answers.getOrDefault(question, NOT_ASKED);
  }

  private void ask(Question question, ResourceID id, long pauseMillis) {
    String namespace = id.getNamespace().orElseThrow();
    ServerTasks.Urgency urgency =
        pauseMillis <= LONGEST_PAUSE_MILLIS
            ? ServerTasks.Urgency.FIRST
            : ServerTasks.Urgency.REPEATED;
    CompletableFuture.delayedExecutor(pauseMillis, TimeUnit.MILLISECONDS, Runnable::run)
        .execute(() -> tasks.execute(namespace, urgency, () -> answer(question, id, pauseMillis)));
  }

  private void answer(Question question, ResourceID id, long pauseMillis) {
    if (!answers.containsKey(question)) {
      return;
    }
    long start = System.nanoTime();
    Quoted answer = login(question);
    boolean isWaste = Duration.ofNanos(System.nanoTime() - start).compareTo(WASTE) > 0;
    Quoted before = answers.replace(question, answer);
    if (before == null) {
      return;
    }
    if (!answer.equals(before)) {
      proven.propagateEvent(id);
    }
    if (!answer.isEmpty()) {
      ask(
          question,
          id,
          isWaste
              ? Math.min(Math.max(pauseMillis, LONGEST_PAUSE_MILLIS) * 2, LONGEST_BACK_OFF_MILLIS)
              : Math.min(pauseMillis * 3 / 2, LONGEST_PAUSE_MILLIS));
    }
  }

  private Quoted login(Question question) {
    Login login = question.login();
    try (MemcachedClient client =
        MemcachedClient.connect(question.address().socket(), Timeouts.DEFAULT)) {
      String wrong = "probe-" + new BigInteger(BITS, RANDOM).toString(Character.MAX_RADIX);
      Status refused = client.authenticate(new PlainCredentials(login.name(), wrong)).status();
      if (refused != Status.AUTH_ERROR) {
        return Quoted.of("does not refuse a wrong password, so it was not sent the login");
      }
      if (!answers.containsKey(question)) {
        // The pod has gone meanwhile; whoever has its address now gets no login.
        return NOT_ASKED;
      }
      Status status =
          client.authenticate(new PlainCredentials(login.name(), login.password())).status();
      return status == Status.SUCCESS ? Quoted.NOTHING : Quoted.of("refuses the login");
    } catch (MemcachedException e) {
      return Quoted.of(e.getMessage());
    }
  }
}
