package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Objects;
import java.util.Optional;

/**
 * Which pods must already be as the operator wants them now, so that a rollout of its own is no
 * finding.
 *
 * @param revision label controller-revision-hash of the pods that are; empty while it can't be told
 */
record Rollout(Optional<String> revision) {

  private static final String REVISION = "controller-revision-hash";

  /**
   * It can be told once the StatefulSet has the wanted template, and its controller has seen that:
   * until then the update revision in the status is that of an earlier template.
   */
  static Rollout of(Observed observed) {
    return new Rollout(
        observed
            .servers()
            .filter(set -> set.getStatus() != null)
            .filter(
                set ->
                    Objects.equals(
                        set.getStatus().getObservedGeneration(), set.getMetadata().getGeneration()))
            .filter(set -> isWanted(set, observed.desiredServers()))
            .map(set -> set.getStatus().getUpdateRevision()));
  }

  boolean hasReached(Pod pod) {
    return revision.isPresent() && revision.get().equals(ServerPods.labels(pod).get(REVISION));
  }

  private static boolean isWanted(StatefulSet actual, StatefulSet desired) {
    Optional<Container> now = ServerPods.server(actual.getSpec().getTemplate().getSpec());
    Container wanted = wanted(desired);
    return now.filter(
            container ->
                container.getImage().equals(wanted.getImage())
                    && container.getCommand().equals(wanted.getCommand())
                    && container.getArgs().equals(wanted.getArgs())
                    && container.getEnv().equals(wanted.getEnv()))
        .isPresent();
  }

  /** The server's container as the operator wants it. */
  static Container wanted(StatefulSet desired) {
    return ServerPods.server(desired.getSpec().getTemplate().getSpec()).orElseThrow();
  }
}
