package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Pods of the servers' image without the operator, each set up wrongly in one way: a check that
 * passes on one of them proves nothing. No policy selects them, unless one is made for them.
 */
final class BarePods {

  private static final int PORT = 11211;
  private static final PlainCredentials LOGIN = new PlainCredentials("sammy", "wrong password");

  private final Sandbox sandbox;

  BarePods(Sandbox sandbox) {
    this.sandbox = sandbox;
  }

  /** The server without {@code -S}. */
  Server withoutSasl(String name) {
    return start(name, Map.of(), "", "-l", "$(POD_IP)", "-U", "0", "-v");
  }

  /** The same, also on 127.0.0.1. */
  Server withoutSaslOnLoopback(String name) {
    return start(name, Map.of(), "", "-l", "$(POD_IP),127.0.0.1", "-U", "0", "-v");
  }

  /** A server that is open by UDP, which memcached 1.6 refuses together with {@code -S}. */
  Server withUdp(String name) {
    return start(name, Map.of(), "", "-l", "$(POD_IP)", "-U", "11211");
  }

  /**
   * A server that listens on other addresses than the operator's.
   *
   * @param addresses with commas
   */
  Server listensOn(String name, String addresses) {
    return start(name, Map.of(), "", "-l", addresses, "-U", "0", "-S");
  }

  /** A server with SASL and no sasldb: nobody can log in. */
  Server withoutLogins(String name) {
    return start(name, Map.of(), "", "-l", "$(POD_IP)", "-U", "0", "-S", "-v");
  }

  /** A server that takes the password "wrong password". */
  Server withOtherPassword(String name) {
    byte[] sasldb = SaslDb.write(List.of(new SaslEntry(LOGIN.user(), name, LOGIN.password())));
    sandbox
        .client()
        .secrets()
        .inNamespace(sandbox.namespace())
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .addToData(
                    SaslConfig.CONFIG_FILE,
                    base64(SaslConfig.text().getBytes(StandardCharsets.UTF_8)))
                .addToData(SaslConfig.SASLDB_FILE, base64(sasldb))
                .build())
        .create();
    return start(name, Map.of(), name, "-l", "$(POD_IP)", "-U", "0", "-S", "-v");
  }

  /** A server that reads a Secret made for servers of other names. */
  Server ofOtherName(String name, String saslSecret) {
    return start(name, Map.of(), saslSecret, "-l", "$(POD_IP)", "-U", "0", "-S", "-v");
  }

  /** A server with labels for a policy of the test's own. */
  Server labelled(String name, Map<String, String> labels) {
    return start(name, labels, "", "-l", "$(POD_IP)", "-U", "0", "-S", "-v");
  }

  private Server start(
      String name, Map<String, String> labels, String saslSecret, String... arguments) {
    Pod pod = pod(name, labels).build();
    Container container = pod.getSpec().getContainers().getFirst();
    List<String> all = new ArrayList<>(List.of("-p", Integer.toString(PORT)));
    all.addAll(List.of(arguments));
    container.setArgs(all);
    if (!saslSecret.isEmpty()) {
      pod =
          new PodBuilder(pod)
              .editSpec()
              .editFirstContainer()
              .addNewVolumeMount()
              .withName("sasl")
              .withMountPath(SaslConfig.MOUNT_PATH)
              .endVolumeMount()
              .endContainer()
              .addNewVolume()
              .withName("sasl")
              .withNewSecret()
              .withSecretName(saslSecret)
              .endSecret()
              .endVolume()
              .endSpec()
              .build();
    }
    pod =
        new PodBuilder(pod)
            .editSpec()
            .editFirstContainer()
            .withNewReadinessProbe()
            .withPeriodSeconds(1)
            .withNewTcpSocket()
            .withNewPort(PORT)
            .endTcpSocket()
            .endReadinessProbe()
            .endContainer()
            .endSpec()
            .build();
    sandbox.client().pods().inNamespace(sandbox.namespace()).resource(pod).create();
    return new Server(name, sandbox.awaitPod(name).getStatus().getPodIP(), PORT, LOGIN);
  }

  /** A server that takes a few seconds to end, as one on a busy node does, and its owner. */
  Server ending(String name, Map<String, String> labels, HasMetadata owner) {
    Pod pod =
        pod(name, labels)
            .editMetadata()
            .withOwnerReferences(reference(owner))
            .endMetadata()
            .editSpec()
            .withTerminationGracePeriodSeconds(8L)
            .editFirstContainer()
            .withArgs("-p", Integer.toString(PORT), "-U", "0", "-l", "0.0.0.0")
            .withNewLifecycle()
            .withNewPreStop()
            .withNewExec()
            .withCommand("sleep", "5")
            .endExec()
            .endPreStop()
            .endLifecycle()
            .endContainer()
            .endSpec()
            .build();
    sandbox.client().pods().inNamespace(sandbox.namespace()).resource(pod).create();
    return new Server(name, sandbox.awaitPod(name).getStatus().getPodIP(), PORT, LOGIN);
  }

  static OwnerReference reference(HasMetadata owner) {
    return new OwnerReferenceBuilder()
        .withApiVersion(owner.getApiVersion())
        .withKind(owner.getKind())
        .withName(owner.getMetadata().getName())
        .withUid(owner.getMetadata().getUid())
        .build();
  }

  /** A pod that the restricted Pod Security profile takes. */
  static PodBuilder pod(String name, Map<String, String> labels) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .withAutomountServiceAccountToken(false)
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(11211L)
        .withFsGroup(11211L)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .withTerminationGracePeriodSeconds(0L)
        .withContainers(container())
        .endSpec();
  }

  private static Container container() {
    return new ContainerBuilder()
        .withName("bare")
        .withImage(TestedFlavor.IMAGE)
        .withImagePullPolicy("IfNotPresent")
        .addNewEnv()
        .withName("POD_IP")
        .withNewValueFrom()
        .withNewFieldRef()
        .withFieldPath("status.podIP")
        .endFieldRef()
        .endValueFrom()
        .endEnv()
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .build();
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
