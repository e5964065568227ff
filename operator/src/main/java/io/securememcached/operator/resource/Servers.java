package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PodReadinessGate;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.Scheduling;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import io.securememcached.operator.api.v1beta1.VerificationPolicy;
import io.securememcached.operator.sasl.SaslConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The servers, as a StatefulSet: a server's SASL realm is its host name, so names must be stable.
 *
 * <p>Nothing that can change without a restart may go into the pod template.
 */
public final class Servers {

  /** Name of memcached's container. */
  public static final String CONTAINER_NAME = "memcached";

  /** Name of its port. */
  public static final String PORT_NAME = "memcached";

  /**
   * Pod condition that the operator sets once the checks have passed; without it the pod is not
   * ready.
   */
  public static final String VERIFIED = "securememcached.io/verified";

  /** User and group of the image. */
  private static final long UID = 11211L;

  /** Annotation of the StatefulSet: the flavor of the image, kept while the servers exist. */
  private static final String FLAVOR = "securememcached.io/flavor";

  /**
   * In seconds. A cache has nothing to save; this only limits an image that ignores the stop
   * signal.
   */
  public static final long GRACE_PERIOD = 10L;

  private static final String SASL_VOLUME = "sasl";

  private Servers() {}

  /**
   * The StatefulSet.
   *
   * @param restarts number of requested restarts of the servers
   */
  static StatefulSet desired(SecureMemcached primary, Settings settings, int restarts) {
    return new StatefulSetBuilder()
        .withMetadata(
            Labels.meta(primary, Names.name(primary), "server")
                .addToAnnotations(FLAVOR, settings.flavorOf(primary).name())
                .build())
        .withNewSpec()
        .withReplicas(primary.getSpec().replicas())
        .withServiceName(Names.nodes(primary))
        // Servers are independent: all may start at once.
        .withPodManagementPolicy("Parallel")
        .withNewUpdateStrategy()
        // The operator restarts them, one at a time and when it is allowed
        // (docs/adr/0029-the-operator-restarts-servers.md).
        .withType("OnDelete")
        .endUpdateStrategy()
        .withRevisionHistoryLimit(2)
        .withNewSelector()
        .withMatchLabels(Labels.serverSelector(primary))
        .endSelector()
        .withTemplate(template(primary, settings, restarts))
        .endSpec()
        .build();
  }

  /** The flavor of the existing servers, if it is known. */
  static Optional<Image.Flavor> flavorOf(StatefulSet servers) {
    return Optional.ofNullable(servers.getMetadata().getAnnotations())
        .map(annotations -> annotations.get(FLAVOR))
        .flatMap(Image.Flavor::named);
  }

  private static PodTemplateSpec template(
      SecureMemcached primary, Settings settings, int restarts) {
    Map<String, String> labels = new TreeMap<>(primary.getSpec().pod().labels());
    labels.putAll(Labels.of(primary, "server"));
    labels.putAll(Labels.serverSelector(primary));
    PodSpec pod = podSpec(primary, settings);
    return new PodTemplateSpecBuilder()
        .withNewMetadata()
        .withLabels(labels)
        .withAnnotations(
            AppliedTemplate.annotations(primary, pod, settings.flavorOf(primary), restarts))
        .endMetadata()
        .withSpec(pod)
        .build();
  }

  private static PodSpec podSpec(SecureMemcached primary, Settings settings) {
    SecureMemcachedSpec spec = primary.getSpec();
    Scheduling scheduling = spec.scheduling();
    return new PodSpecBuilder()
        .withServiceAccountName(Names.name(primary))
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        // Explicit, so that a foreign change to true is reverted.
        .withHostNetwork(false)
        .withHostPID(false)
        .withHostIPC(false)
        .withSecurityContext(podSecurity(settings))
        .withTerminationGracePeriodSeconds(GRACE_PERIOD)
        .withImagePullSecrets(spec.image().pullSecrets())
        .withNodeSelector(nodeSelector(scheduling))
        .withTolerations(scheduling.tolerations().stream().map(Servers::canonical).toList())
        .withAffinity(scheduling.affinity())
        .withReadinessGates(
            VerificationPolicy.isGated(spec) ? List.of(new PodReadinessGate(VERIFIED)) : List.of())
        .withTopologySpreadConstraints(
            scheduling.topologySpreadConstraints().stream()
                .map(constraint -> ofThisResource(primary, constraint))
                .toList())
        .withPriorityClassName(
            scheduling.priorityClassName().isEmpty() ? null : scheduling.priorityClassName())
        .withContainers(container(primary, settings))
        .withVolumes(saslVolume(primary, settings))
        .build();
  }

