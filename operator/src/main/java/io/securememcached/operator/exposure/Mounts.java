package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.securememcached.operator.resource.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether a server mounts the operator's SASL configuration and nothing else: a mount could replace
 * its program, its plugins or its configuration.
 */
final class Mounts {

  private Mounts() {}

  static List<String> faults(AuditInput observed, Pod pod, Container server) {
    String secret = Names.sasl(observed.primary());
    List<String> faults = new ArrayList<>();
    if (server.getVolumeMounts().stream().noneMatch(mount -> isSasl(pod, mount, secret))) {
      faults.add("does not mount Secret " + secret + " at " + Environment.SASL_DIRECTORY);
    }
    server.getVolumeMounts().stream()
        .filter(mount -> !isSasl(pod, mount, secret))
        .forEach(mount -> faults.add("has an additional mount at " + mount.getMountPath()));
    if (!server.getVolumeDevices().isEmpty()) {
      faults.add("has a block device");
    }
    return faults;
  }

  private static boolean isSasl(Pod pod, VolumeMount mount, String secret) {
    return mount.getMountPath().equals(Environment.SASL_DIRECTORY)
        && mount.getSubPath() == null
        && mount.getSubPathExpr() == null
        && volume(pod, mount.getName())
            .map(Volume::getSecret)
            .filter(source -> secret.equals(source.getSecretName()))
            // Selected items could omit the configuration.
            .filter(source -> source.getItems().isEmpty())
            .isPresent();
  }

  private static Optional<Volume> volume(Pod pod, String name) {
    return pod.getSpec().getVolumes().stream()
        .filter(volume -> volume.getName().equals(name))
        .findFirst();
  }
}
