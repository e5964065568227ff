package io.securememcached.operator.resource;

import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import io.securememcached.operator.api.v1beta1.VerificationPolicy;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Fields of the spec that a server takes from its pod, and what a change of one does to it. Each
 * pod has a record of their values: what differs from it comes from the spec, everything else in a
 * pod template comes from the operator.
 */
public enum ServerSetting {
  FLAVOR("image.flavor", "memcached is another program"),
  REFERENCE("image.reference", "memcached is another program"),
  PORT("port", "memcached opens its port at the start (-p)"),
  LISTEN("listen", "memcached binds its address at the start (-l)"),
  CACHE_SIZE("cacheSize", "memcached takes the size at the start (-m)"),
  MAX_CONNECTIONS("maxConnections", "memcached reserves its connections at the start (-c)"),
  THREADS("threads", "memcached creates its threads at the start (-t)"),
  MAX_ITEM_SIZE("maxItemSize", "memcached takes the size at the start (-I)"),
  VERBOSITY("verbosity", "memcached takes its verbosity at the start (-v)"),
  RESOURCES("resources", Effect.IN_PLACE, "the API server can't resize the running server"),
  GATE("verification.gate", "the readiness gates of a pod are fixed"),
  SCHEDULING("scheduling", "a pod is scheduled once"),
  POD_LABELS("pod.labels", Effect.LIVE, "the API server rejects the labels of the running server"),
  POD_ANNOTATIONS(
      "pod.annotations",
      Effect.LIVE,
      "the API server rejects the annotations of the running server");

  /** What a change does to a running server. */
  public enum Effect {
    /** It restarts. */
    RESTART,
    /** It is resized without a restart, where cluster and node can. */
    IN_PLACE,
    /** It gets the change without a restart. */
    LIVE
  }

  private static final Map<String, String> DEFAULTS = all(SecureMemcachedSpec.defaults());

  private final String field;
  private final Effect effect;
  private final String why;

  ServerSetting(String field, String why) {
    this(field, Effect.RESTART, why);
  }

  ServerSetting(String field, Effect effect, String why) {
    this.field = field;
    this.effect = effect;
    this.why = why;
  }

  private Object value(SecureMemcachedSpec spec) {
    return switch (this) {
      case FLAVOR -> spec.image().chosenFlavor().map(Image.Flavor::name).orElse("");
      case REFERENCE -> spec.image().reference();
      case PORT -> spec.port();
      case LISTEN -> spec.listen();
      case CACHE_SIZE -> spec.cacheSize();
      case MAX_CONNECTIONS -> spec.maxConnections();
      case THREADS -> spec.threads();
      case MAX_ITEM_SIZE -> spec.maxItemSize();
      case VERBOSITY -> spec.verbosity();
      case RESOURCES ->
          Map.of("requests", spec.resources().requests(), "limits", spec.resources().limits());
      case GATE -> VerificationPolicy.isGated(spec) ? spec.verification().gate() : "none";
      case SCHEDULING -> spec.scheduling();
      case POD_LABELS -> spec.pod().labels();
      case POD_ANNOTATIONS -> spec.pod().annotations();
    };
  }

  /** Path of the field in the spec. */
  public String field() {
    return field;
  }

  /** What a change does to a running server. */
  public Effect effect() {
    return effect;
  }

  /** Why a change restarts the server, where it does. */
  public String why() {
    return why;
  }

  /** The setting of a field; none for one of another version of the operator. */
  public static Optional<ServerSetting> named(String field) {
    return Arrays.stream(values()).filter(setting -> setting.field.equals(field)).findFirst();
  }

  /**
   * Value by field of all settings that differ from their default: a field that a later version
   * adds is then no change.
   */
  static Map<String, String> of(SecureMemcachedSpec spec) {
    return withoutDefaults(all(spec));
  }

  static Map<String, String> withoutDefaults(Map<String, String> values) {
    Map<String, String> others = new TreeMap<>(values);
    others.entrySet().removeIf(value -> value.getValue().equals(DEFAULTS.get(value.getKey())));
    return others;
  }

  /** The value of a field in a record, or its default. */
  public static String value(Map<String, String> recorded, String field) {
    return recorded.getOrDefault(field, DEFAULTS.getOrDefault(field, ""));
  }

  private static Map<String, String> all(SecureMemcachedSpec spec) {
    Map<String, String> values = new TreeMap<>();
    for (ServerSetting setting : values()) {
      values.put(setting.field, text(setting.value(spec)));
    }
    return values;
  }

  private static String text(Object value) {
    return value instanceof String || value instanceof Number || value instanceof Enum<?>
        ? value.toString()
        : SortedJson.write(value);
  }
}
