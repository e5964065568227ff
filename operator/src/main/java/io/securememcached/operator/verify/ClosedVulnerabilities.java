package io.securememcached.operator.verify;

import java.util.Comparator;
import java.util.List;

/** Which known vulnerabilities of a server another image does not have. */
public final class ClosedVulnerabilities {

  /** The worst first. */
  private static final Comparator<Vulnerability> WORST =
      Comparator.comparing((Vulnerability of) -> !of.isSerious())
          .thenComparing(Vulnerability::effect, Comparator.reverseOrder())
          .thenComparing(Vulnerability::needs);

  private ClosedVulnerabilities() {}

  /**
   * A clause such as "closes CVE-2018-1000127, which a client with a login can use to run code, and
   * 2 more"; empty if the other image closes none, or one of the images does not say what it is.
   *
   * @param version as reported by the server; an invalid one has no known vulnerability
   */
  public static String text(String version, String image, String next) {
    return ReleaseImage.parse(image)
        .flatMap(now -> ReleaseImage.parse(next).map(then -> of(version, now, then)))
        .filter(closed -> !closed.isEmpty())
        .map(
            closed ->
                "closes "
                    + closed.getFirst().toClause()
                    + (closed.size() == 1 ? "" : ", and %d more".formatted(closed.size() - 1)))
        .orElse("");
  }

  private static List<Vulnerability> of(String version, ReleaseImage now, ReleaseImage then) {
    List<Vulnerability> remaining =
        KnownVulnerabilities.of(then.version().toString(), then.distribution());
    return KnownVulnerabilities.of(version, now.distribution()).stream()
        .filter(vulnerability -> !remaining.contains(vulnerability))
        .sorted(WORST)
        .toList();
  }
}
