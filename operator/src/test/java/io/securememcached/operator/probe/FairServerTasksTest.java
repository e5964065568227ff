package io.securememcached.operator.probe;

import static io.securememcached.operator.probe.ServerTasks.Urgency.FIRST;
import static io.securememcached.operator.probe.ServerTasks.Urgency.REPEATED;
import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.probe.ServerTasks.Urgency;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.BeforeTry;

/** Who gets a place, and when; a task runs when the test says so. */
class FairServerTasksTest {

  private static final int TOTAL = 16;
  private static final int OF_NAMESPACE = 6;

  private record Task(String namespace, Urgency urgency) {}

  /** Tasks that have a place; running one ends it. */
  private final List<Runnable> ends = new ArrayList<>();

  private final List<Task> waiting = new ArrayList<>();
  private final List<Task> done = new ArrayList<>();

  private FairServerTasks tasks = new FairServerTasks(ends::add, TOTAL, OF_NAMESPACE);

  /** All tries of a property have the same instance. */
  @BeforeTry
  void begin() {
    ends.clear();
    waiting.clear();
    done.clear();
    tasks = new FairServerTasks(ends::add, TOTAL, OF_NAMESPACE);
  }

  @Example
  void taskIsRunAndItsPlaceIsFree() {
    List<String> ran = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String name = "task " + i;
      tasks.execute("shop", REPEATED, () -> ran.add(name));
    }
    assertThat(ends).hasSize(OF_NAMESPACE / 2);
    endAll();
    assertThat(ran).hasSize(20).startsWith("task 0", "task 1", "task 2", "task 3");
  }

  @Example
  void taskThatFailsLeavesItsPlace() {
    List<String> ran = new ArrayList<>();
    for (int i = 0; i < 2 * OF_NAMESPACE; i++) {
      tasks.execute(
          "shop",
          FIRST,
          () -> {
            throw new IllegalStateException("as a test wants it");
          });
    }
    tasks.execute("shop", FIRST, () -> ran.add("last"));
    endAll();
    assertThat(ran).containsExactly("last");
  }

  @Example
  void namespaceHasItsBound() {
    for (int i = 0; i < 100; i++) {
      tasks.execute("shop", FIRST, () -> {});
      tasks.execute("shop", REPEATED, () -> {});
    }
    assertThat(ends).hasSize(OF_NAMESPACE);
  }

  @Example
  void closedTasksStartNothing() {
    tasks.close();
    tasks.execute("shop", FIRST, () -> {});
    assertThat(ends).isEmpty();
  }

  /** Also behind thousands that wait. */
  @Example
  void newServerOfAnotherNamespaceStartsAtOnce() {
    for (int namespace = 0; namespace < 100; namespace++) {
      for (int i = 0; i < 50; i++) {
        tasks.execute("slow-" + namespace, REPEATED, () -> {});
      }
    }
    assertThat(ends).hasSize(TOTAL / 2);
    List<String> ran = new ArrayList<>();
    tasks.execute("new", FIRST, () -> ran.add("new"));
    ends.getLast().run();
    assertThat(ran).containsExactly("new");
    // Of a namespace with nothing but slow ones, too.
    tasks.execute("slow-99", FIRST, () -> ran.add("slow"));
    ends.getLast().run();
    assertThat(ran).containsExactly("new", "slow");
  }

  /** New servers of a few namespaces that hang leave a quarter of all places. */
  @Example
  void manyNewServersOfAFewNamespacesLeaveRoom() {
    for (int i = 0; i < 100; i++) {
      for (int namespace = 0; namespace < 4; namespace++) {
        tasks.execute("slow-" + namespace, FIRST, () -> {});
      }
    }
    assertThat(ends).hasSize(TOTAL - TOTAL / 4);
    List<String> ran = new ArrayList<>();
    tasks.execute("new", FIRST, () -> ran.add("new"));
    ends.getLast().run();
    assertThat(ran).containsExactly("new");
  }

  /** Whatever comes in whatever order: bounds hold, nothing waits without need, all are run. */
  @Property(tries = 300)
  void boundsHoldAndAllAreRun(
      @ForAll @Size(max = 200) List<@IntRange(max = 39) Integer> coming,
      @ForAll @Size(max = 200) List<Boolean> ending) {
    for (int i = 0; i < coming.size(); i++) {
      submit("ns-" + coming.get(i) % 10, coming.get(i) < 20 ? FIRST : REPEATED);
      assertBounds();
      if (i < ending.size() && ending.get(i) && !ends.isEmpty()) {
        ends.removeFirst().run();
        assertBounds();
      }
    }
    endAll();
    assertThat(waiting).isEmpty();
    assertThat(done).hasSize(coming.size());
  }

  /**
   * Of some namespaces with as much to do, the first has all its places before the others come, and
   * from then on none is ahead of another by more than one task.
   */
  @Property(tries = 100)
  void namespacesTakeTurns(
      @ForAll @IntRange(min = 1, max = 12) int namespaces, @ForAll Urgency urgency) {
    for (int namespace = 0; namespace < namespaces; namespace++) {
      for (int i = 0; i < 20; i++) {
        submit("ns-" + namespace, urgency);
      }
    }
    while (!ends.isEmpty()) {
      ends.removeFirst().run();
      Map<String, Long> counts =
          done.stream().collect(Collectors.groupingBy(Task::namespace, Collectors.counting()));
      long least =
          IntStream.range(0, namespaces)
              .mapToLong(i -> counts.getOrDefault("ns-" + i, 0L))
              .min()
              .orElse(0);
      long most = counts.values().stream().max(Comparator.naturalOrder()).orElse(0L);
      assertThat(most - least).isLessThanOrEqualTo(OF_NAMESPACE + 1);
    }
  }

  private void submit(String namespace, Urgency urgency) {
    Task task = new Task(namespace, urgency);
    waiting.add(task);
    tasks.execute(
        namespace,
        urgency,
        () -> {
          waiting.remove(task);
          done.add(task);
        });
  }

  /** Tasks that have begun and not ended are those that wait to be ended here. */
  private void assertBounds() {
    assertThat(ends).hasSizeLessThanOrEqualTo(TOTAL);
    Map<Task, Integer> counts = new TreeMap<>(Comparator.comparing(Task::toString));
    waiting.forEach(task -> counts.merge(task, 1, Integer::sum));
    int all = waiting.size();
    if (all <= TOTAL / 2 && counts.values().stream().allMatch(n -> n <= 1)) {
      // Nothing stands in the way of any of them.
      assertThat(ends).hasSize(all);
    }
  }

  private void endAll() {
    while (!ends.isEmpty()) {
      ends.removeFirst().run();
    }
  }
}
