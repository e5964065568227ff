package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Pod;
import io.securememcached.operator.resource.ActualServers;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Pods of an earlier template, which may wait for an update for long. Whoever may patch pods can
 * change the image of a running one, and its labels too, so each one is compared with a template
 * that the StatefulSet has had, whatever it says of itself.
 */
public final class WaitingPods {

  /** Maximum number of listed revisions, as messages are limited in length. */
  private static final int MOST = 10;

  private WaitingPods() {}

  /** Names of the ControllerRevisions of a resource that the audit needs. */
  public static Set<String> revisions(AuditInput observed) {
    return pods(observed)
        .flatMap(pod -> ActualServers.revision(pod).stream())
        .collect(Collectors.toSet());
  }

  /** Pods whose image and arguments are compared with no template, and why; sorted. */
  public static List<String> unproven(AuditInput observed) {
    Map<String, List<String>> byReason =
        pods(observed)
            .filter(pod -> !ServerPods.endsSoon(pod))
            .flatMap(pod -> reason(observed, pod).map(why -> Map.entry(why, name(pod))))
            .collect(
                Collectors.groupingBy(
                    Map.Entry::getKey,
                    TreeMap::new,
                    Collectors.mapping(Map.Entry::getValue, Collectors.toList())));
    return byReason.entrySet().stream()
        .limit(MOST)
        .map(
            pods ->
                "Pod "
                    + pods.getValue().getFirst()
                    + (pods.getValue().size() > 1
                        ? " and " + (pods.getValue().size() - 1) + " more"
                        : "")
                    + ": image and arguments are not compared with the template that it was created from: "
                    + pods.getKey())
        .toList();
  }

  private static Stream<String> reason(AuditInput observed, Pod pod) {
    return ActualServers.revision(pod)
        .map(
            name ->
                switch (observed.revision(name)) {
                  case TemplateRevision.Recorded recorded -> Stream.<String>of();
                  case TemplateRevision.Unknown unknown ->
                      Stream.of("ControllerRevision " + name + " " + unknown.why());
                })
        .orElseGet(() -> Stream.of("it has no label controller-revision-hash; delete the pod"));
  }

  private static Stream<Pod> pods(AuditInput observed) {
    Rollout rollout = Rollout.of(observed);
    return observed.serverPods().stream().filter(pod -> !rollout.hasReached(pod));
  }

  private static String name(Pod pod) {
    return pod.getMetadata().getName();
  }
}
