package io.securememcached.operator.endpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.text.Quoted;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides by the API server's word who may read metrics. Answers are kept for seconds, so a scrape
 * costs two reviews at most and a lost right ends soon.
 *
 * <p>Anyone can send tokens. Those that were never valid share {@value #UNKNOWN} reviews at a time
 * and {@value #REJECTED_PER_SECOND} rejected ones a second; tokens that were valid before have
 * places of their own, so a flood delays none of those. A new one may have to be sent again while
 * it lasts. A valid token gets {@value #FORBIDDEN_PER_SECOND} refusals of a right a second by the
 * API server's word. No token is logged or kept: only its SHA-256 is.
 */
final class Access {

  /** How long an answer counts. */
  static final Duration ALLOWED = Duration.ofSeconds(10);

  static final Duration REFUSED = Duration.ofSeconds(2);

  /** Answers in memory. */
  static final int MOST = 512;

  /** Characters of a token: a ServiceAccount's has 1,000 to 2,000, one of OIDC some thousands. */
  static final int LONGEST_TOKEN = 8 * 1024;

  static final int UNKNOWN = 2;
  static final int REJECTED_PER_SECOND = 20;
  static final int FORBIDDEN_PER_SECOND = 10;
  private static final int KNOWN = 4;

  /** How long a token that was valid keeps its place before unknown tokens. */
  private static final Duration PROVEN = Duration.ofMinutes(10);

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** RFC 6750, and the scheme in any case as RFC 9110 has it. */
  private static final Pattern BEARER = Pattern.compile("(?i:bearer) +([-A-Za-z0-9._~+/]+=*)");

  private static final Logger LOG = LoggerFactory.getLogger(Access.class);

  private record Question(String tokenHash, MetricsScope scope) {}

  private final Reviews reviews;
  private final LongSupplier nanos;
  private final RecentAnswers<String, Optional<UserInfo>> users;
  private final RecentAnswers<Question, Boolean> rights;
  private final RecentAnswers<String, Boolean> proven;
  private final RecentAnswers<String, AtomicInteger> forbidden;
  private final Semaphore known = new Semaphore(KNOWN, true);
  private final Semaphore unknown = new Semaphore(UNKNOWN, true);
  private final AtomicBoolean failing = new AtomicBoolean();
  private long second;
  private int rejected;

  Access(Reviews reviews) {
    this(reviews, System::nanoTime);
  }

  /**
   * With a clock of a test.
   *
   * @param nanos monotonic clock
   */
  Access(Reviews reviews, LongSupplier nanos) {
    this.reviews = reviews;
    this.nanos = nanos;
    users = new RecentAnswers<>(MOST, nanos);
    rights = new RecentAnswers<>(MOST, nanos);
    proven = new RecentAnswers<>(MOST, nanos);
    forbidden = new RecentAnswers<>(MOST, nanos);
  }

  /**
   * What is answered instead of metrics; empty for a caller who may read them.
   *
   * @param authorization the request's header
   */
  Optional<Refusal> refusal(Optional<String> authorization, MetricsScope scope) {
    Optional<String> token =
        authorization
            .filter(header -> header.length() <= LONGEST_TOKEN)
            .map(BEARER::matcher)
            .filter(Matcher::matches)
            .map(parts -> parts.group(1));
    if (token.isEmpty()) {
      return Optional.of(Refusal.noToken());
    }
    String hash = hash(token.get());
    try {
      Optional<UserInfo> user = user(token.get(), hash);
      if (user.isEmpty()) {
        return Optional.of(Refusal.invalidToken());
      }
      boolean isAllowed = isAllowed(user.get(), hash, scope);
      failing.set(false);
      return isAllowed
          ? Optional.empty()
          : Optional.of(Refusal.forbidden(missing(user.get(), scope)));
    } catch (KubernetesClientException e) {
      return Optional.of(failed(e));
    } catch (TooManyException e) {
      return Optional.of(
          Refusal.unavailable("Too many requests that are refused at the moment; retry later"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of(Refusal.unavailable("Interrupted; retry later"));
    }
  }

  private Optional<UserInfo> user(String token, String hash)
      throws TooManyException, InterruptedException {
    Optional<Optional<UserInfo>> recent = users.get(hash);
    if (recent.isPresent()) {
      return recent.get();
    }
    boolean isUnknown = proven.get(hash).isEmpty();
    Semaphore places = isUnknown ? unknown : known;
    if (isUnknown && isExhausted()
        || !places.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new TooManyException();
    }
    try {
      Optional<UserInfo> user = reviews.user(token);
      users.put(hash, user, user.isPresent() ? ALLOWED : REFUSED);
      if (user.isPresent()) {
        proven.put(hash, true, PROVEN);
      } else {
        countRejected();
      }
      return user;
    } finally {
      places.release();
    }
  }

  /** By the right for the scope, or the one for all metrics. */
  private boolean isAllowed(UserInfo user, String hash, MetricsScope scope)
      throws TooManyException, InterruptedException {
    Question own = new Question(hash, scope);
    Question all = new Question(hash, new MetricsScope.All());
    if (rights.get(all).orElse(false)) {
      return true;
    }
    boolean isNew = rights.get(own).isEmpty() || rights.get(all).isEmpty();
    boolean isAllowed = has(user, own) || !own.equals(all) && has(user, all);
    if (!isAllowed && isNew) {
      countForbidden(hash);
    }
    return isAllowed;
  }

  private boolean has(UserInfo user, Question right) throws TooManyException, InterruptedException {
    Optional<Boolean> recent = rights.get(right);
    if (recent.isPresent()) {
      return recent.get();
    }
    if (isForbiddenTooOften(right.tokenHash())
        || !known.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new TooManyException();
    }
    try {
      boolean isAllowed = reviews.allows(user, right.scope());
      rights.put(right, isAllowed, isAllowed ? ALLOWED : REFUSED);
      return isAllowed;
    } finally {
      known.release();
    }
  }

  private boolean isForbiddenTooOften(String hash) {
    return forbidden.get(hash).filter(of -> of.get() >= FORBIDDEN_PER_SECOND).isPresent();
  }

  /** A right that is missing is no refusal as long as the other one allows the request. */
  private void countForbidden(String hash) {
    AtomicInteger refusals = forbidden.get(hash).orElseGet(AtomicInteger::new);
    if (refusals.getAndIncrement() == 0) {
      forbidden.put(hash, refusals, Duration.ofSeconds(1));
    }
  }

  private synchronized boolean isExhausted() {
    return second == now() && rejected >= REJECTED_PER_SECOND;
  }

  private synchronized void countRejected() {
    rejected = second == now() ? rejected + 1 : 1;
    second = now();
  }

  private long now() {
    return nanos.getAsLong() / Duration.ofSeconds(1).toNanos();
  }

  /** The caller may be anyone and learns no details; they are in the log, once until it works. */
  private Refusal failed(KubernetesClientException e) {
    if (!failing.getAndSet(true)) {
      LOG.atWarn()
          .addKeyValue("code", e.getCode())
          .addKeyValue("message", reason(e))
          .log(
              "Refused requests for metrics, as a TokenReview or SubjectAccessReview failed; check"
                  + " that the process may create both");
    }
    return Refusal.unavailable(
        "The API server did not answer who the caller is or what the caller may do; retry later");
  }

  private static Quoted reason(KubernetesClientException e) {
    return Quoted.of(
        e.getStatus() != null && e.getStatus().getMessage() != null
            ? e.getStatus().getMessage()
            : String.valueOf(e.getMessage()));
  }

  private static String missing(UserInfo user, MetricsScope scope) {
    String everything =
        "the verb get on the nonResourceURL " + MetricsScope.PATH + " in a ClusterRole";
    String role = "the verb get on %s/%s in the API group %s in a Role of namespace %s";
    String right =
        switch (scope) {
          case MetricsScope.All all -> everything;
          case MetricsScope.Namespace own -> of(role, own.namespace()) + ", or " + everything;
          case MetricsScope.Resource one ->
              of(role, one.namespace()) + " for the name " + one.name() + ", or " + everything;
        };
    return "User %s may not read these metrics; missing: %s"
        .formatted(Quoted.of(user.getUsername()), right);
  }

  private static String of(String text, String namespace) {
    return text.formatted(Reviews.RESOURCE, Reviews.SUBRESOURCE, Reviews.GROUP, namespace);
  }

  private static String hash(String token) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      // Every Java platform has it.
      throw new IllegalStateException(e);
    }
  }

  private static final class TooManyException extends Exception {
    private static final long serialVersionUID = 1;
  }
}
