package io.securememcached.operator.endpoint;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whose metrics a request asks for, by its path alone. */
public sealed interface MetricsScope {

  /** Of everything: {@code /metrics}. */
  record All() implements MetricsScope {}

  /** Of all resources of a namespace: {@code /metrics/namespaces/NS}. */
  record Namespace(String namespace) implements MetricsScope {}

  /** Of one resource: {@code /metrics/namespaces/NS/NAME}. */
  record Resource(String namespace, String name) implements MetricsScope {}

  /** The path of everything, and the right to read everything. */
  String PATH = "/metrics";

  /** Names as Kubernetes has them, so that no other text gets into a review or an answer. */
  Pattern OTHERS =
      Pattern.compile(
          PATH
              + "/namespaces/([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)(?:/([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?))?");

  /** The scope of a path; empty for a path that is none of a scope. */
  static Optional<MetricsScope> of(String path) {
    if (path.equals(PATH)) {
      return Optional.of(new All());
    }
    Matcher parts = OTHERS.matcher(path);
    if (!parts.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        parts.group(2) == null
            ? new Namespace(parts.group(1))
            : new Resource(parts.group(1), parts.group(2)));
  }
}
