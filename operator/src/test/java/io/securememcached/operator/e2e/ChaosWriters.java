package io.securememcached.operator.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Who wrote what while whose pod led, by the API server's audit log. */
final class ChaosWriters {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ACCOUNT =
      "system:serviceaccount:" + Installation.NAMESPACE + ":" + Installation.RELEASE;
  private static final Set<String> WRITES = Set.of("create", "update", "patch", "delete");

  /**
   * A write that was done.
   *
   * @param received when the API server had read the request
   */
  record Write(Instant received, String pod, boolean isLease, String what) {}

  private ChaosWriters() {}

  /** All writes since a moment, in order. */
  static List<Write> read(Path auditLog, Instant since) {
    List<Write> writes = new ArrayList<>();
    try (Stream<Path> files = Files.list(auditLog.getParent())) {
      for (Path file :
          files.filter(path -> path.getFileName().toString().matches("audit.*\\.log")).toList()) {
        try (Stream<String> lines = Files.lines(file)) {
          lines.filter(line -> line.contains(ACCOUNT)).forEach(line -> add(line, since, writes));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    writes.sort(Comparator.comparing(Write::received));
    return writes;
  }

  /** Writes of a pod after another one has taken the lease. */
  static List<Write> ofOthersThanTheLeader(List<Write> writes) {
    List<Write> others = new ArrayList<>();
    String leader = "";
    for (Write write : writes) {
      if (write.isLease()) {
        leader = write.pod();
      } else if (!leader.isEmpty() && !write.pod().equals(leader)) {
        others.add(write);
      }
    }
    return others;
  }

  private static void add(String line, Instant since, List<Write> writes) {
    try {
      JsonNode entry = JSON.readTree(line);
      Instant received = Instant.parse(entry.path("requestReceivedTimestamp").asText());
      JsonNode object = entry.path("objectRef");
      int code = entry.path("responseStatus").path("code").asInt();
      String resource = object.path("resource").asText();
      if (received.isAfter(since)
          && WRITES.contains(entry.path("verb").asText())
          && code >= 200
          && code < 300
          && !resource.equals("events")) {
        writes.add(
            new Write(
                received,
                entry
                    .path("user")
                    .path("extra")
                    .path("authentication.kubernetes.io/pod-name")
                    .path(0)
                    .asText(),
                resource.equals("leases"),
                entry.path("verb").asText() + " " + entry.path("requestURI").asText()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The audit log holds no JSON: " + line, e);
    }
  }
}
