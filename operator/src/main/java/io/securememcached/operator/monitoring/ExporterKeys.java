package io.securememcached.operator.monitoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.securememcached.operator.rotation.Login;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * The keys of the exporter's logins. Servers accept the logins of both, so that the exporter can
 * log in while a new key reaches them.
 *
 * @param current the newest key
 * @param since when the current key was created
 * @param previous the key before, while it is valid
 */
public record ExporterKeys(ExporterKey current, Instant since, Optional<Previous> previous) {

  /** Name of the Secret with the keys, in the operator's namespace; also the exporter's user. */
  public static final String NAME = "securememcached-exporter";

  /** Login names of the exporter; reserved, so no client has one of them. */
  public static final List<String> LOGIN_NAMES = List.of(NAME, NAME + "_2");

  /** How long the logins of the previous key are accepted. */
  public static final Duration OVERLAP = Duration.ofHours(24);

  /** Number of the newest format that this version can read. */
  static final int FORMAT = 1;

  private static final String FORMAT_FIELD = "format";
  private static final String GENERATION = "generation";
  private static final String KEY = "key";
  private static final String SINCE = "since";
  private static final String PREVIOUS_KEY = "previous-key";
  private static final String PREVIOUS_VALID_UNTIL = "previous-valid-until";

  /**
   * A key that expires.
   *
   * @param key of the generation before the current one
   * @param validUntil when its logins are removed from the servers
   */
  public record Previous(ExporterKey key, Instant validUntil) {}

  /** The first key. */
  public static ExporterKeys first(ExporterKey key, Instant now) {
    return new ExporterKeys(key, now, Optional.empty());
  }

  /**
   * The exporter's logins on the servers of a resource, newest first; the previous key's until the
   * Secret no longer has it.
   *
   * @param namespace of the SecureMemcached
   * @param name of the SecureMemcached
   * @param uid of the SecureMemcached
   * @throws IllegalArgumentException if one of them is empty
   */
  public List<Login> logins(String namespace, String name, String uid) {
    return keys().map(key -> key.login(namespace, name, uid)).toList();
  }

  /** Both keys, newest first. */
  public Stream<ExporterKey> keys() {
    return Stream.concat(Stream.of(current), previous.stream().map(Previous::key));
  }

  /**
   * The next state: a previous key ends, and a new one is created where its interval has passed.
   * Equal if nothing is due.
   *
   * @param newKey generates the key of a generation
   */
  public ExporterKeys advance(Duration interval, IntFunction<ExporterKey> newKey, Instant now) {
    ExporterKeys checked = notAfter(now);
    if (!now.isBefore(checked.since.plus(interval))) {
      return new ExporterKeys(
          newKey.apply(checked.current.generation() + 1),
          now,
          Optional.of(new Previous(checked.current, now.plus(OVERLAP))));
    }
    return new ExporterKeys(
        checked.current,
        checked.since,
        checked.previous.filter(last -> now.isBefore(last.validUntil())));
  }

  /**
   * A key from the future was created now, and no overlap is longer than one: a clock was wrong.
   */
  private ExporterKeys notAfter(Instant now) {
    Instant end = now.plus(OVERLAP);
    return new ExporterKeys(
        current,
        since.isAfter(now) ? now : since,
        previous.map(
            last -> last.validUntil().isAfter(end) ? new Previous(last.key(), end) : last));
  }

  /** The data of the Secret, values in base64; equal keys give equal data. */
  public Map<String, String> format() {
    Map<String, String> fields = new TreeMap<>();
    fields.put(FORMAT_FIELD, Integer.toString(FORMAT));
    fields.put(GENERATION, Integer.toString(current.generation()));
    fields.put(KEY, current.secret());
    fields.put(SINCE, since.toString());
    previous.ifPresent(
        last -> {
          fields.put(PREVIOUS_KEY, last.key().secret());
          fields.put(PREVIOUS_VALID_UNTIL, last.validUntil().toString());
        });
    fields.replaceAll((field, text) -> Base64.getEncoder().encodeToString(text.getBytes(UTF_8)));
    return fields;
  }

  /**
   * Reads the data of the Secret. Unknown fields are ignored, as a later version may have added
   * them; a change that must not be ignored gets a higher format.
   *
   * @param data values in base64, as the API server gives them
   * @throws ExporterKeysFormatException naming the field that is missing or wrong
   */
  public static ExporterKeys parse(Map<String, String> data) throws ExporterKeysFormatException {
    int format = number(data, FORMAT_FIELD);
    if (format > FORMAT) {
      throw new ExporterKeysFormatException(
          "has format %d, which a newer version of the operator wrote; this one reads up to %d"
              .formatted(format, FORMAT),
          true);
    }
    int generation = number(data, GENERATION);
    ExporterKey current = key(data, KEY, generation);
    Instant since = time(data, SINCE);
    if (!data.containsKey(PREVIOUS_KEY)) {
      return new ExporterKeys(current, since, Optional.empty());
    }
    return new ExporterKeys(
        current,
        since,
        Optional.of(
            new Previous(
                key(data, PREVIOUS_KEY, generation - 1), time(data, PREVIOUS_VALID_UNTIL))));
  }

  private static ExporterKey key(Map<String, String> data, String field, int generation)
      throws ExporterKeysFormatException {
    String secret = text(data, field);
    try {
      return new ExporterKey(generation, secret);
    } catch (IllegalArgumentException e) {
      throw damaged("field " + field + ": " + e.getMessage());
    }
  }

  private static int number(Map<String, String> data, String field)
      throws ExporterKeysFormatException {
    String text = text(data, field);
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw damaged("field " + field + " is not a whole number");
    }
  }

  private static Instant time(Map<String, String> data, String field)
      throws ExporterKeysFormatException {
    String text = text(data, field);
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw damaged("field " + field + " is not a time such as 2026-01-01T00:00:00Z");
    }
  }

  private static String text(Map<String, String> data, String field)
      throws ExporterKeysFormatException {
    if (!data.containsKey(field)) {
      throw damaged("field " + field + " is missing");
    }
    try {
      return new String(Base64.getDecoder().decode(data.get(field)), UTF_8);
    } catch (IllegalArgumentException e) {
      throw damaged("field " + field + " is not base64");
    }
  }

  private static ExporterKeysFormatException damaged(String problem) {
    return new ExporterKeysFormatException("is damaged: " + problem, false);
  }
}
