package io.securememcached.operator.probe;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks on virtual threads, limited in total and for each namespace, so that hanging servers don't
 * delay those of other namespaces.
 *
 * <ul>
 *   <li>Of two waiting tasks, the urgent one starts first; then the one whose namespace has fewer
 *       running, then the one whose namespace has waited longer.
 *   <li>Repeated tasks use at most half of the places, in total and of a namespace, so a new server
 *       always finds one.
 *   <li>The last quarter of all places is reserved for namespaces that have none.
 * </ul>
 */
public final class FairServerTasks implements ServerTasks, AutoCloseable {

  /**
   * Places in total. A run takes some 20 descriptors and 50 KiB: 5,000 descriptors and 13 MiB in
   * the worst case.
   */
  private static final int TOTAL = 256;

  /** Places of one namespace. */
  private static final int OF_NAMESPACE = 32;

  private static final Logger LOG = LoggerFactory.getLogger(FairServerTasks.class);

  private final Executor threads;
  private final int total;
  private final int ofNamespace;

  /** By namespace, longest waiting first; only those with tasks. */
  private final Map<String, Lane> lanes = new LinkedHashMap<>();

  private final Map<Urgency, Integer> running = counts();
  private boolean closed;

  /** The tasks of a namespace. */
  private static final class Lane {
    private final Map<Urgency, Queue<Runnable>> waiting = new EnumMap<>(Urgency.class);
    private final Map<Urgency, Integer> running = counts();

    private Lane() {
      for (Urgency urgency : Urgency.values()) {
        waiting.put(urgency, new ArrayDeque<>());
      }
    }

    private boolean isIdle() {
      return sum(running) == 0 && waiting.values().stream().allMatch(Queue::isEmpty);
    }
  }

  /** With the limits of an operator. */
  public FairServerTasks() {
    this(onVirtualThreads(), TOTAL, OF_NAMESPACE);
  }

  /**
   * With other limits.
   *
   * @param threads runs each task at once, beside its caller
   * @param total 4 or more
   * @param ofNamespace 2 or more
   */
  FairServerTasks(Executor threads, int total, int ofNamespace) {
    this.threads = threads;
    this.total = total;
    this.ofNamespace = ofNamespace;
  }

  private static Executor onVirtualThreads() {
    ThreadFactory factory = Thread.ofVirtual().name("server-", 0).factory();
    return task -> factory.newThread(task).start();
  }

  @Override
  public synchronized void execute(String namespace, Urgency urgency, Runnable task) {
    lanes.computeIfAbsent(namespace, key -> new Lane()).waiting.get(urgency).add(task);
    startAll();
  }

  /** Starts no more tasks; running ones end in seconds. */
  @Override
  public synchronized void close() {
    closed = true;
  }

  private void startAll() {
    boolean hasStarted = !closed;
    while (hasStarted) {
      hasStarted = startNext(Urgency.FIRST) || startNext(Urgency.REPEATED);
    }
  }

  /** Whether a task was started. */
  private boolean startNext(Urgency urgency) {
    if (urgency == Urgency.REPEATED && running.get(urgency) >= total / 2) {
      return false;
    }
    Optional<Map.Entry<String, Lane>> next =
        lanes.entrySet().stream()
            .filter(entry -> mayStart(entry.getValue(), urgency))
            .min(Comparator.comparingInt(entry -> sum(entry.getValue().running)));
    next.ifPresent(entry -> start(entry.getKey(), entry.getValue(), urgency));
    return next.isPresent();
  }

  private boolean mayStart(Lane lane, Urgency urgency) {
    int own = sum(lane.running);
    return !lane.waiting.get(urgency).isEmpty()
        && sum(running) < (own == 0 ? total : total - total / 4)
        && own < ofNamespace
        && (urgency == Urgency.FIRST || lane.running.get(urgency) < ofNamespace / 2);
  }

  private void start(String namespace, Lane lane, Urgency urgency) {
    Runnable task = lane.waiting.get(urgency).remove();
    count(lane, urgency, 1);
    // Move to the end, as the others have waited longer.
    lanes.remove(namespace);
    lanes.put(namespace, lane);
    threads.execute(
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            LOG.error("Task for a server failed", e);
          } finally {
            ended(namespace, lane, urgency);
          }
        });
  }

  private synchronized void ended(String namespace, Lane lane, Urgency urgency) {
    count(lane, urgency, -1);
    if (lane.isIdle()) {
      lanes.remove(namespace);
    }
    startAll();
  }

  private void count(Lane lane, Urgency urgency, int change) {
    lane.running.merge(urgency, change, Integer::sum);
    running.merge(urgency, change, Integer::sum);
  }

  private static Map<Urgency, Integer> counts() {
    Map<Urgency, Integer> counts = new EnumMap<>(Urgency.class);
    for (Urgency urgency : Urgency.values()) {
      counts.put(urgency, 0);
    }
    return counts;
  }

  private static int sum(Map<Urgency, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }
}
