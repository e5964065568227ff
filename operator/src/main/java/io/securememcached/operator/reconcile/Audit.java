package io.securememcached.operator.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.securememcached.operator.exposure.AuditInput;
import io.securememcached.operator.exposure.Exposure;
import io.securememcached.operator.exposure.ExposureAudit;
import io.securememcached.operator.exposure.ForeignObjects;
import io.securememcached.operator.exposure.PausedServers;
import io.securememcached.operator.exposure.WaitingPods;
import io.securememcached.operator.resource.Children;
import io.securememcached.operator.resource.Settings;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.watches.ChildSources;
import io.securememcached.operator.watches.ForeignSources;
import io.securememcached.operator.watches.ReconcileContext;
import io.securememcached.operator.watches.TemplateRevisions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks for foreign objects that expose a resource's servers, mostly in caches. */
final class Audit {

  private static final Logger LOG = LoggerFactory.getLogger(Audit.class);

  private final Settings settings;
  private final ChildSources sources;
  private final ForeignSources foreign;
  private final TemplateRevisions revisions;

  Audit(
      Settings settings,
      ChildSources sources,
      ForeignSources foreign,
      TemplateRevisions revisions) {
    this.settings = settings;
    this.sources = sources;
    this.foreign = foreign;
    this.revisions = revisions;
  }

  /**
   * What was found.
   *
   * @param unread what could not be audited, and why: foreign objects, waiting pods, a StatefulSet
   *     that is paused
   */
  record Result(List<Exposure> exposures, List<String> unread) {

    Result {
      exposures = List.copyOf(exposures);
      unread = List.copyOf(unread);
    }
  }

  /**
   * All findings.
   *
   * @param desired the children that the resource should have
   */
  Result of(ReconcileContext context, List<HasMetadata> desired) {
    ForeignObjects others = foreign.of(context, sources);
    AuditInput cached =
        new AuditInput(
            context.primary(),
            desired,
            context.set(),
            context.labelledPods(),
            others,
            Map.of(),
            settings.intended(),
            settings.mesh());
    AuditInput input = cached.with(revisions.read(context, WaitingPods.revisions(cached)));
    return new Result(
        ExposureAudit.of(input),
        Stream.of(others.unread(), WaitingPods.unproven(input), PausedServers.unproven(input))
            .flatMap(List::stream)
            .toList());
  }

  /**
   * All findings after a child could not be applied: the servers still run, and exposures must be
   * reported nevertheless. Empty if this fails, too.
   */
  Optional<Result> afterFailure(ReconcileContext context) {
    try {
      // No finding depends on the logins.
      Settings kept = settings.keeping(context.set());
      return Optional.of(
          of(context, Children.desired(context.primary(), kept, Logins.none(Map.of()))));
    } catch (RuntimeException e) {
      LOG.debug("Could not audit exposures", e);
      return Optional.empty();
    }
  }
}