  private static Container container(SecureMemcached primary, Settings settings) {
    SecureMemcachedSpec spec = primary.getSpec();
    return new ContainerBuilder()
        .withName(CONTAINER_NAME)
        .withImage(settings.imageOf(primary))
        .withImagePullPolicy(spec.image().pullPolicy().name())
        .withCommand("memcached")
        .withArgs(MemcachedArguments.of(spec))
        .addNewEnv()
        .withName(MemcachedArguments.POD_IP)
        .withNewValueFrom()
        .withNewFieldRef()
        .withApiVersion("v1")
        .withFieldPath("status.podIP")
        .endFieldRef()
        .endValueFrom()
        .endEnv()
        // The directory: with a file here, or without the variable, ANONYMOUS can log in.
        .addNewEnv()
        .withName("SASL_CONF_PATH")
        .withValue(SaslConfig.MOUNT_PATH)
        .endEnv()
        .addNewPort()
        .withName(PORT_NAME)
        .withContainerPort(spec.port())
        .withProtocol("TCP")
        .endPort()
        .withStartupProbe(probe(spec).withPeriodSeconds(1).withFailureThreshold(60).build())
        // No liveness probe: a restart empties the cache, and an exited process is restarted
        // without one.
        .withReadinessProbe(probe(spec).withPeriodSeconds(5).withFailureThreshold(3).build())
        .withResources(ServerResources.of(spec, settings.flavorOf(primary)))
        .withSecurityContext(containerSecurity())
        .addNewVolumeMount()
        .withName(SASL_VOLUME)
        // The whole directory: a subPath never sees a changed Secret.
        .withMountPath(SaslConfig.MOUNT_PATH)
        .withReadOnly(true)
        .endVolumeMount()
        .build();
  }

  /** The kubelet probes from outside of the pod, so a server on 127.0.0.1 is probed by exec. */
  private static ProbeBuilder probe(SecureMemcachedSpec spec) {
    ProbeBuilder probe = new ProbeBuilder().withTimeoutSeconds(2).withSuccessThreshold(1);
    return spec.listen() == Listen.Loopback
        ? probe.withNewExec().withCommand(probeCommand(spec.port())).endExec()
        : probe.withNewTcpSocket().withNewPort(PORT_NAME).endTcpSocket();
  }

  /** What the probes run in a server that listens on 127.0.0.1 only. */
  public static List<String> probeCommand(int port) {
    return List.of("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/" + port);
  }

  /** The images are for Linux; the scheduler does not look at the pod's {@code os.name}. */
  private static Map<String, String> nodeSelector(Scheduling scheduling) {
    Map<String, String> selector = new TreeMap<>();
    selector.put("kubernetes.io/os", "linux");
    selector.putAll(scheduling.nodeSelector());
    return selector;
  }

  /**
   * Without empty strings, which the API server does not store: they would differ from its response
   * after each apply.
   */
  private static Toleration canonical(Toleration toleration) {
    return toleration.toBuilder()
        .withKey(stored(toleration.getKey()))
        .withOperator(stored(toleration.getOperator()))
        .withValue(stored(toleration.getValue()))
        .withEffect(stored(toleration.getEffect()))
        .build();
  }

  private static String stored(String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  private static PodSecurityContext podSecurity(Settings settings) {
    PodSecurityContextBuilder security =
        new PodSecurityContextBuilder()
            .withRunAsNonRoot(true)
            .withNewSeccompProfile()
            .withType("RuntimeDefault")
            .endSeccompProfile();
    return settings.platformUserIds()
        ? security.build()
        : security.withRunAsUser(UID).withRunAsGroup(UID).withFsGroup(UID).build();
  }

  private static SecurityContext containerSecurity() {
    return new SecurityContextBuilder()
        .withAllowPrivilegeEscalation(false)
        .withPrivileged(false)
        .withReadOnlyRootFilesystem(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .build();
  }

  private static Volume saslVolume(SecureMemcached primary, Settings settings) {
    return new VolumeBuilder()
        .withName(SASL_VOLUME)
        .withNewSecret()
        .withSecretName(Names.sasl(primary))
        // The groups of a user that the platform chooses are unknown. The pod has one user only.
        .withDefaultMode(settings.platformUserIds() ? 0444 : 0440)
        .withOptional(false)
        .endSecret()
        .build();
  }

  private static TopologySpreadConstraint ofThisResource(
      SecureMemcached primary, TopologySpreadConstraint constraint) {
    if (constraint.getLabelSelector() != null) {
      return constraint;
    }
    return constraint.toBuilder()
        .withNewLabelSelector()
        .withMatchLabels(Labels.serverSelector(primary))
        .endLabelSelector()
        .build();
  }
}
