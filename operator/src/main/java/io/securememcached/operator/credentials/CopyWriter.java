package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.client.ApiErrors;
import io.securememcached.operator.resource.Labels;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes data of Secrets in other namespaces, and nothing else of them: by server-side apply of the
 * very object that was read, so a Secret whose owner no longer consents is not written, and one
 * that was deleted is not created.
 */
final class CopyWriter {

  private static final Logger LOG = LoggerFactory.getLogger(CopyWriter.class);

  private final KubernetesClient client;

  CopyWriter(KubernetesClient client) {
    this.client = client;
  }

  /** A Secret as it is now. */
  Optional<Secret> read(String namespace, String name) {
    return Optional.ofNullable(client.secrets().inNamespace(namespace).withName(name).get());
  }

  /**
   * Brings keys of a Secret to the desired values. Those of others stay.
   *
   * @param data in Base64
   * @return the Secret as it is then
   * @throws KubernetesClientException with code 409 if it has changed since it was read
   */
  Secret fill(Secret actual, Map<String, String> data) {
    Secret written = apply(actual, data);
    log(actual, "Copied a login into a Secret that consents");
    return written;
  }

  /** A Secret as it is now, if it may hold a copy and has keys of the operator's. */
  Optional<Secret> filled(String namespace, String name) {
    return read(namespace, name)
        .filter(CopyConsent::isUsable)
        .filter(secret -> !CopyConsent.keys(secret).isEmpty());
  }

  /**
   * Takes the operator's keys out of a Secret.
   *
   * @throws KubernetesClientException with code 409 if it has changed since it was read
   */
  void empty(Secret actual) {
    apply(actual, Map.of());
    log(actual, "Took the copy of a login out of a Secret");
  }

  /** What a Secret holds, in Base64. */
  static Map<String, String> data(Secret secret) {
    return Objects.requireNonNullElse(secret.getData(), Map.of());
  }

  /**
   * Keys that would be overwritten, though the operator has written nothing of the Secret. In a
   * copy a changed key is drift.
   */
  static List<String> foreignKeys(Secret secret, Map<String, String> data) {
    return CopyConsent.keys(secret).isEmpty()
        ? data(secret).entrySet().stream()
            .filter(entry -> data.containsKey(entry.getKey()))
            .filter(entry -> !entry.getValue().equals(data.get(entry.getKey())))
            .map(Map.Entry::getKey)
            .sorted()
            .toList()
        : List.of();
  }

  /** Whether somebody changed or deleted a Secret since it was read; an event says so. */
  static boolean isConflict(KubernetesClientException e) {
    return e.getCode() == HttpURLConnection.HTTP_CONFLICT;
  }

  /** Whether another try would fail as well, until somebody changes something. */
  static boolean isRejected(KubernetesClientException e) {
    return e.getCode() == HttpURLConnection.HTTP_BAD_REQUEST
        || e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
        || e.getCode() == HttpURLConnection.HTTP_ENTITY_TOO_LARGE
        || e.getCode() == ApiErrors.UNPROCESSABLE;
  }

  /** The uid keeps the API server from creating a Secret that was deleted meanwhile. */
  private Secret apply(Secret actual, Map<String, String> data) {
    return client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(actual.getMetadata().getNamespace())
                .withName(actual.getMetadata().getName())
                .withUid(actual.getMetadata().getUid())
                .withResourceVersion(actual.getMetadata().getResourceVersion())
                .endMetadata()
                .withData(data)
                .build())
        .fieldManager(Labels.OPERATOR)
        .forceConflicts()
        .serverSideApply();
  }

  private static void log(Secret secret, String what) {
    LOG.atInfo()
        .addKeyValue("kind", secret.getKind())
        .addKeyValue("namespace", secret.getMetadata().getNamespace())
        .addKeyValue("name", secret.getMetadata().getName())
        .log(what);
  }
}
