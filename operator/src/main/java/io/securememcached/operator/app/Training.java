package io.securememcached.operator.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.status.Reason;
import io.securememcached.operator.verify.Limits;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * Two passes over one resource against an API server that only echoes, run when the image is built:
 * the JVM then knows which classes a start needs and keeps them in its AOT cache (JEP 483, 514).
 * The first pass creates the children, the second one finds them.
 */
final class Training {

  private static final String KEY_STORE = "training.p12";
  private static final String CERTIFICATE = "training.pem";
  private static final String PRIMARY =
      """
      {"apiVersion": "securememcached.io/v1beta1", "kind": "SecureMemcached",
       "metadata": {"name": "training", "namespace": "training", "uid": "1", "generation": %1$d,
                    "resourceVersion": "%1$d"},
       "spec": {"replicas": 2, "sourceZones": [
         {"name": "web", "sources": [{"podSelector": {"matchLabels": {"app": "web"}}},
                                     {"cidr": "10.0.4.7/32"}]}]}}""";

  /**
   * An object of any kind that is none of ours, with what the kinds have in their status: fields
   * that a kind does not know it skips.
   */
  private static final String OTHER =
      """
      {"metadata": {"name": "other", "namespace": "training", "uid": "3", "resourceVersion": "1",
                    "labels": {"app": "other"}, "annotations": {"note": "other"},
                    "ownerReferences": [{"kind": "Other", "name": "other", "uid": "4"}],
                    "managedFields": [{"manager": "other", "operation": "Apply",
                      "time": "2026-01-01T00:00:00Z", "fieldsType": "FieldsV1",
                      "fieldsV1": {"f:metadata": {"f:labels": {".": {}}}}}]},
       "spec": {},
       "status": {"replicas": 0, "conditions": [{"type": "Other", "status": "True"}],
                  "loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}},
       "endpoints": [{"addresses": ["192.0.2.1"], "conditions": {"ready": true}, "hints": {}}]}""";

  private final Semaphore statusesWritten = new Semaphore(0);
  private volatile boolean failed;
  private final CompletableFuture<OutputStream> watch = new CompletableFuture<>();

  private Training() {}

  /**
   * Runs to the second status and stops.
   *
   * @param folder holds {@code training.p12}, a key for localhost under the password "training",
   *     and its certificate {@code training.pem}, so that TLS is trained too; none for plain HTTP
   * @throws IllegalStateException when no status was written within a minute, or one that tells of
   *     an unexpected error
   */
  static void run(Optional<Path> folder)
      throws InterruptedException, IOException, GeneralSecurityException {
    new Training().train(folder);
  }

