package io.securememcached.operator;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.OperatorException;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.cli.PlanCommand;
import io.securememcached.operator.cli.VerifyCommand;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.client.RequestMetrics;
import io.securememcached.operator.config.ExporterConfig;
import io.securememcached.operator.config.OperatorConfig;
import io.securememcached.operator.exporter.ExporterProcess;
import io.securememcached.operator.exporter.TopCommand;
import io.securememcached.operator.leader.Heartbeat;
import io.securememcached.operator.leader.Leadership;
import io.securememcached.operator.leader.Lease;
import io.securememcached.operator.leader.WritePermit;
import io.securememcached.operator.memory.HeapWatch;
import io.securememcached.operator.process.OperatorProcess;
import io.securememcached.operator.verify.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the operator and runs until it is stopped. */
public final class Main {

  private static final String LIBRARIES_LOG_LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";
  private static final String OWN_LOG_LEVEL = "org.slf4j.simpleLogger.log.io.securememcached";

  private Main() {}

  /**
   * The entry point of the image.
   *
   * @param arguments none for the operator; {@code --verify NAMESPACE/NAME ...}: check the servers
   *     of a resource and end; {@code --plan}: say what edited resources on standard input would
   *     do, and end; {@code --top}: show what servers do now, and end; {@code --exporter}: serve
   *     the servers' metrics in place of the operator
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 0 && arguments[0].equals("--verify")) {
      System.setProperty(LIBRARIES_LOG_LEVEL, "warn");
      System.exit(
          new VerifyCommand(
                  System.getenv(),
                  () -> ApiClient.of(Config.autoConfigure(null)),
                  System.out,
                  System.err,
                  Limits.DEFAULT)
              .run(Arrays.asList(arguments).subList(1, arguments.length)));
    }
    if (arguments.length == 1 && arguments[0].equals("--plan")) {
      System.setProperty(LIBRARIES_LOG_LEVEL, "warn");
      System.exit(
          new PlanCommand(
                  System.getenv(),
                  () -> ApiClient.of(Config.autoConfigure(null)),
                  Clock.systemUTC(),
                  System.out,
                  System.err)
              .run(System.in));
    }
    if (arguments.length > 0 && arguments[0].equals("--top")) {
      System.setProperty(LIBRARIES_LOG_LEVEL, "warn");
      System.setProperty(OWN_LOG_LEVEL, "error");
      System.exit(
          new TopCommand(
                  System.getenv(),
                  () -> ApiClient.of(Config.autoConfigure(null)),
                  Duration.ofSeconds(2),
                  System.out,
                  System.err)
              .run(Arrays.asList(arguments).subList(1, arguments.length)));
    }
    if (arguments.length == 1 && arguments[0].equals("--exporter")) {
      runExporter();
      return;
    }
    if (arguments.length > 0) {
      // Never start a second operator in the pod, for a plugin that is newer than this version.
      System.err.println("securememcached-operator: unknown argument '%s'".formatted(arguments[0]));
      System.exit(2);
    }
    OperatorConfig config;
    try {
      config = OperatorConfig.from(System.getenv());
    } catch (IllegalArgumentException e) {
      System.err.println("securememcached-operator: " + e.getMessage());
      System.exit(2);
      return;
    }
    setLogLevel(config.logLevel());
    Logger log = LoggerFactory.getLogger(Main.class);
    WritePermit permit = WritePermit.ofProcess();
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    OperatorProcess process =
        new OperatorProcess(
            config,
            ApiClient.of(Config.autoConfigure(null), permit, new RequestMetrics(metrics)),
            leadership(config, permit),
            Clock.systemUTC(),
            metrics);
    CountDownLatch stopped = stopOnSignal(process::close, log);
    HeapWatch.start(used -> waitForMemory(process, used));
    try {
      CompletableFuture<Void> leading = process.start();
      log.atInfo()
          .addKeyValue("namespaces", config.watchNamespaces())
          .addKeyValue("healthPort", process.healthPort())
          .addKeyValue("metricsPort", process.metricsPort())
          .addKeyValue("startMillis", millisSinceProcessStart())
          .log("Started");
      leading.join();
    } catch (OperatorException | CompletionException e) {
      if (!process.isStoppedForWantOfMemory()) {
        log.error(
            "Could not start: {}. Check that the CRD and the operator's RBAC manifests are installed.",
            root(e));
        // The client's threads would keep a useless process alive.
        System.exit(1);
      }
    }
    stopped.await();
  }

  private static void runExporter() throws InterruptedException {
    ExporterConfig config;
    try {
      config = ExporterConfig.from(System.getenv());
    } catch (IllegalArgumentException e) {
      System.err.println("securememcached-exporter: " + e.getMessage());
      System.exit(2);
      return;
    }
    setLogLevel(config.logLevel());
    Logger log = LoggerFactory.getLogger(Main.class);
    KubernetesClient client = ApiClient.of(Config.autoConfigure(null));
    ExporterProcess exporter;
    try {
      exporter = new ExporterProcess(config, client);
    } catch (IllegalArgumentException | UncheckedIOException e) {
      log.error("Could not start: {}", e.getMessage());
      System.exit(1);
      return;
    }
    CountDownLatch stopped =
        stopOnSignal(
            () -> {
              exporter.close();
              client.close();
            },
            log);
    exporter.start();
    log.atInfo()
        .addKeyValue("namespaces", config.watchNamespaces())
        .addKeyValue("healthPort", exporter.healthPort())
        .addKeyValue("metricsPort", exporter.metricsPort())
        .addKeyValue("startMillis", millisSinceProcessStart())
        .log("Started the exporter");
    stopped.await();
  }

  /**
   * Ends the process's work when it is told to end.
   *
   * @return counted down after that
   */
  private static CountDownLatch stopOnSignal(Runnable close, Logger log) {
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("stop")
                .unstarted(
                    () -> {
                      close.run();
                      log.info("Stopped");
                      stopped.countDown();
                    }));
    return stopped;
  }

  /** A new process in the same pod checks whether there is enough by then. */
  private static void waitForMemory(OperatorProcess process, String used) {
    process.stopForWantOfMemory(used);
    try {
      Thread.sleep(OperatorProcess.RETRY);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    System.exit(1);
  }

  private static Leadership leadership(OperatorConfig config, WritePermit permit) {
    KubernetesClient client = ApiClient.forLease(Config.autoConfigure(null));
    return config.leaderElection()
        ? new Lease(
            client,
            config.settings().operatorNamespace(),
            config.podName(),
            permit,
            Clock.systemUTC())
        : new Heartbeat(client, permit);
  }

  /**
   * For the operator's own packages. Libraries log at INFO or less in any case: at TRACE the client
   * logs its token, and the Secrets that it reads and writes.
   */
  private static void setLogLevel(String level) {
    System.setProperty(OWN_LOG_LEVEL, level);
    System.setProperty(
        LIBRARIES_LOG_LEVEL, level.equals("debug") || level.equals("trace") ? "info" : level);
  }

  /**
   * By the clock since boot, from proc(5): {@link ProcessHandle} takes the time of the boot in
   * whole seconds and so is up to a second off. A tick is a hundredth of a second.
   */
  private static long millisSinceProcessStart() {
    try {
      String stat = Files.readString(Path.of("/proc/self/stat"));
      // The name of the program comes second, in brackets, and may hold blanks; the start is 22nd.
      String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      String uptime = Files.readString(Path.of("/proc/uptime"));
      double now = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
      return Math.round(now * 1000) - Long.parseLong(afterName[19]) * 10;
    } catch (IOException e) {
      // Not Linux.
      return -1;
    }
  }

  private static String root(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage();
  }
}
