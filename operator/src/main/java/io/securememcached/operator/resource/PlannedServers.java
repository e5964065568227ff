package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.Map;
import java.util.Optional;

/** The servers of a resource as the operator would apply them. */
public final class PlannedServers {

  private PlannedServers() {}

  /**
   * The StatefulSet that replaces an existing one, which keeps its flavor and requested restarts.
   */
  public static StatefulSet of(SecureMemcached primary, Settings settings, StatefulSet existing) {
    AppliedTemplate now = AppliedTemplate.of(existing);
    StatefulSet next =
        Servers.desired(primary, settings.keeping(Optional.of(existing)), now.restarts());
    return new StatefulSetBuilder(next)
        .editSpec()
        .editTemplate()
        .editMetadata()
        .addToAnnotations(
            now.restartedAt().isEmpty()
                ? Map.of()
                : Map.of(AppliedTemplate.RESTARTED_AT, now.restartedAt()))
        .endMetadata()
        .endTemplate()
        .endSpec()
        .build();
  }
}
