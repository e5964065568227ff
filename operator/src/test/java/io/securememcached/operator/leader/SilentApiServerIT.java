package io.securememcached.operator.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.SilencedRelay;
import io.securememcached.operator.testing.WithApiServer;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A connection that falls silent without an end, as where a load balancer forgets it. */
@WithApiServer
class SilentApiServerIT {

  /** The client opens a watch anew after 5 minutes at the earliest, if nothing else tells it. */
  private static final Duration BOUND = Duration.ofMinutes(2);

  @Test
  void watchThatFellSilentIsOpenedAnew(ApiServer server) throws Exception {
    String namespace = server.newNamespace();
    Config config = server.config();
    URI direct = URI.create(config.getMasterUrl());
    try (SilencedRelay relay = new SilencedRelay(direct.getHost(), direct.getPort())) {
      config.setMasterUrl("https://" + direct.getHost() + ":" + relay.port());
      try (KubernetesClient client = ApiClient.of(config)) {
        Set<String> seen = ConcurrentHashMap.newKeySet();
        client.configMaps().inNamespace(namespace).inform(new Names(seen));
        create(server, namespace, "before");
        Awaitility.await().atMost(BOUND).until(() -> seen.contains("before"));

        relay.silence();
        create(server, namespace, "after");
        Awaitility.await().atMost(BOUND).until(() -> seen.contains("after"));

        assertThat(relay.silenced()).as("connections that were silenced").isPositive();
      }
    }
  }

  private static void create(ApiServer server, String namespace, String name) {
    server
        .client()
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .build())
        .create();
  }

  private record Names(Set<String> seen) implements ResourceEventHandler<ConfigMap> {
    @Override
    public void onAdd(ConfigMap added) {
      seen.add(added.getMetadata().getName());
    }

    @Override
    public void onUpdate(ConfigMap before, ConfigMap after) {
      // Only whether it is there counts.
    }

    @Override
    public void onDelete(ConfigMap deleted, boolean unknownState) {
      seen.remove(deleted.getMetadata().getName());
    }
  }
}
