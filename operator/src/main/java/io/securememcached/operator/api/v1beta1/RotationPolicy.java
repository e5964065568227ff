package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.time.Duration;
import java.util.Optional;

/**
 * When logins rotate, and for how long the previous one stays valid.
 *
 * @param interval empty for never
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "!has(self.interval) || !has(self.overlap) || !(self.interval"
            + RotationPolicy.IS_DURATION
            + ") || !(self.overlap"
            + RotationPolicy.IS_DURATION
            + ") || duration(self.interval) > duration(self.overlap)",
    message =
        "rotation.interval must be longer than rotation.overlap, as the previous login must end before the next rotation; raise interval or lower overlap",
    fieldPath = ".interval")
public record RotationPolicy(
    @JsonPropertyDescription(
            "Time between rotations, in hours, minutes and seconds such as 720h (30 days) or 12h30m, at least 1m. Default: logins rotate only on request by annotation securememcached.io/rotate. A change restarts nothing.")
        @Size(max = 32)
        @ValidationRule(
            value = "self" + RotationPolicy.IS_DURATION + " && duration(self) >= duration('1m')",
            message =
                "rotation.interval must be hours, minutes and seconds of at least 1m, such as 720h or 12h30m")
        String interval,
    @JsonPropertyDescription(
            "How long the previous login stays valid after the new one is published, and the login of a user that left spec.users. Set it longer than the slowest client needs to reload its Secret. Default 10m; 0s ends them immediately.")
        @Default("10m")
        @Size(max = 32)
        @ValidationRule(
            value = "self" + RotationPolicy.IS_DURATION,
            message =
                "rotation.overlap must be hours, minutes and seconds, such as 10m or 1h30m; 0s for none")
        String overlap) {

  /** The form that Kubernetes, CEL and Java parse alike: at least one unit, in this order. */
  static final String IS_DURATION =
      ".matches('^([0-9]{1,6}h([0-9]{1,6}m)?([0-9]{1,6}s)?|[0-9]{1,6}m([0-9]{1,6}s)?|[0-9]{1,6}s)$')";

  public RotationPolicy {
    interval = requireNonNullElse(interval, "");
    overlap = requireNonNullElse(overlap, "10m");
  }

  /** On request only, with the default overlap. */
  public static RotationPolicy onRequest() {
    return new RotationPolicy(null, null);
  }

  /** {@link #interval} as a duration, if there is one. */
  public Optional<Duration> intervalDuration() {
    return interval.isEmpty() ? Optional.empty() : Optional.of(duration(interval));
  }

  /** {@link #overlap} as a duration. */
  public Duration overlapDuration() {
    return duration(overlap);
  }

  /** The units are those of ISO 8601, which Java reads. */
  static Duration duration(String text) {
    return Duration.parse("PT" + text);
  }
}
