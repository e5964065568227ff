package io.securememcached.operator.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Locale;

/**
 * The flavor of the servers' image in this run: the recommended one, or another by {@code
 * -Dimages.flavor=CentOS7}.
 */
final class TestedFlavor {

  /** As {@code image.flavor} of a resource has it. */
  static final String NAME = System.getProperty("images.flavor", "Debian13");

  /** What {@code images/build} calls its image. */
  static final String TARGET = "memcached-" + key();

  /** Its image, as the chart names it; it has libmemcached's tools and bash, too. */
  static final String IMAGE = image();

  /** Its tag, such as "1.6.45-debian13". */
  static final String TAG = IMAGE.substring(IMAGE.lastIndexOf(':') + 1);

  /** Its version of memcached. */
  static final String VERSION = TAG.substring(0, TAG.indexOf('-'));

  private TestedFlavor() {}

  private static String key() {
    return NAME.toLowerCase(Locale.ROOT);
  }

  private static String image() {
    try {
      String values =
          Files.readString(Guarded.ROOT.resolve("charts/securememcached-operator/values.yaml"));
      return Serialization.unmarshal(values, JsonNode.class).at("/images/" + key()).asText();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
