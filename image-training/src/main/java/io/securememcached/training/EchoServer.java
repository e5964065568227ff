package io.securememcached.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * An API server for one resource: answers lists, holds WebSockets of watches open and echoes
 * writes.
 */
final class EchoServer implements AutoCloseable {

  private static final String KEY_STORE = "training.p12";

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String PRIMARY =
      """
      {"apiVersion": "securememcached.io/v1beta1", "kind": "SecureMemcached",
       "metadata": {"name": "training", "namespace": "training", "uid": "1", "generation": %1$d,
                    "resourceVersion": "%1$d"},
       "spec": {"replicas": 2, "sourceZones": [
         {"name": "web", "sources": [{"podSelector": {"matchLabels": {"app": "web"}}},
                                     {"cidr": "10.0.4.7/32"}]}]}}""";

  /**
   * An object of any kind that is none of the operator's, with what the kinds have in their status:
   * fields that a kind does not know are skipped.
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

  private final ServerSocket listener;
  private final String scheme;
  private final Semaphore statusesWritten = new Semaphore(0);
  private final CompletableFuture<Connection> watch = new CompletableFuture<>();
  private volatile boolean failed;

  private EchoServer(ServerSocket listener, String scheme) {
    this.listener = listener;
    this.scheme = scheme;
  }

  /**
   * Starts a server on loopback.
   *
   * @param folder with the key; empty for plain HTTP
   */
  static EchoServer start(Optional<Path> folder) throws IOException, GeneralSecurityException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    EchoServer server =
        folder.isEmpty()
            ? new EchoServer(new ServerSocket(0, 50, loopback), "http")
            : new EchoServer(
                tls(folder.get().resolve(KEY_STORE))
                    .getServerSocketFactory()
                    .createServerSocket(0, 50, loopback),
                "https");
    Thread.ofPlatform().daemon().name("api").start(server::accept);
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

  String url() {
    return scheme + "://localhost:" + listener.getLocalPort();
  }

  /** Returns once one more status of the resource was written that tells of no unexpected error. */
  void awaitStatus(Duration timeout) throws InterruptedException {
    if (!statusesWritten.tryAcquire(timeout.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("The operator wrote no status, see its log above");
    }
    if (failed) {
      // What comes after the error in a reconciliation would not be in the cache.
      throw new IllegalStateException("A reconciliation failed, see the operator's log above");
    }
  }

  /** Tells the watch of a new generation of the resource. */
  void changeResource()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    watch
        .get(1, TimeUnit.MINUTES)
        .sendFrame(
            "{\"type\": \"MODIFIED\", \"object\": %s}"
                .formatted(PRIMARY.formatted(2).replace("\n", "")));
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        Thread.ofPlatform().daemon().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed: the training is over.
    }
  }

  private void serve(Socket socket) {
    try (Connection connection = new Connection(socket)) {
      for (Optional<Connection.Request> request = connection.read();
          request.isPresent();
          request = connection.read()) {
        if (request.get().webSocketKey().isPresent()) {
          connection.upgrade(request.get().webSocketKey().get());
          if (request.get().path().endsWith("/securememcacheds")) {
            watch.complete(connection);
          }
          connection.drain();
          return;
        }
        answer(request.get(), connection);
      }
    } catch (IOException e) {
      // The operator has closed it.
    }
  }

  private void answer(Connection.Request request, Connection connection) throws IOException {
    String path = request.path();
    if (!request.method().equals("GET")) {
      String written = echo(request.body());
      connection.respond(200, written);
      if (path.endsWith("/status")) {
        failed |= written.contains("\"reason\":\"RequestFailed\"");
        statusesWritten.release();
      }
    } else if (path.endsWith("/securememcacheds")) {
      connection.respond(200, list(PRIMARY.formatted(1)));
    } else if (request.query().contains("resourceVersion")
        || request.query().contains("labelSelector")) {
      // No pod: there is no server that could be checked.
      connection.respond(200, list(path.endsWith("/pods") ? "" : OTHER));
    } else {
      connection.respond(
          404,
          "{\"apiVersion\": \"v1\", \"kind\": \"Status\", \"status\": \"Failure\", \"code\": 404}");
    }
  }

  private static String list(String items) {
    return "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"metadata\": {\"resourceVersion\": \"1\"}, \"items\": ["
        + items
        + "]}";
  }

  /** As the API server returns what was applied: with ids, and with the fields of its manager. */
  private static String echo(byte[] body) throws IOException {
    if (body.length == 0
        || !(JSON.readTree(new String(body, UTF_8)) instanceof ObjectNode written)) {
      return "{}";
    }
    ObjectNode metadata = written.withObject("/metadata");
    metadata.put("uid", "2").put("resourceVersion", "2");
    ObjectNode fields = fields(written);
    metadata
        .putArray("managedFields")
        .addObject()
        .put("manager", "securememcached-operator")
        .put("operation", "Apply")
        .put("fieldsType", "FieldsV1")
        .set("fieldsV1", fields);
    return JSON.writeValueAsString(written);
  }

  /** Which fields an object has, as if all lists were set as a whole. */
  private static ObjectNode fields(JsonNode object) {
    ObjectNode fields = JSON.createObjectNode();
    object
        .properties()
        .forEach(
            field ->
                fields.set(
                    "f:" + field.getKey(),
                    field.getValue().isObject()
                        ? fields(field.getValue())
                        : JSON.createObjectNode()));
    return fields;
  }
}
