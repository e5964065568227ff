package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.status.Facts;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.Stage;
import io.securememcached.operator.status.StatusBuilder;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The status that a resource should have by what is known of it. */
final class StatusKeeper {

  private static final Logger LOG = LoggerFactory.getLogger(StatusKeeper.class);

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
   */
  Optional<SecureMemcached> next(
      SecureMemcached primary, Written written, KubernetesClient client) {
    SecureMemcachedStatus next = build(primary, written);
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

  /** Whatever goes wrong ends in a status: the last one would be believed. */
  private SecureMemcachedStatus build(SecureMemcached primary, Written written) {
    Instant now = clock.instant();
    try {
      List<Pod> pods = sources.podsOf(primary);
      return StatusBuilder.build(
          new Facts(
              primary,
              settings,
              sources.setOf(primary),
              pods,
              versions.versionsOf(primary, sources.serversOf(primary)),
              verifier.known(pods),
              written.logins(),
              written.exposures(),
              written.unread(),
              written.refusedPods(),
              written.failure(),
              now));
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("namespace", primary.getMetadata().getNamespace())
          .addKeyValue("name", primary.getMetadata().getName())
          .setCause(e)
          .log("Could not build a status");
      return StatusBuilder.failed(
          Facts.unknown(primary, settings, now), Failure.internal(Stage.CHECKS, e));
    }
  }
}
