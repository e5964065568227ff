package io.securememcached.operator.resource;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.Sizes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What a pod was created from, in annotations that it has from the pod template. A pod with the
 * same as the StatefulSet's template is up to date.
 *
 * @param id identifies the template: a digest of all that takes effect at a start only
 * @param settings value by field, see {@link ServerSetting}; empty if unknown
 * @param restarts number of requested restarts
 * @param restartedAt set by {@code kubectl rollout restart}; empty if it never was
 */
public record AppliedTemplate(
    String id, Optional<Map<String, String>> settings, int restarts, String restartedAt) {

  /** Annotation with the id. */
  private static final String ID = "securememcached.io/template";

  /** Annotation with the settings, as JSON. */
  public static final String SETTINGS = "securememcached.io/settings";

  /** Annotation of the pods: a changed value changes the template. */
  private static final String RESTARTS = "securememcached.io/restarts";

  static final String RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";

  private static final int DIGITS = 10;

  private static final ObjectMapper JSON = new ObjectMapper();

  public AppliedTemplate {
    settings = settings.map(Map::copyOf);
  }

  /** Of a server; a pod that an earlier version created has no id. */
  public static AppliedTemplate of(Pod pod) {
    return of(pod.getMetadata());
  }

  /** Of the servers that the StatefulSet creates now. */
  public static AppliedTemplate of(StatefulSet set) {
    return of(set.getSpec().getTemplate().getMetadata());
  }

  private static AppliedTemplate of(ObjectMeta meta) {
    Map<String, String> annotations =
        Optional.ofNullable(meta).map(ObjectMeta::getAnnotations).orElse(Map.of());
    return new AppliedTemplate(
        annotations.getOrDefault(ID, ""),
        Optional.ofNullable(annotations.get(SETTINGS)).flatMap(AppliedTemplate::read),
        number(annotations.get(RESTARTS)),
        annotations.getOrDefault(RESTARTED_AT, ""));
  }

  /**
   * What an approval names: all that a server gets when it restarts. The id alone would also
   * approve what is changed later without being part of it.
   */
  public String approvalId() {
    return digest(id + settings.map(AppliedTemplate::text).orElse(""));
  }

  /** The annotations of the pod template. */
  static Map<String, String> annotations(
      SecureMemcached primary, PodSpec spec, Image.Flavor flavor, int restarts) {
    Map<String, String> annotations = new TreeMap<>(primary.getSpec().pod().annotations());
    annotations.put(ID, id(primary, spec, flavor));
    annotations.put(SETTINGS, text(ServerSetting.of(primary.getSpec())));
    if (restarts > 0) {
      annotations.put(RESTARTS, Integer.toString(restarts));
    }
    return annotations;
  }

  /**
   * Without what a running server gets too, and without what concerns the pull of the image:
   * nothing is gained by starting for that.
   */
  private static String id(SecureMemcached primary, PodSpec spec, Image.Flavor flavor) {
    PodSpec atStart = new PodSpecBuilder(spec).withImagePullSecrets(List.of()).build();
    for (Container container : atStart.getContainers()) {
      container.setImagePullPolicy(null);
      container.setResources(null);
    }
    return digest(
        SortedJson.write(
            Map.of(
                "spec",
                atStart,
                // What the operator adds to what the user sets.
                "labels",
                Labels.of(primary, "server"),
                "memory",
                Sizes.serverMemory(primary.getSpec(), flavor))));
  }

  private static String digest(String text) {
    return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8))
        .toString()
        .replace("-", "")
        .substring(0, DIGITS);
  }

  /** Settings as the annotation has them: those that differ from their default. */
  public static String text(Map<String, String> settings) {
    return SortedJson.write(ServerSetting.withoutDefaults(settings));
  }

  /** A setting that is a map, such as labels; empty for what is none. */
  public static Map<String, String> map(String text) {
    return read(text).orElse(Map.of());
  }

  /** A setting that is a map of maps, such as resources; empty for what is none. */
  public static Map<String, Map<String, String>> maps(String text) {
    try {
      return text.isEmpty() ? Map.of() : JSON.readValue(text, new TypeReference<>() {});
    } catch (JsonProcessingException e) {
      return Map.of();
    }
  }

  private static Optional<Map<String, String>> read(String text) {
    try {
      // An empty map is written as nothing.
      return Optional.ofNullable(
          JSON.readValue(text.isEmpty() ? "{}" : text, new TypeReference<>() {}));
    } catch (JsonProcessingException e) {
      // Somebody has changed it; the pod is then not known to differ by the spec.
      return Optional.empty();
    }
  }

  private static int number(String text) {
    return text != null && text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
  }
}
