package io.securememcached.operator.exporter;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.monitoring.ExporterKeysFormatException;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.scrape.Target;
import io.securememcached.operator.text.Quoted;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Secret that the exporter's logins are derived from. It is watched by its name alone, and read
 * by name when it has changed; {@link TopCommand} reads it once, without a watch.
 */
final class KeySecret implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(KeySecret.class);

  private final KubernetesClient client;
  private final String namespace;
  private final SharedIndexInformer<Secret> informer;
  private Optional<ExporterKeys> keys = Optional.empty();
  private String problem = "";
  private volatile boolean changed = true;

  /** Not started. */
  KeySecret(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
    informer =
        client
            .secrets()
            .inNamespace(namespace)
            .withName(ExporterKeys.NAME)
            .runnableInformer(0)
            .addEventHandler(new Changes())
            .exceptionHandler((started, error) -> true);
  }

  private final class Changes implements ResourceEventHandler<Secret> {

    @Override
    public void onAdd(Secret secret) {
      changed = true;
    }

    @Override
    public void onUpdate(Secret before, Secret secret) {
      changed = true;
    }

    @Override
    public void onDelete(Secret secret, boolean isFinalStateUnknown) {
      changed = true;
    }
  }

  void start() {
    informer.start();
  }

  @Override
  public void close() {
    informer.stop();
  }

  /** The logins on a server, newest first; none while there is no key. */
  List<Login> logins(Target target) {
    return keys()
        .map(known -> known.logins(target.namespace(), target.name(), target.uid()))
        .orElse(List.of());
  }

  private synchronized Optional<ExporterKeys> keys() {
    return keys;
  }

  /** Reads the Secret if it has changed, or could not be read; called before servers are asked. */
  synchronized void refresh() {
    if (!changed) {
      return;
    }
    // Before the request: a change during it is read next time.
    changed = false;
    try {
      Secret secret = client.secrets().inNamespace(namespace).withName(ExporterKeys.NAME).get();
      if (secret == null) {
        keys = Optional.empty();
        report("it does not exist; the operator creates it");
      } else if (!Labels.isOperators(secret)) {
        // No server has a login that is derived from another one.
        keys = Optional.empty();
        report("it has no label of the operator, which uses no other; delete it");
      } else {
        keys =
            Optional.of(
                ExporterKeys.parse(
                    Objects.requireNonNullElse(secret.getData(), Map.<String, String>of())));
        report("");
      }
    } catch (ExporterKeysFormatException e) {
      keys = Optional.empty();
      report(e.getMessage());
    } catch (KubernetesClientException e) {
      // The keys that are known are valid for hours.
      changed = true;
      report("it could not be read: HTTP status " + e.getCode());
    }
  }

  private void report(String now) {
    if (!now.equals(problem)) {
      problem = now;
      if (now.isEmpty()) {
        LOG.info("Read the exporter's key");
      } else {
        LOG.atWarn()
            .addKeyValue("secret", namespace + "/" + ExporterKeys.NAME)
            .addKeyValue("message", Quoted.of(now))
            .log("Has no valid key for logins on servers");
      }
    }
  }
}
