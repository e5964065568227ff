package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PassesTest {

  private static final Duration LONG = Duration.ofMinutes(1);

  private final Passes passes = new Passes();

  @Test
  void endWaitsForAPassAndLetsNoneBegin() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    CompletableFuture<String> pass =
        CompletableFuture.supplyAsync(
            () ->
                passes.run(
                    () -> {
                      begun.countDown();
                      return await(mayEnd) ? "done" : "late";
                    },
                    "not begun"),
            Thread.ofPlatform()::start);
    assertThat(await(begun)).isTrue();
    CompletableFuture<Boolean> end =
        CompletableFuture.supplyAsync(() -> passes.end(LONG), Thread.ofPlatform()::start);
    while (passes.run(() -> true, false)) {
      Thread.onSpinWait();
    }
    assertThat(end).isNotDone();
    mayEnd.countDown();
    assertThat(end.get(1, TimeUnit.MINUTES)).isTrue();
    assertThat(pass).isCompletedWithValue("done");
    assertThat(passes.run(() -> "begun", "not begun")).isEqualTo("not begun");
  }

  @Test
  void endDoesNotWaitLongerThanItsTimeout() {
    assertThat(
            passes.run(
                () ->
                    CompletableFuture.supplyAsync(
                            () -> passes.end(Duration.ofMillis(1)), Thread.ofPlatform()::start)
                        .join(),
                true))
        .isFalse();
  }

  @Test
  void passThatFailedHasEnded() {
    assertThatThrownBy(
            () ->
                passes.run(
                    () -> {
                      throw new IllegalStateException();
                    },
                    ""))
        .isInstanceOf(IllegalStateException.class);
    assertThat(passes.end(LONG)).isTrue();
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
