package io.securememcached.operator.exposure;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Finds what exposes a resource's servers beside the operator's own children. */
public final class ExposureAudit {

  private ExposureAudit() {}

  /** All findings, sorted; none for an untouched resource. */
  public static List<Exposure> of(AuditInput observed) {
    return Stream.<Function<AuditInput, Stream<Exposure>>>of(
            PolicyExposures::of,
            ServiceExposures::of,
            RouteExposures::of,
            AnnotationExposures::of,
            ImpostorExposures::of,
            PodExposures::of,
            StartExposures::of,
            ImageExposures::of)
        .flatMap(rule -> rule.apply(observed))
        .distinct()
        .sorted()
        .toList();
  }
}
