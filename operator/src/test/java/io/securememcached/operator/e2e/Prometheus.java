package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A real Prometheus, Debian's package, in a pod with a service account's token.
 *
 * <p>Its program and its files are copied into a pod of an image that every cluster of the tests
 * has.
 */
final class Prometheus implements AutoCloseable {

  private static final String POD = "prometheus";
  private static final int PORT = 9090;
  private static final Duration TOOL = Duration.ofMinutes(10);

  private final Sandbox sandbox;
  private final Process process;
  private final LocalPortForward forward;
  private final HttpClient http = HttpClient.newHttpClient();

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
                    + " --web.listen-address=127.0.0.1:"
                    + PORT
                    + " >log 2>&1");
    forward =
        sandbox.client().pods().inNamespace(sandbox.namespace()).withName(POD).portForward(PORT);
    Sandbox.eventually("Prometheus to be ready", () -> assertThat(isReady()).isTrue());
  }

  /** Until it listens, the connection ends without an answer. */
  private boolean isReady() {
    try {
      return get("/-/ready").contains("is Ready");
    } catch (UncheckedIOException e) {
      return false;
    }
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

  /** The samples that an expression has now. */
  List<JsonNode> query(String expression) {
    JsonNode answer =
        json("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
    assertThat(answer.at("/status").asText()).as("%s", answer).isEqualTo("success");
    return answer.at("/data/result").valueStream().toList();
  }

  /**
   * The value of an expression with one sample.
   *
   * @throws AssertionError where there are none or several
   */
  double value(String expression) {
    List<JsonNode> samples = query(expression);
    assertThat(samples).as(expression).hasSize(1);
    return Double.parseDouble(samples.getFirst().at("/value/1").asText());
  }

  /** What went wrong at the last scrape of a job's target; empty if nothing did. */
  String lastError(String job) {
    return json("/api/v1/targets")
        .at("/data/activeTargets")
        .valueStream()
        .filter(target -> target.at("/labels/job").asText().equals(job))
        .findFirst()
        .orElseThrow()
        .at("/lastError")
        .asText();
  }

  /** The groups of rules that it loaded. */
  JsonNode rules() {
    return json("/api/v1/rules").at("/data/groups");
  }

  private JsonNode json(String path) {
    try {
      return new ObjectMapper().readTree(get(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String get(String path) {
    try {
      return http.send(
              HttpRequest.newBuilder(
                      URI.create("http://localhost:" + forward.getLocalPort() + path))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    http.close();
    forward.close();
    process.destroy();
  }
}
