package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether a server is confined at least as Kubernetes' restricted profile and a read-only root file
 * system do it. Stricter settings are accepted: OpenShift adds SELinux levels to every pod, GKE
 * capabilities to drop.
 */
final class Confinement {

  private Confinement() {}

  static List<String> faults(PodSpec pod, Container server) {
    PodSecurityContext shared =
        Optional.ofNullable(pod.getSecurityContext())
            .orElseGet(() -> new PodSecurityContextBuilder().build());
    SecurityContext own =
        Optional.ofNullable(server.getSecurityContext())
            .orElseGet(() -> new SecurityContextBuilder().build());
    Optional<Capabilities> capabilities = Optional.ofNullable(own.getCapabilities());
    List<String> faults = new ArrayList<>();
    fault(faults, "is privileged", Boolean.TRUE.equals(own.getPrivileged()));
    fault(
        faults,
        "may gain privileges: allowPrivilegeEscalation is not false",
        !Boolean.FALSE.equals(own.getAllowPrivilegeEscalation()));
    fault(
        faults,
        "has a writable root file system",
        !Boolean.TRUE.equals(own.getReadOnlyRootFilesystem()));
    fault(
        faults,
        "has capabilities",
        capabilities
            .map(found -> !found.getAdd().isEmpty() || !found.getDrop().contains("ALL"))
            .orElse(true));
    Optional<Long> user =
        Optional.ofNullable(own.getRunAsUser())
            .or(() -> Optional.ofNullable(shared.getRunAsUser()));
    boolean nonRoot =
        Optional.ofNullable(own.getRunAsNonRoot())
            .or(() -> Optional.ofNullable(shared.getRunAsNonRoot()))
            .orElse(false);
    fault(faults, "may run as root", !nonRoot || user.filter(id -> id == 0).isPresent());
    Optional<String> seccomp =
        Optional.ofNullable(own.getSeccompProfile())
            .or(() -> Optional.ofNullable(shared.getSeccompProfile()))
            .map(SeccompProfile::getType);
    fault(
        faults,
        "has no seccomp profile",
        seccomp.isEmpty() || seccomp.equals(Optional.of("Unconfined")));
    fault(faults, "has an unmasked /proc", "Unmasked".equals(own.getProcMount()));
    return faults;
  }

  private static void fault(List<String> faults, String text, boolean isOne) {
    if (isOne) {
      faults.add(text);
    }
  }
}
