package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Golden;
import org.junit.jupiter.api.Test;

class PodsTest {

  private final SecureMemcached primary = Golden.example(Golden.examples().getFirst());

  /** A server that has not restarted since the port was changed is asked where it listens. */
  @Test
  void portIsTheOneThatTheServerHas() {
    int wanted = primary.getSpec().port();
    assertThat(Pods.port(primary, pod("memcached", wanted + 1))).isEqualTo(wanted + 1);
    assertThat(Pods.port(primary, pod("metrics", wanted + 1))).isEqualTo(wanted);
    assertThat(Pods.port(primary, new Pod())).isEqualTo(wanted);
  }

  private static Pod pod(String portName, int port) {
    return new PodBuilder()
        .withNewSpec()
        .addNewContainer()
        .withName("memcached")
        .addNewPort()
        .withName(portName)
        .withContainerPort(port)
        .endPort()
        .endContainer()
        .endSpec()
        .build();
  }
}
