package io.securememcached.operator.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a service account asked the API server for.
 *
 * @param used what was asked for and allowed, such as "patch apps/statefulsets"
 * @param refused what was not
 */
record AuditLog(Set<String> used, Set<String> refused) {

  /** The user agent of all its requests. */
  private static final String OPERATOR = "securememcached-operator";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads the log, with the files that it was rotated into.
   *
   * @param since older entries are of another installation
   * @param restarts of the API server, during which it refuses what is granted
   */
  static AuditLog read(
      Path file, String user, Instant since, List<TestbedCluster.Restart> restarts) {
    Set<String> used = new TreeSet<>();
    Set<String> refused = new TreeSet<>();
    for (Path part : parts(file)) {
      try (Stream<String> lines = Files.lines(part)) {
        // Reading JSON is slow: only lines that can be meant.
        lines
            .filter(line -> line.contains(user))
            .forEach(line -> note(parse(line), user, since, restarts, used, refused));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return new AuditLog(used, refused);
  }

  private static List<Path> parts(Path file) {
    String name = file.getFileName().toString().replaceFirst("\\.log$", "");
    try (Stream<Path> files = Files.list(file.getParent())) {
      return new ArrayList<>(
          files
              .filter(path -> path.getFileName().toString().matches(name + "(-.*)?\\.log"))
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException("The audit log holds no JSON: " + line, e);
    }
  }

  private static void note(
      JsonNode entry,
      String user,
      Instant since,
      List<TestbedCluster.Restart> restarts,
      Set<String> used,
      Set<String> refused) {
    JsonNode object = entry.path("objectRef");
    if (!entry.path("user").path("username").asText().equals(user)
        || object.path("resource").isMissingNode()) {
      return;
    }
    Instant time = Instant.parse(entry.path("requestReceivedTimestamp").asText());
    if (time.isBefore(since)) {
      return;
    }
    String resource =
        object.path("apiGroup").asText("")
            + "/"
            + object.path("resource").asText()
            + (object.has("subresource") ? "/" + object.path("subresource").asText() : "");
    String verb = entry.path("verb").asText();
    // Not what a test does with the account's token.
    if (entry.path("userAgent").asText().equals(OPERATOR)
        && entry.at("/responseStatus/message").asText().contains("ValidatingAdmissionPolicy")) {
      refused.add(verb + " " + resource + " by an admission policy");
    }
    // A namespace that goes away refuses, too; that is no lack of rights.
    if (entry.path("annotations").path("authorization.k8s.io/decision").asText().equals("forbid")) {
      if (restarts.stream().anyMatch(restart -> restart.contains(time))) {
        return;
      }
      refused.add(verb + " " + resource);
      return;
    }
    used.add(verb + " " + resource);
    if (verb.equals("patch") && entry.path("responseStatus").path("code").asInt() == 201) {
      // An apply of an object that is not there needs both verbs.
      used.add("create " + resource);
    }
  }
}