  private void train(Optional<Path> folder)
      throws InterruptedException, IOException, GeneralSecurityException {
    // As in Main; what it finds is not used.
    Config.autoConfigure(null);
    HttpServer api = server(folder);
    ExecutorService threads = Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());
    api.setExecutor(threads);
    api.createContext("/", this::answer);
    api.start();
    Config config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl(
                (folder.isPresent() ? "https" : "http")
                    + "://localhost:"
                    + api.getAddress().getPort())
            .withCaCertFile(folder.map(path -> path.resolve(CERTIFICATE).toString()).orElse(null))
            .build();
    OperatorConfig settings = OperatorConfig.from(environment());
    WritePermit permit = WritePermit.ofProcess();
    try (KubernetesClient client = ApiClient.of(config, permit);
        KubernetesClient leaseClient = ApiClient.forLease(config);
        OperatorProcess process =
            new OperatorProcess(
                settings,
                client,
                new Lease(leaseClient, "training", "training", permit, Clock.systemUTC()),
                Clock.systemUTC())) {
      process.start().join();
      awaitStatus();
      OutputStream events = watch.join();
      events.write(
          "{\"type\": \"MODIFIED\", \"object\": %s}\n"
              .formatted(PRIMARY.formatted(2).replace("\n", ""))
              .getBytes(UTF_8));
      events.flush();
      awaitStatus();
      verify(config);
      get(process.healthPort(), "livez");
      get(process.healthPort(), "readyz");
      get(process.metricsPort(), "metrics");
    } finally {
      api.stop(0);
      threads.shutdownNow();
    }
  }

  private void awaitStatus() throws InterruptedException {
    if (!statusesWritten.tryAcquire(1, TimeUnit.MINUTES)) {
      throw new IllegalStateException("Training ended without a status");
    }
    if (failed) {
      // What comes after the error in a pass would not be in the cache.
      throw new IllegalStateException("A pass of the training failed, see the log above");
    }
  }

  /** The second process that runs in the pod; there is no server to be asked here. */
  private static void verify(Config config) {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
    int code =
        new VerifyCommand(
                environment(), () -> ApiClient.of(config), nowhere, System.err, Limits.DEFAULT)
            .run(List.of("training/training"));
    if (code != VerifyCommand.UNKNOWN) {
      throw new IllegalStateException("Training saw servers that are not there: " + code);
    }
  }

  private static HttpServer server(Optional<Path> folder)
      throws IOException, GeneralSecurityException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    if (folder.isEmpty()) {
      return HttpServer.create(address, 0);
    }
    HttpsServer server = HttpsServer.create(address, 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls(folder.get().resolve(KEY_STORE))));
    return server;
  }

  private static SSLContext tls(Path keyStore) throws IOException, GeneralSecurityException {
    char[] password = "training".toCharArray();
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(KeyStore.getInstance(keyStore.toFile(), password), password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static Map<String, String> environment() {
    return Map.of(
        "OPERATOR_NAMESPACE", "training",
        "POD_LABEL_NAME", "training",
        "POD_LABEL_INSTANCE", "training",
        "POD_NAME", "training",
        "MEMCACHED_IMAGE_CENTOS7", "training",
        "MEMCACHED_IMAGE_DEBIAN12", "training",
        "LEADER_ELECTION", "true",
        "HEALTH_PORT", "0",
        "METRICS_PORT", "0");
  }

  private static void get(int port, String path) throws InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + port + "/" + path);
      http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    boolean write = !exchange.getRequestMethod().equals("GET");
    if (query.contains("watch=true")) {
      // Held open: an informer that loses its watch starts over.
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().flush();
      if (path.endsWith("/securememcacheds")) {
        watch.complete(exchange.getResponseBody());
      }
      return;
    }
    if (write) {
      String written = echo(exchange);
      respond(exchange, 200, written);
      if (path.endsWith("/status")) {
        failed |= written.contains("\"reason\":\"" + Reason.Failed + '"');
        statusesWritten.release();
      }
    } else if (path.endsWith("/securememcacheds")) {
      respond(exchange, 200, list(PRIMARY.formatted(1)));
    } else if (query.contains("resourceVersion") || query.contains("labelSelector")) {
      // No pod: there is no server that could be checked.
      respond(exchange, 200, list(path.endsWith("/pods") ? "" : OTHER));
    } else if (path.startsWith("/apis/gateway.networking.k8s.io/")) {
      // A group that nobody serves.
      respond(exchange, 404, "404 page not found");
    } else {
      respond(
          exchange,
          404,
          "{\"apiVersion\": \"v1\", \"kind\": \"Status\", \"status\": \"Failure\", \"code\": 404}");
    }
  }

  private static String list(String items) {
    return "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"metadata\": {\"resourceVersion\": \"1\"}, \"items\": ["
        + items
        + "]}";
  }

  private static String echo(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    GenericKubernetesResource written =
        Serialization.unmarshal(body, GenericKubernetesResource.class);
    written.getMetadata().setUid("2");
    written.getMetadata().setResourceVersion("2");
    // Without them an object that was applied looks as if nobody had applied it.
    ManagedFieldsEntry entry = new ManagedFieldsEntry();
    entry.setManager(Labels.OPERATOR);
    entry.setOperation("Apply");
    entry.setFieldsType("FieldsV1");
    entry.setFieldsV1(new FieldsV1());
    entry.getFieldsV1().setAdditionalProperties(fields(written.getAdditionalProperties()));
    written.getMetadata().setManagedFields(List.of(entry));
    return Serialization.asJson(written);
  }

  /** Which fields an object has, as if all lists were set as a whole. */
  private static Map<String, Object> fields(Map<?, ?> object) {
    Map<String, Object> fields = new TreeMap<>();
    object.forEach(
        (name, value) ->
            fields.put("f:" + name, value instanceof Map<?, ?> map ? fields(map) : Map.of()));
    return fields;
  }

  private static void respond(HttpExchange exchange, int code, String json) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      if (!"gzip".equals(exchange.getRequestHeaders().getFirst("Accept-Encoding"))) {
        byte[] body = json.getBytes(UTF_8);
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
        return;
      }
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
      exchange.sendResponseHeaders(code, 0);
      try (OutputStream body = new GZIPOutputStream(exchange.getResponseBody())) {
        body.write(json.getBytes(UTF_8));
      }
    }
  }
}
