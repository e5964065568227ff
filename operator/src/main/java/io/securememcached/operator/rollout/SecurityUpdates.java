package io.securememcached.operator.rollout;

import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.updates.ServerUpdate;
import io.securememcached.operator.updates.ServerUpdate.Change;
import io.securememcached.operator.verify.ClosedVulnerabilities;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Says of pending updates which known vulnerabilities of the running servers they close. */
public final class SecurityUpdates {

  private SecurityUpdates() {}

  /**
   * The same updates. Of a user-provided image only the user knows what it has fixed, whatever its
   * tag is.
   *
   * @param verifications what the checks have found, by pod uid
   * @param reference {@code spec.image.reference}; empty for the image of a flavor
   */
  static List<ServerUpdate> marked(
      List<ServerUpdate> updates, Map<String, Verification> verifications, String reference) {
    return marked(
        updates,
        pod ->
            Optional.ofNullable(verifications.get(pod.getMetadata().getUid()))
                .map(found -> found.version().text()),
        reference);
  }

  /**
   * The same for servers whose version is known otherwise.
   *
   * @param version as reported by a server, if it is known
   */
  public static List<ServerUpdate> marked(
      List<ServerUpdate> updates, Function<Pod, Optional<String>> version, String reference) {
    return reference.isEmpty()
        ? updates.stream().map(update -> marked(update, version.apply(update.pod()))).toList()
        : updates;
  }

  private static ServerUpdate marked(ServerUpdate update, Optional<String> version) {
    boolean wasUserProvided =
        update.changes().stream().anyMatch(change -> change.what().equals("image.reference"));
    return wasUserProvided || version.isEmpty()
        ? update
        : new ServerUpdate(
            update.pod(),
            update.origin(),
            update.changes().stream().map(change -> marked(change, version.get())).toList());
  }

  private static Change marked(Change change, String version) {
    return change.what().equals(ServerUpdate.IMAGE)
        ? new Change(
            change.what(),
            change.from(),
            change.to(),
            change.why(),
            ClosedVulnerabilities.text(version, change.from(), change.to()))
        : change;
  }
}
