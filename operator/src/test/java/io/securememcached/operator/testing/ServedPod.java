package io.securememcached.operator.testing;

import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.StatusDetails;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.credentials.SaslFiles;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.RealMemcached;
import io.securememcached.operator.memcached.Status;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * A real memcached behind a pod object, on an API server without kubelets: the test says when a
 * Secret's volume is refreshed.
 */
public final class ServedPod implements AutoCloseable {

  private final Path folder;
  private final RealMemcached memcached;
  private Scene scene;

  private ServedPod(Path folder, RealMemcached memcached) {
    this.folder = folder;
    this.memcached = memcached;
  }

  /** A server that takes no login yet. */
  public static ServedPod start(Path folder) throws IOException {
    write(folder, SaslDb.write(List.of()));
    Files.writeString(
        folder.resolve(SaslConfig.CONFIG_FILE),
        SaslConfig.text().replace(SaslConfig.MOUNT_PATH, folder.toString()));
    return new ServedPod(folder, RealMemcached.start(folder));
  }

  /** A server that lets everybody in. */
  public static ServedPod startWithoutSasl(Path folder) throws IOException {
    return new ServedPod(
        folder, RealMemcached.start(folder, List.of("-U", "0", "-l", "127.0.0.1")));
  }

  public int port() {
    return memcached.address().getPort();
  }

  /** Shows the server as the pod cache-0, whose volume has what the Secret has. */
  public void appear(Scene in) throws IOException {
    scene = in;
    refresh();
    scene.client.resource(ofSet(scene, "cache-0")).create();
    setRunning(true);
  }

  /**
   * A pod of the StatefulSet's template that the StatefulSet controls, as its controller makes it.
   */
  public static Pod ofSet(Scene scene, String name) {
    StatefulSet set = scene.child(StatefulSet.class, "cache").get();
    PodTemplateSpec template = set.getSpec().getTemplate();
    return new PodBuilder()
        .withNewMetadataLike(template.getMetadata())
        .withNamespace(scene.namespace)
        .withName(name)
        .addNewOwnerReference()
        .withApiVersion("apps/v1")
        .withKind("StatefulSet")
        .withName("cache")
        .withUid(set.getMetadata().getUid())
        .withController(true)
        .endOwnerReference()
        .endMetadata()
        .withSpec(template.getSpec())
        .build();
  }

  /** A pod with the servers' label that nobody runs. */
  public static Pod named(Scene scene, String name) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(scene.namespace)
        .withName(name)
        .addToLabels(Labels.SERVER_OF, "cache")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("memcached")
        .withImage("none")
        .endContainer()
        .endSpec()
        .build();
  }

  /**
   * A pod like another one, with a name of its own.
   *
   * @param addresses where its server listens, as -l has them
   */
  public static Pod listening(Pod pod, String name, String addresses) {
    return new PodBuilder(pod)
        .editMetadata()
        .withName(name)
        .withUid(name)
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("memcached")
        .withArgs("-l", addresses)
        .endContainer()
        .endSpec()
        .build();
  }

  /** A pod whose container runs and is ready, at an address. */
  public static Pod runningAt(Pod seen, String address) {
    return new PodBuilder(seen)
        .editOrNewStatus()
        .withPhase("Running")
        .withPodIP(address)
        .withPodIPs(new PodIP(address))
        .addNewContainerStatus()
        .withName("memcached")
        .withImage("none")
        .withImageID("none")
        .withReady(true)
        .withRestartCount(0)
        .withNewState()
        .withNewRunning()
        .endRunning()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  /** The same, and the pod is Ready. */
  public static Pod readyAt(Pod seen, String address) {
    return new PodBuilder(runningAt(seen, address))
        .editStatus()
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .endCondition()
        .endStatus()
        .build();
  }

  /** Whether its container runs. */
  public void setRunning(boolean running) {
    scene
        .child(Pod.class, "cache-0")
        .editStatus(
            pod ->
                new PodBuilder(pod)
                    .editOrNewStatus()
                    .withPhase("Running")
                    .withPodIP("127.0.0.1")
                    .withPodIPs(new PodIP("127.0.0.1"))
                    .removeMatchingFromConditions(c -> c.getType().equals("Ready"))
                    .addNewCondition()
                    .withType("Ready")
                    .withStatus(running ? "True" : "False")
                    .endCondition()
                    .withContainerStatuses()
                    .addNewContainerStatus()
                    .withName("memcached")
                    .withImage("none")
                    .withImageID("none")
                    .withReady(running)
                    .withRestartCount(0)
                    .withState(
                        running
                            ? new ContainerStateBuilder().withNewRunning().endRunning().build()
                            : new ContainerStateBuilder()
                                .withNewWaiting()
                                .withReason("CrashLoopBackOff")
                                .endWaiting()
                                .build())
                    .endContainerStatus()
                    .endStatus()
                    .build());
  }

  /** The pod's annotation on which a kubelet refreshes the volume; null before the first. */
  public String nudge() {
    Pod pod = scene.child(Pod.class, "cache-0").get();
    return pod.getMetadata().getAnnotations() == null
        ? null
        : pod.getMetadata().getAnnotations().get("securememcached.io/sasldb-changed");
  }

  /** Refreshes the volume. The server's host name is this machine's, not the pod's. */
  public void refresh() throws IOException {
    byte[] file = SaslFiles.sasldb(scene, "cache-sasl");
    String host = InetAddress.getLocalHost().getHostName();
    write(
        folder,
        SaslDb.write(
            SaslDb.read(file).stream()
                .map(entry -> new SaslEntry(entry.user(), host, entry.password()))
                .toList()));
  }

  public boolean takes(Login login) throws MemcachedException {
    try (MemcachedClient client = memcached.connect()) {
      return client.authenticate(new PlainCredentials(login.name(), login.password())).status()
          == Status.SUCCESS;
    }
  }

  public List<StatusDetails> disappear() {
    return scene.child(Pod.class, "cache-0").withGracePeriod(0).delete();
  }

  @Override
  public void close() throws IOException {
    memcached.close();
  }

  /** In one step, as the kubelet does. */
  private static void write(Path folder, byte[] file) throws IOException {
    Path next = folder.resolve("next");
    Files.write(next, file);
    Files.move(
        next,
        folder.resolve(SaslConfig.SASLDB_FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
