package io.securememcached.operator.resource;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * What a change of a field of the spec does to running servers. Every field that is no {@link
 * ServerSetting} applies without a restart.
 *
 * @param why a clause, without a full stop
 */
public record FieldEffect(Reach reach, String why) {

  /** How far a change reaches. */
  public enum Reach {
    /** Servers restart, which empties their caches. */
    RESTART("restarts servers"),
    /** Servers are resized without a restart, where the cluster can. */
    IN_PLACE("resizes running servers"),
    /** Servers get it when they start for another reason. */
    NEXT_START("at the next start of a server"),
    /** The number of servers changes. */
    SERVERS("adds or removes servers"),
    /** Without a restart. */
    LIVE("applies to running servers");

    private final String text;

    Reach(String text) {
      this.text = text;
    }

    /** For users. */
    public String text() {
      return text;
    }
  }

  /** Fields that have an effect of their own, with what is below them. */
  private static final Map<String, FieldEffect> OTHERS =
      Map.of(
          "replicas",
          new FieldEffect(
              Reach.SERVERS,
              "removed servers, those with the highest numbers, lose their caches; the others keep theirs. Clients look for a part of the keys on other servers, see docs/scaling.md"),
          "image.pullPolicy",
          new FieldEffect(Reach.NEXT_START, "a node pulls the image when a server starts"),
          "image.pullSecrets",
          new FieldEffect(Reach.NEXT_START, "a node pulls the image when a server starts"),
          "resources.allowLowMemory",
          new FieldEffect(Reach.LIVE, "only the rules of the API server read it"),
          "updates",
          new FieldEffect(Reach.LIVE, "it decides when servers restart for other changes"),
          "deletionPolicy",
          new FieldEffect(Reach.LIVE, "it is read when the resource is deleted"),
          "deletionProtection",
          new FieldEffect(Reach.LIVE, "it is read when the resource is deleted"));

  private static final FieldEffect LIVE = new FieldEffect(Reach.LIVE, "it is no part of the pods");

  /**
   * Of a field.
   *
   * @param path in the spec, such as {@code resources.limits.memory}
   */
  public static FieldEffect of(String path) {
    return OTHERS.entrySet().stream()
        .filter(other -> covers(other.getKey(), path))
        .map(Map.Entry::getValue)
        .findFirst()
        .or(() -> setting(path).map(FieldEffect::of))
        .orElse(LIVE);
  }

  /** The setting that a field belongs to. */
  public static Optional<ServerSetting> setting(String path) {
    return Arrays.stream(ServerSetting.values())
        .filter(setting -> covers(setting.field(), path))
        .findFirst();
  }

  /** The only place that says what a change of a setting does to the server that has it. */
  private static FieldEffect of(ServerSetting setting) {
    return switch (setting.effect()) {
      case RESTART -> new FieldEffect(Reach.RESTART, setting.why());
      case IN_PLACE ->
          new FieldEffect(Reach.IN_PLACE, "a server restarts only if " + setting.why());
      case LIVE -> new FieldEffect(Reach.LIVE, "a server restarts only if " + setting.why());
    };
  }

  private static boolean covers(String field, String path) {
    return path.equals(field) || path.startsWith(field + ".") || path.startsWith(field + "[");
  }
}
