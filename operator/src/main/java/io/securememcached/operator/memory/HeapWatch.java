package io.securememcached.operator.memory;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryNotificationInfo;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import javax.management.NotificationEmitter;

/**
 * Reports once that live objects fill the heap, before an allocation fails: an operator that exits
 * with an OutOfMemoryError is restarted and exits again, without naming a way out.
 *
 * <p>Temporary memory for reading a list or an event is free again at the next look.
 */
public final class HeapWatch {

  /** Of the old generation, after a collection. */
  private static final double FULL = 0.9;

  private static final int LOOKS = 3;
  private static final Duration BETWEEN = Duration.ofSeconds(1);

  /** Whether it is undecided yet if the heap stays full. */
  private static final AtomicBoolean LOOKING = new AtomicBoolean();

  private final MemoryPoolMXBean old =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(pool -> pool.getType() == MemoryType.HEAP)
          .filter(MemoryPoolMXBean::isCollectionUsageThresholdSupported)
          .max(Comparator.comparingLong(pool -> pool.getUsage().getMax()))
          .orElseThrow();

  private final Consumer<String> full;

  private HeapWatch(Consumer<String> full) {
    this.full = full;
  }

  /**
   * Begins to watch.
   *
   * @param full gets the heap in use, as text
   */
  public static void start(Consumer<String> full) {
    HeapWatch watch = new HeapWatch(full);
    watch.old.setCollectionUsageThreshold((long) (watch.old.getUsage().getMax() * FULL));
    ((NotificationEmitter) ManagementFactory.getMemoryMXBean())
        .addNotificationListener(
            (notification, nothing) -> watch.look(),
            notification ->
                notification
                    .getType()
                    .equals(MemoryNotificationInfo.MEMORY_COLLECTION_THRESHOLD_EXCEEDED),
            null);
  }

  /**
   * Delays further reads until it is decided whether there is room: the lists of a start would fill
   * the rest within a second.
   */
  static void awaitRoom() {
    while (LOOKING.get() && pause(BETWEEN.dividedBy(10))) {}
  }

  private void look() {
    if (LOOKING.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("heap-watch").start(this::lookAgain);
    }
  }

  private void lookAgain() {
    try {
      for (int i = 0; i < LOOKS; i++) {
        System.gc();
        if (old.getCollectionUsage().getUsed() < old.getCollectionUsageThreshold()
            || !pause(BETWEEN)) {
          return;
        }
      }
      full.accept(
          "%d of %d MiB"
              .formatted(
                  old.getCollectionUsage().getUsed() >> 20,
                  old.getCollectionUsage().getMax() >> 20));
    } finally {
      LOOKING.set(false);
    }
  }

  private static boolean pause(Duration time) {
    try {
      Thread.sleep(time);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
