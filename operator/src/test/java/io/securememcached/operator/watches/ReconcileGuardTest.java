package io.securememcached.operator.watches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReconcileGuardTest {

  private static final Duration LONG = Duration.ofMinutes(1);

  private final ReconcileGuard passes = new ReconcileGuard();

  @Test
  void endWaitsForAPassAndLetsNoneBegin() throws Exception {
    CompletableFuture<Void> begun = new CompletableFuture<>();
    CompletableFuture<Void> mayEnd = new CompletableFuture<>();
    CompletableFuture<String> pass =
        CompletableFuture.supplyAsync(
            () ->
                passes.run(
                    () -> {
                      begun.complete(null);
                      mayEnd.orTimeout(1, TimeUnit.MINUTES).join();
                      return "done";
                    },
                    "not begun"),
            Thread.ofPlatform()::start);
    begun.get(1, TimeUnit.MINUTES);
    CompletableFuture<Boolean> end =
        CompletableFuture.supplyAsync(() -> passes.end(LONG), Thread.ofPlatform()::start);
    while (passes.run(() -> true, false)) {
      Thread.onSpinWait();
    }
    assertThat(end).isNotDone();
    mayEnd.complete(null);
    assertThat(end.get(1, TimeUnit.MINUTES)).isTrue();
    assertThat(pass.get(1, TimeUnit.MINUTES)).isEqualTo("done");
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
}
