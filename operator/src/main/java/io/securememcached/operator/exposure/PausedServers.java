package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.resource.AppliedFields;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.resource.Servers;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The StatefulSet of a paused resource. The operator keeps it as it is, and so what others have
 * changed in it, too: servers that were created since are as that template says, and not as the
 * operator wants them.
 */
public final class PausedServers {

  /** What decides which program runs, and how it is hardened. */
  private static final List<String> DECISIVE = List.of("image", "command", "args");

  private PausedServers() {}

  /** Fields of the template that are not the operator's any more; nothing unless it is paused. */
  public static List<String> unproven(AuditInput observed) {
    return observed.servers().filter(set -> Pause.of(observed.primary())).stream()
        .flatMap(PausedServers::unproven)
        .toList();
  }

  private static Stream<String> unproven(StatefulSet set) {
    Map<String, Object> applied =
        AppliedFields.below(
            set,
            "f:spec",
            "f:template",
            "f:spec",
            "f:containers",
            "k:{\"name\":\"%s\"}".formatted(Servers.CONTAINER_NAME));
    List<String> changed =
        DECISIVE.stream().filter(field -> !applied.containsKey("f:" + field)).toList();
    return changed.isEmpty()
        ? Stream.of()
        : Stream.of(
            "StatefulSet %s: the resource is paused, and the operator no longer owns %s of the template, as after a change by somebody else or a restore: servers that were created since are compared with nothing; end the pause, and the operator applies it again"
                .formatted(set.getMetadata().getName(), String.join(", ", changed)));
  }
}
