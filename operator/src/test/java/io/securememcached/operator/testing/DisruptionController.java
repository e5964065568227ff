package io.securememcached.operator.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Kubernetes' own controller of PodDisruptionBudgets, beside an API server without others. */
public final class DisruptionController implements AutoCloseable {

  private final Process process;

  private DisruptionController(Process process) {
    this.process = process;
  }

  /**
   * Starts it. It works on all namespaces of the API server until it is closed.
   *
   * @param folder for its output
   */
  public static DisruptionController start(ApiServer server, Path folder) throws IOException {
    Path program = ApiServer.binaries().resolve("kube-controller-manager");
    if (!Files.isExecutable(program)) {
      throw new IllegalStateException(program + " is missing");
    }
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--kubeconfig=" + server.kubeconfigFile(),
                "--controllers=disruption-controller",
                "--leader-elect=false",
                "--secure-port=0")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("controller.log").toFile())
            .start();
    // A test run that is broken off ends this JVM, but not the processes that it started.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
    return new DisruptionController(process);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
