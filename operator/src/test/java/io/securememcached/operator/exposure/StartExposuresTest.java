package io.securememcached.operator.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Lifecycle;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.VolumeDevice;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.securememcached.operator.resource.Golden;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartExposuresTest {

  private static final String LOOPBACK = "-l 127.0.0.1 -p 11211 -U 0 -S";
  private static final String OWN_PROBE = "exec 3<>/dev/tcp/127.0.0.1/11211";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -l 127.0.0.1 -p 11211 -U 0 | requires no login: -S is missing
          -l 127.0.0.1 -p 11211 -U 0 -m -S | requires no login: -S is missing
          -l 127.0.0.1 -p 11211 -S | may enable UDP: -U 0 is missing
          -l 127.0.0.1 -p 11211 -U 11211 -S | enables UDP: -U 11211
          -l 127.0.0.1 -p 11211 -U 0 -S -U 11211 | enables UDP: -U 11211
          -l 127.0.0.1 -p 11211 -S -U | enables UDP: -U
          -p 11211 -U 0 -S | listens on every address: -l is missing
          -l 0.0.0.0 -p 11211 -U 0 -S | listens on 0.0.0.0
          -l :: -p 11211 -U 0 -S | listens on ::
          -l $(HOST_IP) -p 11211 -U 0 -S | listens on $(HOST_IP)
          -l 127.0.0.1 -l 0.0.0.0 -p 11211 -U 0 -S | listens on 0.0.0.0
          -l 127.0.0.1,0.0.0.0 -p 11211 -U 0 -S | listens on 127.0.0.1,0.0.0.0
          -l $(POD_IP),0.0.0.0 -p 11211 -U 0 -S | listens on $(POD_IP),0.0.0.0
          -l $(POD_IP),127.0.0.1,10.0.0.1 -p 11211 -U 0 -S | listens on $(POD_IP),127.0.0.1,10.0.0.1
          -l $(POD_IP),127.0.0.1 -l 0.0.0.0 -p 11211 -U 0 -S | listens on 0.0.0.0
          -l $(POD_IP),127.0.0.1:11212 -p 11211 -U 0 -S | listens on $(POD_IP),127.0.0.1:11212
          -l 127.0.0.1 -p 11211 -U 0 -S -Y /tmp/users | never sets: -Y
          -l 127.0.0.1 -p 11211 -U 0 -S -A | never sets: -A
          -l 127.0.0.1 -p 11211 -U 0 -S -e /tmp/data | never sets: -e
          -l 127.0.0.1 -p 11211 -U 0 -S -s /tmp/socket | never sets: -s
          -l 127.0.0.1 -p 11211 -U 0 -S -s/tmp/socket | never sets: -s/tmp/socket
          -l 127.0.0.1 -p 11211 -U 0 -S -vA | never sets: -vA
          -l 127.0.0.1 -p 11211 -U 0 -S --enable-shutdown | never sets: --enable-shutdown
          -l 127.0.0.1 -p 11211 -U 0 -S -vvv | never sets: -vvv
          -l 127.0.0.1 -p 11211 -U 0 -- -S | never sets: --
          """)
  void findsArgumentsThatOpenAServerOfAnyRevision(String arguments, String fault) {
    TestingCluster cluster =
        TestingCluster.create().server(server -> server.setArgs(List.of(arguments.split(" "))));
    earlier(cluster);

    assertThat(fault(cluster)).contains(fault);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        LOOPBACK,
        LOOPBACK + " -v",
        LOOPBACK + " -vv -m 8 -c 1 -t 64 -I 2048k",
        "-l $(POD_IP) -p 11211 -U 0 -S"
      })
  void argumentsThatAnEarlierRevisionHadAreNoFinding(String arguments) {
    TestingCluster cluster =
        TestingCluster.create().server(server -> server.setArgs(List.of(arguments.split(" "))));
    assertThat(fault(cluster)).isEqualTo("has arguments that differ from those of this resource");

    earlier(cluster);
    assertThat(cluster.audit()).isEmpty();
  }

  static List<Arguments> faults() {
    return List.of(
        of(server -> server.setCommand(List.of("sh", "-c", "memcached")), "runs another command"),
        of(server -> server.setCommand(List.of()), "runs another command"),
        of(server -> removeEnv(server, "SASL_CONF_PATH"), "may accept ANONYMOUS"),
        of(server -> env(server, "SASL_CONF_PATH", "/etc/sasl2/memcached.conf"), "ANONYMOUS"),
        of(server -> env(server, "SASL_CONF_PATH", ""), "ANONYMOUS"),
        of(server -> removeEnv(server, "POD_IP"), "POD_IP is not the pod's address"),
        of(server -> env(server, "POD_IP", "0.0.0.0"), "POD_IP is not the pod's address"),
        of(server -> fieldRef(server, "status.hostIP"), "POD_IP is not the pod's address"),
        of(server -> env(server, "LD_PRELOAD", "/x.so"), "environment variable LD_PRELOAD"),
        of(server -> env(server, "PATH", "/tmp"), "environment variable PATH"),
        of(server -> env(server, "SASL_PATH", "/tmp"), "environment variable SASL_PATH"),
        of(
            server -> env(server, "MEMCACHED_SASL_PWDB", "/tmp/x"),
            "environment variable MEMCACHED_SASL_PWDB"),
        of(
            server -> server.getEnvFrom().add(new EnvFromSource()),
            "loads environment variables by envFrom"),
        of(server -> server.getVolumeMounts().clear(), "does not mount Secret sessions-sasl at"),
        of(
            server -> server.getVolumeMounts().getFirst().setSubPath("memcached.conf"),
            "does not mount Secret sessions-sasl at"),
        of(
            server -> server.getVolumeMounts().getFirst().setSubPathExpr("$(POD_IP)"),
            "does not mount Secret sessions-sasl at"),
        of(
            server -> server.getVolumeMounts().getFirst().setName("other"),
            "does not mount Secret sessions-sasl at"),
        of(
            server -> mount(server, "/etc/sasl2/memcached.conf"),
            "has an additional mount at /etc/sasl2/memcached.conf"),
        of(server -> mount(server, "/usr/bin"), "has an additional mount at /usr/bin"),
        of(
            server -> server.getVolumeDevices().add(new VolumeDevice("/dev/x", "x")),
            "has a block device"),
        of(server -> server.setLifecycle(new Lifecycle()), "has a lifecycle hook"),
        of(
            server -> server.setLivenessProbe(new ProbeBuilder().withNewExec().endExec().build()),
            "has a liveness probe"),
        of(server -> server.setLivenessProbe(server.getReadinessProbe()), "has a liveness probe"),
        of(
            server -> server.setReadinessProbe(exec("sh", "-c", "nc -l 1234")),
            "has a readiness probe with another command than the operator's"),
        of(
            server -> server.setStartupProbe(exec("bash", "-c", OWN_PROBE + "; nc -l 1234")),
            "has a startup probe with another command than the operator's"),
        of(
            server -> server.setStartupProbe(exec("bash", "-c", OWN_PROBE, "more")),
            "has a startup probe with another command than the operator's"),
        of(
            server -> server.setStartupProbe(exec("bash", "-c", OWN_PROBE.replace("11211", "22"))),
            "has a startup probe with another command than the operator's"),
        of(
            server -> server.getReadinessProbe().getTcpSocket().setHost("192.0.2.1"),
            "has a readiness probe of another host"),
        of(
            server ->
                server.setStartupProbe(
                    new ProbeBuilder().withNewHttpGet().withHost("192.0.2.1").endHttpGet().build()),
            "has a startup probe of another host"),
        of(server -> server.setSecurityContext(null), "may gain privileges"),
        of(server -> server.getSecurityContext().setPrivileged(true), "is privileged"),
        of(
            server -> server.getSecurityContext().setAllowPrivilegeEscalation(null),
            "may gain privileges"),
        of(
            server -> server.getSecurityContext().setReadOnlyRootFilesystem(false),
            "has a writable root file system"),
        of(
            server -> server.getSecurityContext().getCapabilities().setAdd(List.of("NET_ADMIN")),
            "has capabilities"),
        of(
            server -> server.getSecurityContext().getCapabilities().setDrop(List.of("NET_RAW")),
            "has capabilities"),
        of(server -> server.getSecurityContext().setCapabilities(null), "has capabilities"),
        of(server -> server.getSecurityContext().setRunAsUser(0L), "may run as root"),
        of(server -> server.getSecurityContext().setRunAsNonRoot(false), "may run as root"),
        of(
            server ->
                server
                    .getSecurityContext()
                    .setSeccompProfile(new SeccompProfile(null, "Unconfined")),
            "has no seccomp profile"),
        of(server -> server.getSecurityContext().setProcMount("Unmasked"), "an unmasked /proc"),
        of(
            server ->
                server
                    .getSecurityContext()
                    .setAppArmorProfile(new AppArmorProfile(null, "Unconfined")),
            "has no AppArmor profile"),
        of(server -> seLinux(server, null, "spc_t", null), "an SELinux user, role or type"),
        of(server -> seLinux(server, "system_r", null, null), "an SELinux user, role or type"),
        of(server -> seLinux(server, null, null, "system_u"), "an SELinux user, role or type"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void findsServersOfAnyRevisionThatAreStartedInAnotherWay(
      Consumer<Container> change, String fault) {
    TestingCluster cluster = TestingCluster.create().server(change);
    earlier(cluster);

    assertThat(fault(cluster)).contains(fault);
  }

  /**
   * Arguments that open a server are others than the resource's as well: that goes without saying.
   */
  @Test
  void aFaultIsToldOnce() {
    assertThat(fault(TestingCluster.create().server(server -> server.getArgs().add("-A"))))
        .isEqualTo("has an argument that the operator never sets: -A");
  }

  @Test
  void aVariableMoreIsAFindingOnceTheRevisionIsThatOfTheResource() {
    TestingCluster cluster =
        TestingCluster.create().server(server -> env(server, "HTTP_PROXY", "http://secret"));
    assertThat(fault(cluster))
        .isEqualTo("has environment variables that differ from those of this resource");

    earlier(cluster);
    assertThat(cluster.audit()).isEmpty();
  }

  /** The spec changes, the StatefulSet is written, its controller sees it, pods are replaced. */
  @Test
  void aRolloutOfTheOperatorsOwnIsNoFindingAtAnyMoment() {
    TestingCluster cluster = TestingCluster.create();
    cluster.primary.setSpec(
        TestingCluster.sessions(
                "{replicas: 2, maxConnections: 64, verbosity: 2, listen: Loopback, image: {flavor: Debian12}}")
            .getSpec());
    // The write failed, or is seen later.
    assertThat(cluster.audit()).isEmpty();
    cluster.servers.setSpec(cluster.wanted().getSpec());
    cluster.servers.getMetadata().setGeneration(5L);
    assertThat(cluster.audit()).isEmpty();
    cluster.servers.getStatus().setObservedGeneration(5L);
    cluster.servers.getStatus().setUpdateRevision("sessions-new");
    assertThat(cluster.audit()).isEmpty();
    PodTemplateSpec template = cluster.wanted().getSpec().getTemplate();
    cluster.pods.set(1, cluster.pod(1, template, "sessions-new"));
    assertThat(cluster.audit()).isEmpty();
    // The counter-example: the new revision's name with the old arguments.
    cluster
        .pods
        .getFirst()
        .getMetadata()
        .getLabels()
        .put("controller-revision-hash", "sessions-new");
    assertThat(cluster.audit())
        .extracting(Exposure::kind)
        .containsExactly(Kind.CHANGED_ARGUMENTS, Kind.CHANGED_IMAGE);
  }

  @Test
  void withoutARevisionOnlyWhatAlwaysHoldsIsAsked() {
    TestingCluster cluster =
        TestingCluster.create().server(server -> server.setArgs(List.of(LOOPBACK.split(" "))));
    cluster.servers.setStatus(null);
    assertThat(cluster.audit()).isEmpty();

    cluster.server(server -> server.setArgs(List.of()));
    assertThat(fault(cluster)).contains("-S is missing", "-U 0 is missing", "-l is missing");
  }

  @Test
  void valuesOfVariablesAreNotTold() {
    TestingCluster cluster =
        TestingCluster.create().server(server -> env(server, "SASL_PATH", "hunter2"));

    assertThat(cluster.audit().toString()).contains("SASL_PATH").doesNotContain("hunter2");
  }

  @Test
  void everyExampleIsStartedAsItShouldBeInAnyRevision() {
    for (String example : Golden.examples()) {
      TestingCluster cluster = TestingCluster.of(Golden.example(example));
      cluster.pods.forEach(TestingCluster::earlier);
      assertThat(cluster.audit()).as(example).isEmpty();
    }
  }

  private static String fault(TestingCluster cluster) {
    List<Exposure> found = cluster.audit();
    assertThat(found).extracting(Exposure::kind).containsExactly(Kind.CHANGED_ARGUMENTS);
    assertThat(found.getFirst().object()).isEqualTo("Pod sessions-0");
    return found.getFirst().detail().replaceFirst("; find the admission webhook.*", "");
  }

  private static void earlier(TestingCluster cluster) {
    cluster.pod(TestingCluster::earlier);
  }

  private static Arguments of(Consumer<Container> change, String fault) {
    return Arguments.of(change, fault);
  }

  /** The operator's own, with {@code listen: Loopback}; the examples have it as well. */
  @Test
  void probeThatOnlyConnectsIsNoFinding() {
    TestingCluster cluster =
        TestingCluster.create()
            .server(
                server -> {
                  server.setStartupProbe(exec("bash", "-c", OWN_PROBE));
                  server.setReadinessProbe(exec("bash", "-c", OWN_PROBE));
                });
    assertThat(cluster.audit()).isEmpty();
  }

  private static Probe exec(String... command) {
    return new ProbeBuilder().withNewExec().withCommand(command).endExec().build();
  }

  private static void seLinux(Container server, String role, String type, String user) {
    server.getSecurityContext().setSeLinuxOptions(new SELinuxOptions(null, role, type, user));
  }

  private static void mount(Container server, String path) {
    server
        .getVolumeMounts()
        .add(new VolumeMountBuilder().withName("sasl").withMountPath(path).build());
  }

  private static void fieldRef(Container server, String path) {
    server.getEnv().stream()
        .filter(variable -> variable.getName().equals("POD_IP"))
        .forEach(variable -> variable.getValueFrom().getFieldRef().setFieldPath(path));
  }

  /** After the others, as one of the same name then wins. */
  private static void env(Container server, String name, String value) {
    List<EnvVar> env = new ArrayList<>(server.getEnv());
    env.add(new EnvVar(name, value, null));
    server.setEnv(env);
  }

  private static void removeEnv(Container server, String name) {
    server.setEnv(
        server.getEnv().stream().filter(variable -> !variable.getName().equals(name)).toList());
  }
}
