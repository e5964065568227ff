package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Golden;
import io.securememcached.operator.testing.Fleet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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

  /** As it runs: spec.listen may have changed since. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-l $(POD_IP),127.0.0.1 -p 11211 | false",
        "-l $(POD_IP) -p 11211           | false",
        "-l 127.0.0.1 -p 11211           | true",
        "-p 11211 -l 127.0.0.1           | true",
        "-l 127.0.0.1 -l 10.0.0.1        | false"
      })
  void listensWhereItsCommandLineSays(String arguments, boolean isLoopback) {
    Pod pod = pod("memcached", 11211);
    pod.getSpec().getContainers().getFirst().setArgs(List.of(arguments.split(" ")));
    for (Listen wanted : Listen.values()) {
      assertThat(Pods.isLoopback(Fleet.resource("{listen: %s}".formatted(wanted)), pod))
          .isEqualTo(isLoopback);
    }
  }

  @ParameterizedTest
  @EnumSource
  void listensWhereTheSpecSaysIfItsCommandLineDoesNot(Listen wanted) {
    SecureMemcached resource = Fleet.resource("{listen: %s}".formatted(wanted));
    boolean isLoopback = wanted == Listen.Loopback;
    assertThat(Pods.isLoopback(resource, pod("memcached", 11211))).isEqualTo(isLoopback);
    assertThat(Pods.isLoopback(resource, new Pod())).isEqualTo(isLoopback);
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
