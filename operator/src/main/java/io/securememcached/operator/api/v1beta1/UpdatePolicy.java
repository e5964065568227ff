package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.time.Duration;
import java.util.List;

/** When servers restart for an update, which empties their caches. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "(self.?specChanges.orValue('') != 'InWindow' && self.?operatorChanges.orValue('') != 'InWindow') || has(self.windows) && size(self.windows) > 0",
    message =
        "updates.windows is empty, so InWindow would never restart a server; add a window, such as {start: \"02:00\", duration: 2h}",
    fieldPath = ".windows")
@ValidationRule(
    value =
        "!has(self.pause) || !(self.pause"
            + RotationPolicy.IS_DURATION
            + ") || !has(self.windows) || self.windows.all(w, !(w.duration"
            + RotationPolicy.IS_DURATION
            + ") || duration(w.duration) < duration('1m') || duration(self.pause) < duration(w.duration))",
    message =
        "updates.pause must be shorter than each of updates.windows, else a window ends before the second server restarts; lower pause or lengthen the window",
    fieldPath = ".pause")
public record UpdatePolicy(
    @JsonPropertyDescription(
            "When servers restart for a change of this spec that needs it. Immediately (default), InWindow, or OnApproval: after annotation securememcached.io/approve-update.")
        @Default("Immediately")
        UpdateTime specChanges,
    @JsonPropertyDescription(
            "When servers restart for what an upgrade of the operator brings: a new image or other settings of the pods. OnApproval (default), InWindow, or Immediately. A server that is replaced for another reason starts with the update.")
        @Default("OnApproval")
        UpdateTime operatorChanges,
    @JsonPropertyDescription(
            "Times in which servers may restart, for InWindow, and for approved updates too if there are any.")
        @Size(max = 16)
        List<UpdateWindow> windows,
    @JsonPropertyDescription(
            "Time from when a restarted server is ready to the restart of the next, in which the cache of the first refills: hours, minutes and seconds. Default 1m; 0s for none. Requested restarts and revocations don't wait for it.")
        @Default("1m")
        @Size(max = 32)
        @ValidationRule(
            value = "self" + RotationPolicy.IS_DURATION + " && duration(self) <= duration('24h')",
            message =
                "updates.pause must be hours, minutes and seconds of at most 24h, such as 1m or 2m30s; 0s for none")
        String pause) {

  public UpdatePolicy {
    specChanges = requireNonNullElse(specChanges, UpdateTime.Immediately);
    operatorChanges = requireNonNullElse(operatorChanges, UpdateTime.OnApproval);
    windows = Copies.of(windows);
    pause = requireNonNullElse(pause, "1m");
  }

  /** Changes of the spec immediately, those of the operator on approval. */
  public static UpdatePolicy defaults() {
    return new UpdatePolicy(null, null, null, null);
  }

  /** {@link #pause} as a duration. */
  public Duration pauseDuration() {
    return RotationPolicy.duration(pause);
  }
}
