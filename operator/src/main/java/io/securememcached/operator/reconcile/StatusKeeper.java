package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.status.Facts;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.StatusBuilder;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The status that a resource should have by what is known of it. */
final class StatusKeeper {

  private final Settings settings;
  private final InstantSource clock;
  private final ChildSources sources;
  private final VersionProbe versions;
  private final ServerVerifier verifier;
  private final WrittenStatuses statuses;

  StatusKeeper(
      Settings settings,
      InstantSource clock,
      ChildSources sources,
      VersionProbe versions,
      ServerVerifier verifier,
      WrittenStatuses statuses) {
    this.settings = settings;
    this.clock = clock;
    this.sources = sources;
    this.versions = versions;
    this.verifier = verifier;
    this.statuses = statuses;
  }

  /**
   * The resource with its new status, if that differs from the one it has, for the caller to write;
   * events tell of the change.
   *
   * @param failure what ended the pass
   * @param written what a pass that came to its end has found
   */
  Optional<SecureMemcached> next(
      SecureMemcached primary,
      Optional<Failure> failure,
      Optional<Written> written,
      KubernetesClient client) {
    List<Pod> pods = sources.podsOf(primary);
    SecureMemcachedStatus next =
        StatusBuilder.build(
            new Facts(
                primary,
                settings,
                sources.serversOf(primary),
                pods,
                versions.versionsOf(primary, pods),
                verifier.known(pods),
                written.map(Written::logins),
                written.map(Written::exposures),
                written.map(Written::unread).orElse(List.of()),
                written.flatMap(Written::refusedPods),
                failure,
                clock.instant()));
    if (statuses.isThere(primary, next)) {
      return Optional.empty();
    }
    statuses.writing(primary, next);
    EventRecorder.record(primary, next, client);
    SecureMemcached patch = new SecureMemcached();
    patch.getMetadata().setName(primary.getMetadata().getName());
    patch.getMetadata().setNamespace(primary.getMetadata().getNamespace());
    patch.setSpec(null);
    patch.setStatus(next);
    return Optional.of(patch);
  }
}
