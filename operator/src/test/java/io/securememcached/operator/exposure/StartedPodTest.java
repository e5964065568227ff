package io.securememcached.operator.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StartedPodTest {

  static List<Consumer<Pod>> podFaults() {
    return List.of(
        pod -> pod.getSpec().setSecurityContext(null),
        pod -> pod.getSpec().getSecurityContext().setRunAsUser(0L),
        pod -> pod.getSpec().getSecurityContext().setRunAsNonRoot(null),
        pod -> pod.getSpec().getSecurityContext().setSeccompProfile(null),
        pod ->
            pod.getSpec()
                .getSecurityContext()
                .setAppArmorProfile(new AppArmorProfile(null, "Unconfined")),
        pod -> seLinux(pod, null, "spc_t", null),
        pod -> seLinux(pod, "system_r", "container_t", null),
        pod -> seLinux(pod, null, "container_t", "system_u"),
        pod -> sysctl(pod, "net.ipv4.conf.all.route_localnet"),
        pod -> pod.getSpec().getContainers().getFirst().setName("server"),
        pod -> pod.getSpec().getVolumes().getFirst().getSecret().setSecretName("other"),
        pod -> pod.getSpec().getVolumes().getFirst().setSecret(null),
        pod ->
            pod.getSpec()
                .getVolumes()
                .getFirst()
                .getSecret()
                .getItems()
                .add(new KeyToPath("memcached-sasldb2", null, "x")));
  }

  @ParameterizedTest
  @MethodSource("podFaults")
  void findsFaultsOfThePodAroundTheServer(Consumer<Pod> change) {
    assertThat(TestingCluster.create().pod(change).audit())
        .extracting(Exposure::kind)
        .contains(Kind.CHANGED_ARGUMENTS);
  }

  /** The container's own apply, and what the restricted profile allows. */
  @Test
  void whatTheRestrictedProfileAllowsIsNoFinding() {
    TestingCluster cluster =
        TestingCluster.create()
            .pod(
                pod -> {
                  seLinux(pod, null, "spc_t", null);
                  pod.getSpec()
                      .getSecurityContext()
                      .setAppArmorProfile(new AppArmorProfile(null, "Unconfined"));
                  sysctl(pod, "net.ipv4.tcp_keepalive_time");
                  sysctl(pod, "net.core.somaxconn");
                })
            .server(
                server -> {
                  server
                      .getSecurityContext()
                      .setSeLinuxOptions(new SELinuxOptions("s0:c26,c5", "", "container_t", ""));
                  server
                      .getSecurityContext()
                      .setAppArmorProfile(new AppArmorProfile("memcached", "Localhost"));
                });
    assertThat(cluster.audit()).isEmpty();
  }

  private static void seLinux(Pod pod, String role, String type, String user) {
    pod.getSpec()
        .getSecurityContext()
        .setSeLinuxOptions(new SELinuxOptions("s0:c26,c5", role, type, user));
  }

  private static void sysctl(Pod pod, String name) {
    pod.getSpec().getSecurityContext().getSysctls().add(new Sysctl(name, "1"));
  }

  /** What other admission webhooks add for safety, and what has no say over logins. */
  @Test
  void moreConfinementIsNoFinding() {
    TestingCluster cluster =
        TestingCluster.create()
            .pod(
                pod -> {
                  pod.getSpec()
                      .getSecurityContext()
                      .setSeLinuxOptions(new SELinuxOptions("s0:c26,c5", null, null, null));
                  pod.getSpec().getSecurityContext().getSeccompProfile().setType("Localhost");
                })
            .server(
                server -> {
                  server.getSecurityContext().getCapabilities().setDrop(List.of("ALL", "NET_RAW"));
                  server.getSecurityContext().setRunAsUser(11211L);
                });
    assertThat(cluster.audit()).isEmpty();
  }
}
