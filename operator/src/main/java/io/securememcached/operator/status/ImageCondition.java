package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.Distribution;
import io.securememcached.operator.verify.Support;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * Condition ImageSupported: whether the image gets security updates and has no known serious
 * vulnerability.
 */
public final class ImageCondition {

  private ImageCondition() {}

  /** Distribution of a resource's image, by the flavor in its status. */
  static Distribution distribution(SecureMemcached primary) {
    Image image = primary.getSpec().image();
    return image.reference().isEmpty()
        ? image
            .chosenFlavor()
            .or(() -> Image.Flavor.named(primary.getStatus().flavor()))
            .map(ImageCondition::distribution)
            .orElse(Distribution.UNKNOWN)
        : Distribution.UNKNOWN;
  }

  /** By the settings, before there is a status. */
  static Distribution distribution(StatusInput facts) {
    return facts.primary().getSpec().image().reference().isEmpty()
        ? distribution(flavor(facts))
        : Distribution.UNKNOWN;
  }

  /** Distribution of a flavor's image. */
  static Distribution distribution(Image.Flavor flavor) {
    return switch (flavor) {
      case CentOS7 -> Distribution.CENTOS_7;
      case Debian12 -> Distribution.DEBIAN_12;
      case Debian13 -> Distribution.DEBIAN_13;
    };
  }

  static Condition of(StatusInput facts) {
    Optional<String> vulnerability =
        facts.verifications().values().stream()
            .flatMap(found -> found.failure(Check.KNOWN_VULNERABILITIES).stream())
            .map(Finding::toString)
            .sorted()
            .findFirst();
    if (vulnerability.isPresent()) {
      return condition(facts, "False", Reason.ImageUnsupported, vulnerability.get());
    }
    Condition support = support(facts);
    return ImageRevisions.differing(facts.pods())
        .filter(revisions -> !support.getStatus().equals("False"))
        .map(
            revisions ->
                condition(
                    facts,
                    "Unknown",
                    Reason.ImageRevisionsDiffer,
                    revisions
                        + " The tag was rebuilt or moved between two pulls, so some servers may lack the latest security updates. Pin the image by digest (registry/name@sha256:digest)."))
        .orElse(support);
  }

  private static Condition support(StatusInput facts) {
    Distribution distribution = distribution(facts);
    LocalDate today = LocalDate.ofInstant(facts.now(), ZoneOffset.UTC);
    return switch (Support.of(distribution, today)) {
      case SUPPORTED ->
          condition(
              facts,
              "True",
              Reason.ImageSupported,
              "The image gets security updates until "
                  + distribution.lastFixes().orElseThrow()
                  + "."
                  + kept(facts));
      case ENDED ->
          condition(
              facts,
              "False",
              Reason.ImageUnsupported,
              "The image has got no security updates since "
                  + distribution.lastFixes().orElseThrow()
                  + "; set spec.image.flavor to Debian13 for a supported image."
                  + kept(facts));
      case UNKNOWN ->
          condition(
              facts,
              "Unknown",
              Reason.ImageUnknown,
              "spec.image.reference is a user-provided image; the operator does not track its security updates.");
    };
  }

  private static Image.Flavor flavor(StatusInput facts) {
    return facts.settings().keeping(facts.servers()).flavorOf(facts.primary());
  }

  /**
   * A new default applies to new servers only; administrators must see which servers keep an
   * earlier one.
   */
  private static String kept(StatusInput facts) {
    Image.Flavor flavor = flavor(facts);
    return facts.primary().getSpec().image().chosenFlavor().isPresent()
            || flavor == facts.settings().defaultFlavor()
        ? ""
        : " The servers keep flavor %s, the default at their creation; the operator's default is now %s. Set spec.image.flavor to change it."
            .formatted(flavor, facts.settings().defaultFlavor());
  }

  private static Condition condition(
      StatusInput facts, String status, Reason reason, String message) {
    return Conditions.of(facts, Conditions.IMAGE_SUPPORTED, status, reason, message);
  }
}
