package io.securememcached.operator.api.v1beta1;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Which memcached image the servers run.
 *
 * @param flavor null when none is named, see {@link #chosenFlavor}
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Image(
    @JsonPropertyDescription(
            "Image of this operator's release to run. CentOS7: memcached 1.4.15 as CentOS 7 ships it, no fixes since 2024-06-30. Debian12: memcached 1.6 on a base that still gets fixes. Default: the operator's own setting (chart value defaultFlavor) when the servers are created; a later change of that setting restarts no server. status.flavor names the one in use.")
        Flavor flavor,
    @JsonPropertyDescription(
            "An image of your own that keeps the contract in docs/images.md; takes the place of the flavor's image.")
        @Size(min = 1, max = 512)
        @ValidationRule(
            value = "!self.matches('[[:space:]]')",
            message =
                "image.reference must not hold blanks; write it as registry/name:tag or registry/name@sha256:digest")
        String reference,
    @JsonPropertyDescription("When a node pulls the image. Default IfNotPresent.")
        @Default("IfNotPresent")
        PullPolicy pullPolicy,
    @JsonPropertyDescription("Secrets of this namespace with logins for the registry.")
        @Size(max = 16)
        List<LocalObjectReference> pullSecrets) {

  public Image {
    reference = requireNonNullElse(reference, "");
    pullPolicy = requireNonNullElse(pullPolicy, PullPolicy.IfNotPresent);
    pullSecrets = Copies.of(pullSecrets);
  }

  /** The flavor that the resource names; the operator's settings have one for all others. */
  public Optional<Flavor> chosenFlavor() {
    return Optional.ofNullable(flavor);
  }

  /** The default image. */
  public static Image defaults() {
    return new Image(null, null, null, null);
  }

  /** Images that a release of this operator brings. */
  public enum Flavor {
    CentOS7,
    Debian12;

    /** The flavor of a name, as the API writes it; empty for any other text. */
    public static Optional<Flavor> named(String name) {
      return Arrays.stream(values()).filter(flavor -> flavor.name().equals(name)).findFirst();
    }
  }

  /** Kubernetes' image pull policies. */
  public enum PullPolicy {
    Always,
    IfNotPresent,
    Never
  }
}
