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
            "Image of the operator's release. Debian13 (recommended): memcached 1.6.45 on a base with security updates. Debian12: memcached 1.6.18 on such a base; a client with a login can run code on it. CentOS7: memcached 1.4.15 of CentOS 7, no security updates since 2024-06-30. Default: the operator's setting (chart value defaultFlavor) at the creation of the servers; a later change of that setting restarts no server. status.flavor has the flavor in use.")
        Flavor flavor,
    @JsonPropertyDescription(
            "User-provided image that fulfills the contract in docs/images.md; replaces the flavor's image.")
        @Size(min = 1, max = 512)
        @ValidationRule(
            value = "!self.matches('[[:space:]]')",
            message =
                "image.reference must not contain blanks; write it as registry/name:tag or registry/name@sha256:digest")
        String reference,
    @JsonPropertyDescription("When a node pulls the image. Default IfNotPresent.")
        @Default("IfNotPresent")
        PullPolicy pullPolicy,
    @JsonPropertyDescription("Secrets in this namespace with credentials for the registry.")
        @Size(max = 16)
        List<LocalObjectReference> pullSecrets) {

  public Image {
    reference = requireNonNullElse(reference, "");
    pullPolicy = requireNonNullElse(pullPolicy, PullPolicy.IfNotPresent);
    pullSecrets = Copies.of(pullSecrets);
  }

  /** The flavor of the resource, if it has one; else the operator's default applies. */
  public Optional<Flavor> chosenFlavor() {
    return Optional.ofNullable(flavor);
  }

  /** The default image. */
  public static Image defaults() {
    return new Image(null, null, null, null);
  }

  /** Images that are part of a release of this operator. */
  public enum Flavor {
    CentOS7,
    Debian12,
    Debian13;

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
