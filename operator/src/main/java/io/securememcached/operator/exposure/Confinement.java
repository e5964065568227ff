package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a server is confined at least as Kubernetes' restricted profile (Pod Security Standards
 * of Kubernetes 1.35) and a read-only root file system do it. Of what a pod and its container both
 * have, the container's applies. Stricter settings are accepted: OpenShift adds SELinux levels to
 * every pod, GKE capabilities to drop.
 */
final class Confinement {

  private static final Set<String> SELINUX_TYPES =
      Set.of("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t");

  /** Those of the profile, and the queue of connections that webhooks lengthen for caches. */
  private static final Set<String> SAFE_SYSCTLS =
      Set.of(
          "kernel.shm_rmid_forced",
          "net.core.somaxconn",
          "net.ipv4.ip_local_port_range",
          "net.ipv4.ip_local_reserved_ports",
          "net.ipv4.ip_unprivileged_port_start",
          "net.ipv4.ping_group_range",
          "net.ipv4.tcp_fin_timeout",
          "net.ipv4.tcp_keepalive_intvl",
          "net.ipv4.tcp_keepalive_probes",
          "net.ipv4.tcp_keepalive_time",
          "net.ipv4.tcp_rmem",
          "net.ipv4.tcp_syncookies",
          "net.ipv4.tcp_wmem");

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
    // The API server copies the older annotations into this field.
    fault(
        faults,
        "has no AppArmor profile",
        Optional.ofNullable(own.getAppArmorProfile())
            .or(() -> Optional.ofNullable(shared.getAppArmorProfile()))
            .map(AppArmorProfile::getType)
            .filter("Unconfined"::equals)
            .isPresent());
    fault(
        faults,
        "has an SELinux user, role or type of its own",
        Optional.ofNullable(own.getSeLinuxOptions())
            .or(() -> Optional.ofNullable(shared.getSeLinuxOptions()))
            .filter(options -> !isConfining(options))
            .isPresent());
    shared.getSysctls().stream()
        .map(Sysctl::getName)
        .filter(name -> !SAFE_SYSCTLS.contains(name))
        .forEach(name -> faults.add("has the unsafe sysctl " + name));
    return faults;
  }

  /** Levels only separate pods from each other. */
  private static boolean isConfining(SELinuxOptions options) {
    return isUnset(options.getUser())
        && isUnset(options.getRole())
        && SELINUX_TYPES.contains(Objects.requireNonNullElse(options.getType(), ""));
  }

  private static boolean isUnset(String text) {
    return text == null || text.isEmpty();
  }

  private static void fault(List<String> faults, String text, boolean isOne) {
    if (isOne) {
      faults.add(text);
    }
  }
}
