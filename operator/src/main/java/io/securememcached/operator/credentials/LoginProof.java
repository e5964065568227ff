package io.securememcached.operator.credentials;

import static io.securememcached.operator.probe.Pauses.longer;
import static io.securememcached.operator.probe.Pauses.shorter;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.PendingServer;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.memcached.Status;
import io.securememcached.operator.memcached.Timeouts;
import io.securememcached.operator.probe.ServerProbes;
import io.securememcached.operator.probe.ServerTasks;
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
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/**
 * Proves that a login has reached a server, by logging in, beside the reconciliations.
 *
 * <p>A server that does not take the login is asked again after 0.4 s, then ever less often: nine
 * connections in the first minute, six a minute after that; one that wastes time, at most each
 * minute. The login is sent only to a server that has just refused a wrong password on the same
 * connection: what takes any may be there to collect them.
 */
public final class LoginProof {

  /**
   * How long after it was written a login counts as delivered where nobody can ask: the kubelet
   * refreshes a volume every 60 to 90 s.
   */
  static final Duration UNSEEN = Duration.ofMinutes(2);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(400);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** For a server that takes its time, and takes no login. */
  private static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(1);

  private static final Duration WASTE = Duration.ofSeconds(1);

  private static final Quoted NOT_ASKED = Quoted.of("not verified yet");

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BITS = 128;

  /** What the server said, empty once it took the login. */
  private final ServerProbes<Question, Quoted> probes;

  /** A pod that starts anew on its node keeps its uid, but not its address. */
  private record Question(String podUid, ServerAddress address, Login login) {

    /** Of a pod that has an address. */
    private static Question of(Pod pod, int port, Login login) {
      return new Question(pod.getMetadata().getUid(), Pods.address(pod, port).orElseThrow(), login);
    }

    private boolean isAt(Pod pod) {
      return Pods.hasAddress(pod) && equals(of(pod, address.port(), login));
    }
  }

  /**
   * A proof.
   *
   * @param exists whether a pod is not deleted; a reconciliation may still have it in its list
   */
  public LoginProof(ServerTasks tasks, Predicate<Pod> exists) {
    probes = new ServerProbes<>("login", tasks, exists, Question::podUid);
  }

  public SimpleInboundEventSource<SecureMemcached> eventSource() {
    return probes.eventSource();
  }

  /**
   * The servers that run and do not take a login yet; starts to ask them. A server that does not
   * run reads the sasldb as it is then.
   */
  public List<PendingServer> pending(
      SecureMemcached primary, List<Pod> pods, Next next, Instant now) {
    List<PendingServer> pending = new ArrayList<>();
    for (Pod pod : pods) {
      if (Pods.isRunning(pod)) {
        Quoted answer =
            Pods.isLoopback(primary, pod) ? unseen(next, now) : answer(primary, pod, next.login());
        if (!answer.isEmpty()) {
          pending.add(new PendingServer(pod.getMetadata().getName(), answer));
        }
      }
    }
    return pending;
  }

  /** Forgets a deleted pod. */
  public void forget(Pod pod) {
    probes.forget(pod);
  }

  /**
   * Forgets what was asked about pods, but for the logins that are still on their way, and what was
   * asked at an address that is no longer the pod's.
   */
  public void keep(List<Pod> pods, List<Login> logins) {
    for (Pod pod : pods) {
      probes.retain(pod, question -> logins.contains(question.login()) && question.isAt(pod));
    }
  }

  private static Quoted unseen(Next next, Instant now) {
    return now.isBefore(next.since().plus(UNSEEN))
        ? Quoted.of(
            "listens on 127.0.0.1 only; the login counts as delivered 2 minutes after it was written")
        : Quoted.NOTHING;
  }

  private Quoted answer(SecureMemcached primary, Pod pod, Login login) {
    Question question = Question.of(pod, Pods.port(primary, pod), login);
    Optional<Quoted> known = probes.get(question);
    if (known.isEmpty() && probes.begin(pod, question, () -> NOT_ASKED).isPresent()) {
      ask(question, ResourceID.fromResource(primary), FIRST_PAUSE);
    }
    return known.orElse(NOT_ASKED);
  }

  private void ask(Question question, ResourceID resource, Duration pause) {
    ServerTasks.Urgency urgency =
        pause.compareTo(LONGEST_PAUSE) <= 0
            ? ServerTasks.Urgency.FIRST
            : ServerTasks.Urgency.REPEATED;
    probes.ask(question, resource, urgency, pause, () -> answer(question, resource, pause));
  }

  private void answer(Question question, ResourceID resource, Duration pause) {
    long start = System.nanoTime();
    Quoted answer = login(question);
    boolean isWaste = Duration.ofNanos(System.nanoTime() - start).compareTo(WASTE) > 0;
    AtomicBoolean isNews = new AtomicBoolean();
    Optional<Quoted> now =
        probes.update(
            question,
            before -> {
              isNews.set(!answer.equals(before));
              return answer;
            });
    if (now.isEmpty()) {
      return;
    }
    if (isNews.get()) {
      probes.report(resource);
    }
    if (!answer.isEmpty()) {
      ask(
          question,
          resource,
          isWaste
              ? shorter(longer(pause, LONGEST_PAUSE).multipliedBy(2), LONGEST_BACK_OFF)
              : shorter(pause.multipliedBy(3).dividedBy(2), LONGEST_PAUSE));
    }
  }

  private Quoted login(Question question) {
    Login login = question.login();
    try (MemcachedClient client =
        MemcachedClient.connect(question.address().socket(), Timeouts.DEFAULT)) {
      String wrong = "probe-" + new BigInteger(BITS, RANDOM).toString(Character.MAX_RADIX);
      Status refused = client.authenticate(new PlainCredentials(login.name(), wrong)).status();
      if (refused != Status.AUTH_ERROR) {
        return Quoted.of("accepts a wrong password, so the login was not sent");
      }
      if (probes.get(question).isEmpty()) {
        // The pod was deleted meanwhile; whoever has its address now gets no login.
        return NOT_ASKED;
      }
      Status status =
          client.authenticate(new PlainCredentials(login.name(), login.password())).status();
      return status == Status.SUCCESS ? Quoted.NOTHING : Quoted.of("rejects the login");
    } catch (MemcachedException e) {
      return Quoted.of(e.getMessage());
    }
  }
}
