package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.resource.AppliedTemplate;
import java.util.Optional;

/**
 * Which pods must already have the desired template, so that the operator's own rollout is no
 * finding.
 *
 * @param revision label controller-revision-hash of those pods; empty while it is unknown
 * @param template id of their template, as a pod that got a change without a restart keeps its
 *     revision; empty while it is unknown
 */
record Rollout(Optional<String> revision, Optional<String> template) {

  /**
   * Known once the StatefulSet has the desired template and its controller has observed it: until
   * then the update revision in the status is that of an earlier template.
   */
  static Rollout of(AuditInput observed) {
    Optional<StatefulSet> reached =
        observed
            .servers()
            .filter(ActualServers::isObserved)
            .filter(set -> isWanted(set, observed.desiredServers()));
    return new Rollout(
        reached.map(set -> set.getStatus().getUpdateRevision()),
        reached.map(set -> AppliedTemplate.of(set).id()).filter(id -> !id.isEmpty()));
  }

  boolean hasReached(Pod pod) {
    return revision.isPresent()
        && (revision.equals(ActualServers.revision(pod))
            || template.equals(Optional.of(AppliedTemplate.of(pod).id())));
  }

  /**
   * memcached's container as the operator had it created: that of the desired template in pods that
   * must have it, else that of the pod's own revision; empty where that is unknown.
   */
  Optional<Container> expected(AuditInput observed, Pod pod) {
    return hasReached(pod)
        ? Optional.of(wanted(observed.desiredServers()))
        : ActualServers.revision(pod)
            .map(observed::revision)
            .flatMap(
                revision ->
                    switch (revision) {
                      case TemplateRevision.Recorded recorded -> Optional.of(recorded.server());
                      case TemplateRevision.Unknown unknown -> Optional.empty();
                    });
  }

  private static boolean isWanted(StatefulSet actual, StatefulSet desired) {
    Optional<Container> now = ActualServers.container(actual.getSpec().getTemplate().getSpec());
    Container wanted = wanted(desired);
    return now.filter(
            container ->
                container.getImage().equals(wanted.getImage())
                    && container.getCommand().equals(wanted.getCommand())
                    && container.getArgs().equals(wanted.getArgs())
                    && container.getEnv().equals(wanted.getEnv()))
        .isPresent();
  }

  /** The desired container of the server. */
  static Container wanted(StatefulSet desired) {
    return ActualServers.container(desired.getSpec().getTemplate().getSpec()).orElseThrow();
  }
}
