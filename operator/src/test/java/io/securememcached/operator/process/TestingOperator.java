package io.securememcached.operator.process;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.Main;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.client.RequestMetrics;
import io.securememcached.operator.config.OperatorConfig;
import io.securememcached.operator.leader.AlwaysLeading;
import io.securememcached.operator.testing.ApiServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The operator as {@link Main} runs it, in this JVM, on one namespace of a test's API server, with
 * the rights and the limits of its own account.
 */
public final class TestingOperator implements AutoCloseable {

  /** What the chart sets, made up. */
  public static final Map<String, String> ENVIRONMENT =
      Map.ofEntries(
          Map.entry("OPERATOR_NAMESPACE", "securememcached"),
          Map.entry("POD_LABEL_NAME", "securememcached-operator"),
          Map.entry("POD_LABEL_INSTANCE", "securememcached-operator"),
          Map.entry("POD_NAME", "securememcached-operator-0"),
          Map.entry("MEMCACHED_IMAGE_CENTOS7", "registry.example/memcached:1.4.15-centos7"),
          Map.entry("MEMCACHED_IMAGE_DEBIAN12", "registry.example/memcached:1.6.18-debian12"),
          Map.entry("MEMCACHED_IMAGE_DEBIAN13", "registry.example/memcached:1.6.45-debian13"),
          Map.entry("LEADER_ELECTION", "false"),
          Map.entry("HEALTH_PORT", "0"),
          Map.entry("METRICS_PORT", "0"),
          Map.entry("METRICS_AUTHENTICATION", "false"));

  private static final Pattern PASSES =
      Pattern.compile(
          "^operator_sdk_controllers_execution_reconcile_seconds_count\\{?.*? ([0-9.]+)$",
          Pattern.MULTILINE);

  private final List<String> writes = new CopyOnWriteArrayList<>();
  private volatile Duration ahead = Duration.ZERO;
  private volatile Consumer<String> beforeWrite = write -> {};
  private final Consumer<String> beforeRequest;
  private final KubernetesClient client;
  private final OperatorProcess process;

  private TestingOperator(
      Config account,
      String namespace,
      Consumer<String> beforeRequest,
      Map<String, String> settings) {
    this.beforeRequest = beforeRequest;
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    client = ApiClient.of(account, new Observer(), new RequestMetrics(metrics));
    Map<String, String> environment = new HashMap<>(ENVIRONMENT);
    environment.put("WATCH_NAMESPACES", namespace);
    environment.putAll(settings);
    process =
        new OperatorProcess(
            OperatorConfig.from(environment),
            client,
            new AlwaysLeading(),
            () -> Instant.now().plus(ahead),
            metrics);
    process.start().join();
  }

  /** Starts an operator; the resources that are there are worked on at once. */
  public static TestingOperator start(ApiServer server, String namespace) {
    return start(server, namespace, request -> {});
  }

  /**
   * Starts an operator.
   *
   * @param beforeRequest gets method and path of each request, in the thread that asks, before the
   *     API server is asked
   */
  public static TestingOperator start(
      ApiServer server, String namespace, Consumer<String> beforeRequest) {
    return new TestingOperator(server.accountConfig(), namespace, beforeRequest, Map.of());
  }

  /**
   * Starts an operator with settings of its own.
   *
   * @param settings environment variables, beside and over {@link #ENVIRONMENT}
   */
  public static TestingOperator start(
      ApiServer server, String namespace, Map<String, String> settings) {
    return start(server.accountConfig(), namespace, settings);
  }

  /** Starts an operator with settings and an account of its own. */
  public static TestingOperator start(
      Config account, String namespace, Map<String, String> settings) {
    return new TestingOperator(account, namespace, request -> {}, settings);
  }

  /** Lets the operator believe that time has passed. */
  public void passTime(Duration time) {
    ahead = ahead.plus(time);
  }

  /** Runs something in the thread that writes, before the API server is asked. */
  public void beforeWrite(Consumer<String> action) {
    beforeWrite = action;
  }

  /** Each request that was no GET, as method and path. */
  public List<String> writes() {
    return List.copyOf(writes);
  }

  /** Number of passes that came to their end. */
  public int passes() {
    Matcher matcher = PASSES.matcher(get("metrics"));
    int passes = 0;
    while (matcher.find()) {
      passes += (int) Double.parseDouble(matcher.group(1));
    }
    return passes;
  }

  /** What the operator answers over HTTP. */
  public String get(String path) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              java.net.http.HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + port(path) + "/" + path))
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

  private int port(String path) {
    return path.equals("metrics") ? process.metricsPort() : process.healthPort();
  }

  @Override
  public void close() {
    process.close();
    client.close();
  }

  private final class Observer implements Interceptor {
    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
      String text = request.method() + " " + request.uri().getPath();
      beforeRequest.accept(text);
      if (!request.method().equals("GET")) {
        writes.add(text);
        beforeWrite.accept(text);
      }
    }
  }
}
