package io.securememcached.operator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authentication.UserInfoBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.testing.CapturedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AccessTest {

  private static final MetricsScope ALL = new MetricsScope.All();
  private static final MetricsScope SHOP = new MetricsScope.Namespace("shop");
  private static final MetricsScope CART = new MetricsScope.Resource("shop", "cart");

  private final AtomicLong nanos = new AtomicLong();
  private final TestingReviews reviews = new TestingReviews();
  private final Access access = new Access(reviews, nanos::get);

  @Test
  void allowsTheRightAndNothingElse() {
    reviews.tokens.put("prometheus", "p");
    reviews.tokens.put("tenant", "t");
    reviews.tokens.put("narrow", "n");
    reviews.rights.put("p", Set.of(ALL));
    reviews.rights.put("t", Set.of(SHOP, CART));
    reviews.rights.put("n", Set.of(CART));

    for (MetricsScope scope : List.of(ALL, SHOP, CART)) {
      assertThat(ask("prometheus", scope)).isEmpty();
    }
    assertThat(ask("tenant", SHOP)).isEmpty();
    assertThat(ask("tenant", CART)).isEmpty();
    assertThat(ask("tenant", ALL).orElseThrow())
        .isEqualTo(
            Refusal.forbidden(
                "User t may not read these metrics; missing: the verb get on the nonResourceURL"
                    + " /metrics in a ClusterRole"));
    assertThat(ask("tenant", new MetricsScope.Namespace("bank")).orElseThrow().status())
        .isEqualTo(403);
    assertThat(ask("narrow", CART)).isEmpty();
    assertThat(ask("narrow", SHOP).orElseThrow().text())
        .isEqualTo(
            "User n may not read these metrics; missing: the verb get on securememcacheds/metrics"
                + " in the API group securememcached.io in a Role of namespace shop, or the verb"
                + " get on the nonResourceURL /metrics in a ClusterRole");
    assertThat(ask("narrow", new MetricsScope.Resource("shop", "till")).orElseThrow().text())
        .contains(" in a Role of namespace shop for the name till, or ");
  }

  @Test
  void needsAToken() {
    for (Optional<String> header :
        List.of(
            Optional.<String>empty(),
            Optional.of(""),
            Optional.of("Bearer"),
            Optional.of("Bearer "),
            Optional.of("Basic YTpi"),
            Optional.of("Bearer a b"),
            Optional.of("Bearer ü"),
            Optional.of("Bearer " + "x".repeat(Access.LONGEST_TOKEN)))) {
      Refusal refusal = access.refusal(header, ALL).orElseThrow();
      assertThat(refusal.status()).isEqualTo(401);
      assertThat(refusal.challenge()).isEqualTo("Bearer realm=\"metrics\"");
    }
    assertThat(reviews.asked).as("nothing to ask about").isEmpty();

    Refusal invalid = ask("unknown", ALL).orElseThrow();
    assertThat(invalid.status()).isEqualTo(401);
    assertThat(invalid.challenge()).isEqualTo("Bearer realm=\"metrics\", error=\"invalid_token\"");
    reviews.tokens.put("prometheus", "p");
    reviews.rights.put("p", Set.of(ALL));
    assertThat(access.refusal(Optional.of("bearer  prometheus"), ALL)).isEmpty();
  }

  @Test
  void keepsAnswersForSeconds() {
    reviews.tokens.put("prometheus", "p");
    reviews.rights.put("p", Set.of(ALL));
    assertThat(ask("prometheus", ALL)).isEmpty();
    assertThat(ask("prometheus", ALL)).isEmpty();
    assertThat(reviews.asked).containsExactly("prometheus", "p All[]");

    reviews.rights.put("p", Set.of());
    pass(Access.ALLOWED.minusMillis(1));
    assertThat(ask("prometheus", ALL)).isEmpty();
    pass(Duration.ofMillis(1));
    assertThat(ask("prometheus", ALL).orElseThrow().status()).isEqualTo(403);

    reviews.rights.put("p", Set.of(ALL));
    assertThat(ask("prometheus", ALL).orElseThrow().status()).isEqualTo(403);
    pass(Access.REFUSED);
    assertThat(ask("prometheus", ALL)).isEmpty();

    assertThat(ask("late", ALL).orElseThrow().status()).isEqualTo(401);
    reviews.tokens.put("late", "p");
    assertThat(ask("late", ALL).orElseThrow().status()).isEqualTo(401);
    pass(Access.REFUSED);
    assertThat(ask("late", ALL)).isEmpty();
  }

  @Test
  void apiServerThatDoesNotAnswerIsNoPermission() {
    reviews.tokens.put("secret-token", "p");
    reviews.rights.put("p", Set.of(ALL));
    reviews.failure = Optional.of("connection refused");
    String log;
    try (CapturedLog captured = new CapturedLog()) {
      for (int i = 0; i < 3; i++) {
        Refusal refusal = ask("secret-token", ALL).orElseThrow();
        assertThat(refusal.status()).isEqualTo(503);
        assertThat(refusal.text()).doesNotContain("connection refused");
      }
      log = captured.text();
    }
    assertThat(log)
        .containsOnlyOnce("Refused requests for metrics")
        .contains("connection refused")
        .doesNotContain("secret-token");
    reviews.failure = Optional.empty();
    assertThat(ask("secret-token", ALL)).as("a failure is not kept").isEmpty();
  }

  @Test
  void floodOfUnknownTokensCostsFewReviewsAndNoScrape() {
    reviews.tokens.put("prometheus", "p");
    reviews.rights.put("p", Set.of(ALL));
    assertThat(ask("prometheus", ALL)).isEmpty();
    pass(Access.ALLOWED);
    reviews.asked.clear();

    for (int i = 0; i < 1000; i++) {
      assertThat(ask("guess" + i, ALL).orElseThrow().status()).isIn(401, 503);
    }
    assertThat(reviews.asked).hasSize(Access.REJECTED_PER_SECOND);
    assertThat(ask("prometheus", ALL)).as("it was valid before").isEmpty();
    pass(Duration.ofSeconds(1));
    assertThat(ask("guess", ALL).orElseThrow().status()).isEqualTo(401);
  }

  /** Each namespace and name is another question to the API server. */
  @Test
  void validTokenWithoutRightsCostsFewReviews() {
    reviews.tokens.put("curious", "c");
    reviews.tokens.put("prometheus", "p");
    reviews.rights.put("p", Set.of(ALL));

    for (int i = 0; i < 1000; i++) {
      assertThat(ask("curious", new MetricsScope.Resource("shop", "x" + i)).orElseThrow().status())
          .isIn(403, 503);
    }
    // One for the token, one too many as each request asks for two rights.
    assertThat(reviews.asked).hasSizeLessThanOrEqualTo(Access.FORBIDDEN_PER_SECOND + 2);
    assertThat(ask("prometheus", ALL)).as("of another token").isEmpty();
    pass(Duration.ofSeconds(1));
    assertThat(ask("curious", CART).orElseThrow().status()).isEqualTo(403);
  }

  /** Such as a Prometheus that reads the metrics of each namespace by a path of its own. */
  @Test
  void rightForAllMetricsIsNoRefusalOfANamespace() {
    reviews.tokens.put("prometheus", "p");
    reviews.rights.put("p", Set.of(ALL));
    for (int i = 0; i < 2 * Access.FORBIDDEN_PER_SECOND; i++) {
      assertThat(ask("prometheus", new MetricsScope.Namespace("shop" + i))).as("%d", i).isEmpty();
    }
    assertThat(reviews.asked)
        .as("one right is known then")
        .containsExactly("prometheus", "p Namespace[namespace=shop0]", "p All[]");
  }

  @Test
  void fewUnknownTokensAreReviewedAtATime() throws Exception {
    reviews.tokens.put("prometheus", "p");
    reviews.rights.put("p", Set.of(ALL));
    assertThat(ask("prometheus", ALL)).isEmpty();
    pass(Access.ALLOWED);
    reviews.asked.clear();

    CountDownLatch arrived = new CountDownLatch(Access.UNKNOWN);
    CountDownLatch end = new CountDownLatch(1);
    reviews.beforeUnknown =
        () -> {
          arrived.countDown();
          await(end);
        };
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String token = "guess" + i;
      threads.add(Thread.ofVirtual().start(() -> ask(token, ALL)));
    }
    arrived.await();
    assertThat(ask("prometheus", ALL)).as("it has a place of its own").isEmpty();
    assertThat(reviews.asked.stream().filter(token -> token.startsWith("guess")))
        .hasSize(Access.UNKNOWN);
    end.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Test
  void numberOfAnswersIsLimited() {
    RecentAnswers<Integer, String> answers = new RecentAnswers<>(3, nanos::get);
    for (int i = 0; i < 10; i++) {
      answers.put(i, "answer", Duration.ofSeconds(1));
    }
    assertThat(answers.size()).isEqualTo(3);
    assertThat(answers.get(9)).contains("answer");
    assertThat(answers.get(6)).isEmpty();
  }

  private Optional<Refusal> ask(String token, MetricsScope scope) {
    return access.refusal(Optional.of("Bearer " + token), scope);
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** An API server with these tokens and rights. */
  private static final class TestingReviews implements Reviews {

    private final Map<String, String> tokens = new HashMap<>();
    private final Map<String, Set<MetricsScope>> rights = new HashMap<>();
    private final List<String> asked = java.util.Collections.synchronizedList(new ArrayList<>());
    private Optional<String> failure = Optional.empty();
    private Runnable beforeUnknown = () -> {};

    @Override
    public Optional<UserInfo> user(String token) {
      asked.add(token);
      failure.ifPresent(
          why -> {
            throw new KubernetesClientException(why);
          });
      if (!tokens.containsKey(token)) {
        beforeUnknown.run();
        return Optional.empty();
      }
      return Optional.of(new UserInfoBuilder().withUsername(tokens.get(token)).build());
    }

    @Override
    public boolean allows(UserInfo user, MetricsScope scope) {
      asked.add(user.getUsername() + " " + scope);
      return rights.getOrDefault(user.getUsername(), Set.of()).contains(scope);
    }
  }
}
