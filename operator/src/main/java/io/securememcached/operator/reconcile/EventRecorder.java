package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.status.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells people of changes: one event when the reason of condition Ready becomes another one. */
final class EventRecorder {

  private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);

  private static final Set<String> WARNINGS =
      Set.of(
          Reason.ServerFailing.name(),
          Reason.NameConflict.name(),
          Reason.Refused.name(),
          Reason.Failed.name());

  private EventRecorder() {}

  static void record(SecureMemcached primary, SecureMemcachedStatus next, KubernetesClient client) {
    Optional<Condition> ready = Conditions.find(next.conditions(), Conditions.READY);
    Optional<String> before =
        Conditions.find(primary.getStatus().conditions(), Conditions.READY)
            .map(Condition::getReason);
    ready
        .filter(condition -> !before.equals(Optional.of(condition.getReason())))
        .ifPresent(condition -> create(primary, condition, client));
  }

  private static void create(
      SecureMemcached primary, Condition condition, KubernetesClient client) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    try {
      client
          .resource(
              new EventBuilder()
                  .withNewMetadata()
                  .withName(name(primary, condition))
                  .withNamespace(primary.getMetadata().getNamespace())
                  .endMetadata()
                  .withType(WARNINGS.contains(condition.getReason()) ? "Warning" : "Normal")
                  .withReason(condition.getReason())
                  .withMessage(condition.getMessage())
                  .withFirstTimestamp(now)
                  .withLastTimestamp(now)
                  .withCount(1)
                  .withReportingComponent(ChildWriter.FIELD_MANAGER)
                  .withNewSource()
                  .withComponent(ChildWriter.FIELD_MANAGER)
                  .endSource()
                  .withNewInvolvedObject()
                  .withApiVersion(primary.getApiVersion())
                  .withKind(primary.getKind())
                  .withNamespace(primary.getMetadata().getNamespace())
                  .withName(primary.getMetadata().getName())
                  .withUid(primary.getMetadata().getUid())
                  .withResourceVersion(primary.getMetadata().getResourceVersion())
                  .endInvolvedObject()
                  .build())
          .create();
    } catch (KubernetesClientException e) {
      // It was told already, or the namespace is going away; the status says the same.
      LOG.debug("An event was refused", e);
    }
  }

  /**
   * The same for the same change: a pass that comes before the watch brought the last status tells
   * it again, and the API server then refuses the name.
   */
  private static String name(SecureMemcached primary, Condition condition) {
    String change =
        primary.getMetadata().getUid()
            + primary.getMetadata().getResourceVersion()
            + condition.getReason();
    return primary.getMetadata().getName()
        + "."
        + UUID.nameUUIDFromBytes(change.getBytes(StandardCharsets.UTF_8));
  }
}
