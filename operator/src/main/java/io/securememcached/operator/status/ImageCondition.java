package io.securememcached.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.text.Quoted;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.Distribution;
import io.securememcached.operator.verify.Support;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/** Condition ImageSupported: whether the image still gets fixes, and has no known hole. */
public final class ImageCondition {

  private ImageCondition() {}

  /** Where the image of a resource has its packages from. */
  public static Distribution distribution(Image image) {
    if (!image.reference().isEmpty()) {
      return Distribution.UNKNOWN;
    }
    return image.flavor() == Image.Flavor.CentOS7 ? Distribution.CENTOS_7 : Distribution.DEBIAN_12;
  }

  static Condition of(Facts facts) {
    Optional<String> hole =
        facts.verifications().values().stream()
            .flatMap(found -> found.failure(Check.KNOWN_WEAKNESSES).stream())
            .map(Quoted::text)
            .sorted()
            .findFirst();
    if (hole.isPresent()) {
      return condition(facts, "False", Reason.ImageUnsupported, hole.get());
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
                        + " The tag was built again or moved between two pulls, so not every server has the latest fixes. To run one revision, name it by digest (registry/name@sha256:digest)."))
        .orElse(support);
  }

  private static Condition support(Facts facts) {
    Distribution distribution = distribution(facts.primary().getSpec().image());
    LocalDate today = LocalDate.ofInstant(facts.now(), ZoneOffset.UTC);
    return switch (Support.of(distribution, today)) {
      case SUPPORTED ->
          condition(
              facts,
              "True",
              Reason.ImageSupported,
              "The image's packages get fixes until "
                  + distribution.lastFixes().orElseThrow()
                  + ".");
      case ENDED ->
          condition(
              facts,
              "False",
              Reason.ImageUnsupported,
              "The image's packages get no fixes since "
                  + distribution.lastFixes().orElseThrow()
                  + "; image.flavor Debian12 has some that do.");
      case UNKNOWN ->
          condition(
              facts,
              "Unknown",
              Reason.ImageUnknown,
              "image.reference is an image of your own; look after its fixes.");
    };
  }

  private static Condition condition(Facts facts, String status, Reason reason, String message) {
    return Conditions.of(facts, Conditions.IMAGE_SUPPORTED, status, reason, message);
  }
}
