package io.securememcached.operator.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** With a clock that the test sets, as it is after a process was stopped and continued. */
class WritePermitTest {

  private static final long LENGTH = WritePermit.LENGTH.toNanos();

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);
  private final AtomicInteger ends = new AtomicInteger();
  private final WritePermit permit = new WritePermit(clock::get, ends::incrementAndGet);

  @Test
  void isNotThereBeforeItIsGranted() {
    assertThat(permit.isValid()).isFalse();
  }

  @Test
  void runsOutAfterTheTimeSinceItWasAskedFor() {
    long asked = permit.now();
    clock.addAndGet(LENGTH / 2);
    permit.renew(asked);
    assertThat(permit.isValid()).isTrue();
    clock.addAndGet(LENGTH / 2 - 1);
    assertThat(permit.isValid()).isTrue();
    clock.addAndGet(1);
    assertThat(permit.isValid()).isFalse();
  }

  @Test
  void lateAnswerDoesNotShortenIt() {
    long early = permit.now();
    clock.addAndGet(LENGTH / 2);
    permit.renew(permit.now());
    permit.renew(early);
    clock.addAndGet(LENGTH - 1);
    assertThat(permit.isValid()).isTrue();
  }

  @Test
  void oneThatHasRunOutDoesNotComeBack() {
    permit.renew(permit.now());
    clock.addAndGet(LENGTH);
    permit.renew(permit.now());
    assertThat(permit.isValid()).isFalse();
  }

  @Test
  void processEndsOnceItIsLost() {
    permit.renew(permit.now());
    permit.lose();
    assertThat(permit.isValid()).isFalse();
    await().atMost(Duration.ofMinutes(1)).until(() -> ends.get() == 1);
  }

  @Test
  void processGoesOnAfterItWasGivenBack() throws InterruptedException {
    Set<Thread> others = watchdogs();
    permit.renew(permit.now());
    Set<Thread> own = watchdogs();
    own.removeAll(others);
    assertThat(own).hasSize(1);
    permit.giveBack();
    assertThat(own.iterator().next().join(Duration.ofMinutes(1))).isTrue();
    assertThat(ends).hasValue(0);
    assertThat(permit.isValid()).isFalse();
    permit.renew(permit.now());
    assertThat(permit.isValid()).isFalse();
  }

  private static Set<Thread> watchdogs() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("write-permit"))
        .collect(Collectors.toSet());
  }
}
