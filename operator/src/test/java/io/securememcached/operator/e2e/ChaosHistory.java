package io.securememcached.operator.e2e;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What was done and seen in a run, in order, so that a failure can be understood and repeated. */
final class ChaosHistory {

  private final long seed;
  private final Instant start = Instant.now();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final List<String> violations = new CopyOnWriteArrayList<>();

  ChaosHistory(long seed) {
    this.seed = seed;
  }

  void note(String what) {
    lines.add(
        "%7.3f s  %s".formatted(Duration.between(start, Instant.now()).toMillis() / 1e3, what));
  }

  /** Something that must never happen has happened. */
  void violation(String what) {
    note("VIOLATION: " + what);
    violations.add(what);
  }

  boolean isWhole() {
    return violations.isEmpty();
  }

  int violations() {
    return violations.size();
  }

  /** Keeps it where the reports of the tests are. */
  void write() {
    Path file = Guarded.ROOT.resolve("operator/target/failsafe-reports/ChaosE2E.history.txt");
    try {
      Files.writeString(file, this + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The seed and all that happened. */
  @Override
  public String toString() {
    return "-Dchaos.seed=" + seed + "\n" + String.join("\n", lines);
  }
}
