package io.securememcached.operator.verify;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the tag of an image of this project says, such as {@code
 * ghcr.io/securememcached/memcached:1.6.18-debian12}.
 */
public record ReleaseImage(Version version, Distribution distribution) {

  /** No digest: that, and not the tag beside it, decides what runs. */
  private static final Pattern FORM =
      Pattern.compile(
          "[^\\s:@]+(:[0-9]+/[^\\s:@]+)?:([0-9]+\\.[0-9]+\\.[0-9]+)-(centos7|debian12|debian13)");

  /** Empty for an image with a digest, or with a tag of another form. */
  public static Optional<ReleaseImage> parse(String image) {
    Matcher matcher = FORM.matcher(image);
    return matcher.matches()
        ? Version.parse(matcher.group(2))
            .map(
                version ->
                    new ReleaseImage(
                        version,
                        switch (matcher.group(3)) {
                          case "centos7" -> Distribution.CENTOS_7;
                          case "debian12" -> Distribution.DEBIAN_12;
                          default -> Distribution.DEBIAN_13;
                        }))
        : Optional.empty();
  }
}
