package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.children.ChildWriter;
import io.securememcached.operator.client.ApiErrors;
import io.securememcached.operator.client.ApiServerTime;
import io.securememcached.operator.monitoring.ExporterKey;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.monitoring.ExporterSettings;
import io.securememcached.operator.resource.Labels;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates, rotates and replaces the exporter's key, or deletes it where the exporter is off; never
 * over a version that was not seen. For one thread.
 */
final class ExporterKeyWriter {

  private static final Logger LOG = LoggerFactory.getLogger(ExporterKeyWriter.class);

  /** After a failure, or a clock that was wrong: no event says that it has ended. */
  private static final Duration RETRY = Duration.ofSeconds(30);

  private final KubernetesClient client;
  private final ExporterSettings settings;
  private final String namespace;
  private final InstantSource clock;

  private Instant next = Instant.MIN;
  private String reported = "";
  private boolean removed;

  ExporterKeyWriter(
      KubernetesClient client, ExporterSettings settings, String namespace, InstantSource clock) {
    this.client = client;
    this.settings = settings;
    this.namespace = namespace;
    this.clock = clock;
  }

  /**
   * Takes the next step of the key, if one is due.
   *
   * @param found what the watch has seen
   * @return whether the watch will report another key in a moment
   */
  boolean write(ExporterKeyState found) {
    if (clock.instant().isBefore(next)) {
      return false;
    }
    try {
      return settings.enabled() ? writeNext(found) : remove();
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        return true;
      }
      next = clock.instant().plus(RETRY);
      report("Kubernetes API request failed, will retry: " + ApiErrors.message(e));
      return false;
    }
  }

  private boolean writeNext(ExporterKeyState found) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    return switch (found) {
      case ExporterKeyState.Unread unread -> false;
      case ExporterKeyState.Foreign foreign -> {
        report(
            "It exists, but without label %s=%s: the operator uses only its own. Delete it, and the operator creates one"
                .formatted(Labels.MANAGED_BY, Labels.OPERATOR));
        yield false;
      }
      case ExporterKeyState.Unreadable unreadable -> {
        if (unreadable.why().isNewer()) {
          report("It " + unreadable.why().getMessage());
          yield false;
        }
        apply(created(now), unreadable.secret().getMetadata().getResourceVersion());
        log("Replaced the exporter's key: the Secret " + unreadable.why().getMessage());
        // Whoever damages it again gets no new key for each time.
        next = clock.instant().plus(RETRY);
        yield true;
      }
      case ExporterKeyState.Absent absent -> {
        apply(created(now), ChildWriter.ABSENT);
        log("Created the exporter's key");
        yield true;
      }
      case ExporterKeyState.Known known -> {
        reported = "";
        advance(known, now);
        yield false;
      }
    };
  }

  private ExporterKeys created(Instant now) {
    return ExporterKeys.first(
        ExporterKey.generate(1),
        ApiServerTime.confirm(now, client).truncatedTo(ChronoUnit.SECONDS));
  }

  private void advance(ExporterKeyState.Known known, Instant now) {
    if (advanced(known.keys(), now).equals(known.keys())) {
      return;
    }
    ExporterKeys after = advanced(known.keys(), ApiServerTime.confirm(now, client));
    if (after.equals(known.keys())) {
      next = clock.instant().plus(RETRY);
      return;
    }
    apply(after, known.secret().getMetadata().getResourceVersion());
    if (!after.current().equals(known.keys().current())) {
      log("Rotated the exporter's key");
    } else if (!after.previous().equals(known.keys().previous())) {
      log("Ended the exporter's previous key");
    }
  }

  private ExporterKeys advanced(ExporterKeys keys, Instant now) {
    return keys.advance(settings.keyRotation(), ExporterKey::generate, now);
  }

  private void apply(ExporterKeys keys, String version) {
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(ExporterKeys.NAME)
                // Applied to that version alone.
                .withResourceVersion(version)
                .addToLabels("app.kubernetes.io/part-of", "securememcached")
                .addToLabels(Labels.MANAGED_BY, Labels.OPERATOR)
                .endMetadata()
                .withType("Opaque")
                .withData(keys.format())
                .build())
        .fieldManager(Labels.OPERATOR)
        .forceConflicts()
        .serverSideApply();
  }

  /** Deletes the Secret where the exporter is off; returns false. */
  private boolean remove() {
    if (!removed) {
      Secret secret = client.secrets().inNamespace(namespace).withName(ExporterKeys.NAME).get();
      if (secret != null && Labels.isOperators(secret)) {
        client.resource(secret).lockResourceVersion().delete();
        log("Deleted the exporter's key, as the exporter is off");
      }
      removed = true;
    }
    return false;
  }

  /** Once for each problem. */
  private void report(String problem) {
    if (!problem.equals(reported)) {
      reported = problem;
      LOG.atWarn()
          .addKeyValue("namespace", namespace)
          .addKeyValue("name", ExporterKeys.NAME)
          .log("Could not use the Secret of the exporter's key: {}", problem);
    }
  }

  private void log(String what) {
    LOG.atInfo()
        .addKeyValue("namespace", namespace)
        .addKeyValue("name", ExporterKeys.NAME)
        .log("{}", what);
  }
}
