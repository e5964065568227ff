package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.Secret;
import io.securememcached.operator.monitoring.ExporterKey;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.monitoring.ExporterKeysFormatException;
import io.securememcached.operator.resource.Labels;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What exists under the name of the Secret with the exporter's keys. */
sealed interface ExporterKeyState {

  /** The list is not complete, or the watch has failed. */
  record Unread() implements ExporterKeyState {}

  record Absent() implements ExporterKeyState {}

  /** Without the operator's label: somebody else's. */
  record Foreign() implements ExporterKeyState {}

  /** The operator's, but without readable keys. */
  record Unreadable(Secret secret, ExporterKeysFormatException why) implements ExporterKeyState {}

  record Known(Secret secret, ExporterKeys keys) implements ExporterKeyState {}

  /** The state of a Secret, if there is one. */
  static ExporterKeyState of(Optional<Secret> found) {
    if (found.isEmpty()) {
      return new Absent();
    }
    Secret secret = found.get();
    // Only the operator may set the label, so no other account chooses the key.
    if (!Labels.isOperators(secret)) {
      return new Foreign();
    }
    try {
      return new Known(
          secret,
          ExporterKeys.parse(
              Objects.requireNonNullElse(secret.getData(), Map.<String, String>of())));
    } catch (ExporterKeysFormatException e) {
      return new Unreadable(secret, e);
    }
  }

  /** The keys whose logins servers accept, newest first; empty if they are unknown. */
  default Optional<List<ExporterKey>> accepted() {
    return switch (this) {
      case Unread unread -> Optional.empty();
      case Unreadable unreadable ->
          // A later version may accept the keys that it has written.
          unreadable.why().isNewer() ? Optional.empty() : Optional.of(List.of());
      case Absent absent -> Optional.of(List.of());
      case Foreign foreign -> Optional.of(List.of());
      case Known known -> Optional.of(known.keys().keys().toList());
    };
  }
}
