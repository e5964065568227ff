package io.securememcached.operator.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ApiClientTest {

  /** With the retries of other requests it would take 11 times 10 s. */
  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void aSilentApiServerGetsOneRequestForTheLease() throws IOException {
    try (SilentServer server = new SilentServer();
        KubernetesClient client = ApiClient.forLease(server.config())) {
      assertThatThrownBy(() -> client.leases().inNamespace("default").withName("lease").get())
          .isInstanceOf(KubernetesClientException.class);

      assertThat(server.connections).hasSize(1);
    }
  }

  @Test
  void otherRequestsKeepTheirTimeouts() {
    Config config = new ConfigBuilder(Config.empty()).withMasterUrl("http://127.0.0.1:1").build();
    int before = config.getRequestTimeout();

    try (KubernetesClient lease = ApiClient.forLease(config)) {
      assertThat(lease.getConfiguration().getRequestTimeout()).isLessThan(before);
    }

    assertThat(config.getRequestTimeout()).isEqualTo(before);
    assertThat(config.getRequestRetryBackoffLimit()).isPositive();
  }

  /** Accepts connections and says nothing. */
  private static final class SilentServer implements AutoCloseable {

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> connections = new CopyOnWriteArrayList<>();

    SilentServer() throws IOException {
      Thread.ofPlatform().daemon().name("silent-server").start(this::accept);
    }

    private void accept() {
      try {
        while (true) {
          connections.add(socket.accept());
        }
      } catch (IOException e) {
        // Closed: the test is over.
      }
    }

    Config config() {
      return new ConfigBuilder(Config.empty())
          .withMasterUrl("http://127.0.0.1:" + socket.getLocalPort())
          .build();
    }

    @Override
    public void close() throws IOException {
      socket.close();
      for (Socket connection : connections) {
        connection.close();
      }
    }
  }
}
