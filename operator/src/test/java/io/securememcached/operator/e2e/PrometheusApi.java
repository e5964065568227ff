package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a Prometheus in a pod answers to queries, through the node. */
final class PrometheusApi implements AutoCloseable {

  private static final int PORT = 9090;

  private final LocalPortForward forward;
  private final HttpClient http = HttpClient.newHttpClient();

  /** Waits until the Prometheus answers, which its pod must already run. */
  PrometheusApi(Sandbox sandbox, String pod) {
    forward =
        sandbox.client().pods().inNamespace(sandbox.namespace()).withName(pod).portForward(PORT);
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

  /** The targets of a part of the configuration; a job's name may be relabelled. */
  List<JsonNode> targets(String scrapePool) {
    return json("/api/v1/targets")
        .at("/data/activeTargets")
        .valueStream()
        .filter(target -> target.at("/scrapePool").asText().equals(scrapePool))
        .toList();
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
  }
}
