package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.time.Duration;

/** How often running servers are verified, and whether traffic depends on it. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record VerificationPolicy(
    @JsonPropertyDescription(
            "How often each server is checked, in hours, minutes and seconds, at least 1m. Default 15m. A server is also checked when it starts and after each change of logins or zones. A result older than twice this interval is no longer valid. A change restarts nothing.")
        @Default("15m")
        @Size(max = 32)
        @ValidationRule(
            value = "self" + RotationPolicy.IS_DURATION + " && duration(self) >= duration('1m')",
            message =
                "verification.interval must be hours, minutes and seconds of at least 1m, such as 15m or 1h")
        String interval,
    @JsonPropertyDescription(
            "Enforce (default): a server gets traffic from the Services only after it has passed the checks, and none when it fails; new servers need a running operator. ReportOnly: checks report only. Servers with listen Loopback have no gate. A change restarts the servers one at a time.")
        @Default("Enforce")
        Gate gate) {

  /** Whether traffic depends on the checks. */
  public enum Gate {
    Enforce,
    ReportOnly
  }

  public VerificationPolicy {
    interval = requireNonNullElse(interval, "15m");
    gate = requireNonNullElse(gate, Gate.Enforce);
  }

  /** Every 15 minutes, with traffic only for servers that passed. */
  public static VerificationPolicy defaults() {
    return new VerificationPolicy(null, null);
  }

  /** {@link #interval} as a duration. */
  public Duration intervalDuration() {
    return RotationPolicy.duration(interval);
  }

  /** Whether the servers of a resource have the gate. */
  public static boolean isGated(SecureMemcachedSpec spec) {
    return spec.verification().gate() == Gate.Enforce && spec.listen() == Listen.PodIP;
  }
}
