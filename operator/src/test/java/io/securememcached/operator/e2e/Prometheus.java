package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * A real Prometheus, Debian's package, in a pod with a service account's token.
 *
 * <p>Its program and its files are copied into a pod of an image that every cluster of the tests
 * has.
 */
final class Prometheus implements AutoCloseable {

  private static final String POD = "prometheus";
  private static final Duration TOOL = Duration.ofMinutes(10);

  private final Sandbox sandbox;
  private final Process process;
  private final PrometheusApi api;

  /**
   * Starts it and waits until it answers.
   *
   * @param account whose token is at the usual place in its pod
   * @param files content by name, in its working folder; {@code prometheus.yml} is its
   *     configuration
   */
  Prometheus(Sandbox sandbox, String account, Map<String, String> files) {
    this.sandbox = sandbox;
    Pod pod =
        new PodBuilder(BarePods.pod(POD, Map.of("app", POD)).build())
            .editSpec()
            .withServiceAccountName(account)
            .withAutomountServiceAccountToken(true)
            .editFirstContainer()
            .withCommand("sleep", "infinity")
            .addNewVolumeMount()
            .withName("data")
            .withMountPath("/data")
            .endVolumeMount()
            .endContainer()
            .addNewVolume()
            .withName("data")
            .withNewEmptyDir()
            .endEmptyDir()
            .endVolume()
            .endSpec()
            .build();
    sandbox.client().pods().inNamespace(sandbox.namespace()).resource(pod).create();
    sandbox.awaitPod(POD);
    Path program =
        Path.of(
            Shell.run(Guarded.ROOT, Map.of(), TOOL, "scripts/monitoring", "prometheus").strip());
    try {
      copy("prometheus", Files.readAllBytes(program));
      for (Map.Entry<String, String> file : files.entrySet()) {
        copy(file.getKey(), file.getValue().getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    process =
        sandbox
            .in(POD)
            .start(
                "bash",
                "-c",
                // There is no chmod in the image; the loader runs what it can read.
                "cd /data && exec /lib64/ld-linux-x86-64.so.2 ./prometheus"
                    + " --config.file=prometheus.yml --storage.tsdb.path=/data/tsdb"
                    + " --web.listen-address=127.0.0.1:9090 >log 2>&1");
    api = new PrometheusApi(sandbox, POD);
  }

  /** What it answers. */
  PrometheusApi api() {
    return api;
  }

  private void copy(String name, byte[] content) throws IOException {
    Process writing = sandbox.in(POD).start("bash", "-c", "cat >/data/" + name);
    try (OutputStream input = writing.getOutputStream()) {
      input.write(content);
    }
    try {
      assertThat(writing.waitFor()).as("%s", name).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    api.close();
    process.destroy();
  }
}
