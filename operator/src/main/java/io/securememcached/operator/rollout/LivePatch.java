package io.securememcached.operator.rollout;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.resource.AppliedTemplate;
import io.securememcached.operator.resource.ServerSetting;
import io.securememcached.operator.updates.ServerUpdate.Change;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The merge patch (RFC 7386) by which a pod gets changed labels and annotations, and says so. */
final class LivePatch {

  private LivePatch() {}

  static Map<String, Object> of(StatefulSet set, Pod pod, List<Change> changes) {
    Map<String, String> settings = new TreeMap<>(AppliedTemplate.of(pod).settings().orElseThrow());
    Map<String, String> labels = new HashMap<>();
    Map<String, String> annotations = new HashMap<>();
    for (Change change : changes) {
      settings.put(change.what(), change.to());
      if (change.what().equals(ServerSetting.POD_LABELS.field())) {
        labels.putAll(difference(change));
      } else if (change.what().equals(ServerSetting.POD_ANNOTATIONS.field())) {
        annotations.putAll(difference(change));
      }
    }
    annotations.put(AppliedTemplate.SETTINGS, AppliedTemplate.text(settings));
    return Map.of(
        "metadata",
        Map.of(
            // Only this pod: a successor of the same name has all of it.
            "uid",
            pod.getMetadata().getUid(),
            // Only as it was seen: the difference from an earlier one would leave labels behind.
            "resourceVersion",
            pod.getMetadata().getResourceVersion(),
            "labels",
            labels,
            "annotations",
            annotations));
  }

  /** With null for what goes. */
  private static Map<String, String> difference(Change change) {
    Map<String, String> difference = new HashMap<>();
    AppliedTemplate.map(change.from()).keySet().forEach(key -> difference.put(key, null));
    difference.putAll(AppliedTemplate.map(change.to()));
    return difference;
  }
}
