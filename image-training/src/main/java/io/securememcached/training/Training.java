package io.securememcached.training;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Runs the operator against an API server that only echoes: one reconciliation that creates the
 * children of a resource, and one that finds them. Then it is stopped, and its JVM writes down
 * which classes a start needs, as its AOT cache (JEP 483, 514).
 */
public final class Training {

  /** For an emulated processor, on which a start takes minutes; else it takes seconds. */
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  /** Health and metrics; nothing else runs where an image is built. */
  private static final List<String> ENDPOINTS =
      List.of("8080/livez", "8080/readyz", "8081/livez", "8081/readyz", "8080/metrics");

  private Training() {}

  /**
   * Runs a command as the operator.
   *
   * @param arguments a folder with {@code training.p12}, a key for localhost under the password
   *     "training", and its certificate {@code training.pem}, so that TLS is trained, too, or
   *     {@code -} for plain HTTP; then the command
   * @throws IllegalStateException when the operator ended by itself, wrote no status in time, or
   *     one that tells of an unexpected error
   */
  public static void main(String[] arguments) throws Exception {
    Optional<Path> folder =
        arguments[0].equals("-") ? Optional.empty() : Optional.of(Path.of(arguments[0]));
    List<String> command = Arrays.asList(arguments).subList(1, arguments.length);
    try (EchoServer api = EchoServer.start(folder)) {
      ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
      builder.environment().putAll(environment(api, folder));
      Process operator = builder.start();
      try {
        api.awaitStatus(TIMEOUT);
        api.changeResource();
        api.awaitStatus(TIMEOUT);
        ENDPOINTS.forEach(Training::get);
        System.out.println("Peak resident memory: " + peak(operator));
        operator.destroy();
        if (!operator.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
          throw new IllegalStateException("The operator did not stop");
        }
      } finally {
        operator.destroyForcibly();
      }
    }
    // Threads of connections must not keep the build waiting.
    System.exit(0);
  }

  private static Map<String, String> environment(EchoServer api, Optional<Path> folder) {
    Map<String, String> environment = new HashMap<>();
    environment.put("KUBERNETES_MASTER", api.url());
    folder.ifPresent(
        path ->
            environment.put("KUBERNETES_CERTS_CA_FILE", path.resolve("training.pem").toString()));
    environment.put("KUBERNETES_AUTH_TOKEN", "training");
    environment.put("KUBERNETES_AUTH_TRYKUBECONFIG", "false");
    environment.put("KUBERNETES_AUTH_TRYSERVICEACCOUNT", "false");
    environment.put("OPERATOR_NAMESPACE", "training");
    environment.put("METRICS_AUTHENTICATION", "false");
    environment.put("POD_LABEL_NAME", "training");
    environment.put("POD_LABEL_INSTANCE", "training");
    environment.put("POD_NAME", "training");
    environment.put("MEMCACHED_IMAGE_CENTOS7", "training");
    environment.put("MEMCACHED_IMAGE_DEBIAN12", "training");
    environment.put("MEMCACHED_IMAGE_DEBIAN13", "training");
    return environment;
  }

  /** The paths are there for their classes; what they say does not count. */
  private static void get(String endpoint) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint)).build();
      http.send(request, HttpResponse.BodyHandlers.discarding());
    } catch (IOException e) {
      System.out.println("No answer from " + endpoint + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** As proc(5) has it, in kB. */
  private static String peak(Process process) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .map(line -> line.substring("VmHWM:".length()).strip())
        .findFirst()
        .orElseThrow();
  }
}
