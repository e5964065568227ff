package io.securememcached.operator.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import org.junit.jupiter.api.Test;

/** Which requests are counted, of a real API server and of one that does not answer. */
@WithApiServer
class RequestMetricsIT {

  private final ApiServer server;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  RequestMetricsIT(ApiServer server) {
    this.server = server;
  }

  @Test
  void countsEachByMethodAndCode() {
    String namespace = server.newNamespace();
    try (KubernetesClient client = ApiClient.of(server.config(), new RequestMetrics(registry))) {
      var maps = client.configMaps().inNamespace(namespace);
      ConfigMap map = new ConfigMapBuilder().withNewMetadata().withName("a").endMetadata().build();
      maps.resource(map).create();
      assertThatThrownBy(() -> maps.resource(map).create())
          .isInstanceOf(KubernetesClientException.class);
      assertThat(maps.withName("a").get()).isNotNull();
      assertThat(maps.withName("b").get()).isNull();
      assertThat(maps.list().getItems()).isNotEmpty();
      try (Watch watch = maps.watch(new Ignoring())) {
        assertThat(watch).isNotNull();
      }
    }
    assertThat(count("POST", "201")).isEqualTo(1);
    assertThat(count("POST", "409")).isEqualTo(1);
    assertThat(count("GET", "404")).isEqualTo(1);
    assertThat(count("GET", "200")).isEqualTo(2);
    assertThat(count("GET", "101")).as("a watch").isEqualTo(1);
  }

  @Test
  void countsOneWithoutAResponse() {
    Config nobody =
        new ConfigBuilder(server.config())
            .withMasterUrl("https://127.0.0.1:1")
            .withRequestRetryBackoffLimit(2)
            .withRequestRetryBackoffInterval(1)
            .build();
    try (KubernetesClient client = ApiClient.of(nobody, new RequestMetrics(registry))) {
      assertThatThrownBy(() -> client.namespaces().withName("default").get())
          .isInstanceOf(KubernetesClientException.class);
    }
    // The client reports those that it sends again.
    assertThat(count("GET", "<error>")).isEqualTo(2);
  }

  private double count(String method, String code) {
    Counter counter =
        registry.find("rest.client.requests").tags("method", method, "code", code).counter();
    return counter == null ? 0 : counter.count();
  }

  private static final class Ignoring implements Watcher<ConfigMap> {
    @Override
    public void eventReceived(Action action, ConfigMap resource) {}

    @Override
    public void onClose(WatcherException cause) {}
  }
}
