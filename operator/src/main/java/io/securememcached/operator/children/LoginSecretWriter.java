package io.securememcached.operator.children;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.watches.ChildSources;
import java.net.HttpURLConnection;
import java.util.Optional;

/**
 * Writes Secrets with logins, never over a version that was not read: a former leader, or one with
 * a late cache, would restore a login that was revoked meanwhile.
 */
final class LoginSecretWriter {

  private final ChildSources sources;
  private final ChildWriter writer;
  private final ChildMatcher matcher = new ChildMatcher();

  LoginSecretWriter(ChildSources sources, ChildWriter writer) {
    this.sources = sources;
    this.writer = writer;
  }

  /**
   * Applies a Secret with logins, if it is the version that the logins were read from.
   *
   * @param read its resourceVersion then, {@link ChildWriter#ABSENT} if it did not exist
   * @throws ChildException if the API server rejects it, or its name is taken
   * @throws StaleLoginsException if it has changed since
   */
  void write(
      SecureMemcached primary, Secret desired, String read, Context<SecureMemcached> context) {
    try {
      Optional<Secret> seen = seen(desired);
      if (seen.isPresent()) {
        writer.require(primary, seen.get());
        ChildWriter.disown(primary, seen.get(), context.getClient());
        if (matcher.matches(seen.get(), desired, context)
            || ChildWriter.isBeingOrphaned(primary, seen.get(), context.getClient())) {
          return;
        }
      }
      Secret written =
          ChildWriter.apply(
              ChildWriter.withVersion(desired, read, context.getClient()), context.getClient());
      sources.written(Secret.class, written);
      ChildWriter.log(read.equals(ChildWriter.ABSENT) ? "Created" : "Changed", desired);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw ChildWriter.refused(desired, e);
      }
      Secret actual =
          context
              .getClient()
              .secrets()
              .inNamespace(desired.getMetadata().getNamespace())
              .withName(desired.getMetadata().getName())
              .get();
      if (actual != null) {
        writer.require(primary, actual);
        // No event may report it: without our labels, or where Secrets can't be watched any more.
        sources.written(Secret.class, actual);
      }
      throw new StaleLoginsException(desired.getMetadata().getName(), e);
    }
  }

  private Optional<Secret> seen(Secret desired) {
    return sources.get(
        Secret.class, desired.getMetadata().getNamespace(), desired.getMetadata().getName());
  }
}
