package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslDbFormatException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Remembers each password that any of the operator's Secrets ever had while it watched. */
final class SeenPasswords implements AutoCloseable, ResourceEventHandler<Secret> {

  /** Shorter ones, such as those that tests bring, would be found by chance. */
  private static final int SHORTEST = 20;

  private final Set<String> passwords = ConcurrentHashMap.newKeySet();
  private final SharedIndexInformer<Secret> informer;

  SeenPasswords(KubernetesClient client) {
    informer =
        client
            .secrets()
            .inAnyNamespace()
            .withLabel("app.kubernetes.io/managed-by", "securememcached-operator")
            .inform(this);
  }

  Set<String> all() {
    return Set.copyOf(passwords);
  }

  /** The passwords, as they are or in base64 of their own, that a text holds. */
  List<String> in(String text) {
    return passwords.stream()
        .filter(password -> text.contains(password) || text.contains(base64(password)))
        .toList();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void onAdd(Secret secret) {
    Optional.ofNullable(secret.getData())
        .flatMap(data -> Optional.ofNullable(data.get(SaslConfig.SASLDB_FILE)))
        .map(Base64.getDecoder()::decode)
        .ifPresent(this::remember);
  }

  private void remember(byte[] sasldb) {
    try {
      SaslDb.read(sasldb).stream()
          .map(entry -> entry.password())
          .filter(password -> password.length() >= SHORTEST)
          .forEach(passwords::add);
    } catch (SaslDbFormatException e) {
      // A test has damaged it; what was in it before was seen before.
    }
  }

  @Override
  public void onUpdate(Secret before, Secret after) {
    onAdd(after);
  }

  @Override
  public void onDelete(Secret secret, boolean unknownState) {
    // What was in it was seen.
  }

  @Override
  public void close() {
    informer.close();
  }
}
