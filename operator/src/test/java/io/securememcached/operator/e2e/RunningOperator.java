package io.securememcached.operator.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process of the operator's image, on a node that is this machine. */
record RunningOperator(ProcessHandle process) {

  /** There is one in the operator's image alone. */
  private static final String COMMAND = "/opt/java/bin/java";

  private static final String EXPORTER = "--exporter";

  /**
   * The operator that runs.
   *
   * @throws IllegalStateException if there is none, or more than one
   */
  static RunningOperator find() {
    return find(false);
  }

  /**
   * The exporter that runs.
   *
   * @throws IllegalStateException if there is none, or more than one
   */
  static RunningOperator findExporter() {
    return find(true);
  }

  private static RunningOperator find(boolean isExporter) {
    try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
      List<ProcessHandle> found =
          processes
              .filter(process -> process.info().command().orElse("").equals(COMMAND))
              .filter(
                  process ->
                      isExporter
                          == List.of(process.info().arguments().orElseThrow()).contains(EXPORTER))
              .toList();
      if (found.size() != 1) {
        throw new IllegalStateException("Processes of the operator on this machine: " + found);
      }
      return new RunningOperator(found.getFirst());
    }
  }

  /** Resident memory, shared pages included. */
  double residentMegabytes() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D+", "")) * 1024 / 1e6)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Processor time since its start, all threads, to 10 ms. */
  Duration processorTime() {
    return process.info().totalCpuDuration().orElseThrow();
  }

  /**
   * With which it logs in at the API server now. Where /var/run is a link to /run, it would lead to
   * the node's.
   */
  String token() {
    Path root = Path.of("/proc/" + process.pid() + "/root");
    String token = "secrets/kubernetes.io/serviceaccount/token";
    try {
      Path linked = root.resolve("run").resolve(token);
      return Files.readString(
          Files.exists(linked) ? linked : root.resolve("var/run").resolve(token));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The JVM writes all stacks to its standard output on this signal. */
  void dumpThreads() {
    try {
      boolean ended =
          new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid()))
              .start()
              .waitFor(10, TimeUnit.SECONDS);
      if (!ended) {
        throw new IllegalStateException("kill did not end");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
