package io.securememcached.operator.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.process.TestingProxy;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The operator loses the right to list and to watch Secrets after it has read them. */
@WithApiServer
class LostWatchIT {

  @Test
  void secretThatSomebodyHasTouchedIsWrittenAllTheSame(ApiServer server) {
    try (Scene scene = Scene.quiet(server);
        TestingProxy proxy = new TestingProxy(server.config().getMasterUrl())) {
      String user = "operator-of-" + scene.namespace;
      ListlessOperator.grant(
          server, scene.namespace, user, "{apiGroups: ['*'], resources: ['*'], verbs: ['*']}");
      Config config = server.config();
      config.setMasterUrl(proxy.url());
      config.setImpersonateUsername(user);
      try (TestingOperator operator = TestingOperator.start(config, scene.namespace, Map.of())) {
        scene.createAndSettle("cache", "{users: [{name: sammy}]}");

        ListlessOperator.grant(server, scene.namespace, user, ListlessOperator.WITHOUT_LISTS);
        proxy.breakConnections();
        Scene.soon()
            .untilAsserted(
                () ->
                    assertThat(operator.get("readyz"))
                        .contains(
                            "own Secret of namespace "
                                + scene.namespace
                                + " can't be listed or watched"));
        scene
            .child(Secret.class, "cache-sasl")
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"metadata\": {\"annotations\": {\"example.com/backup\": \"done\"}}}");
        Map<String, String> before = sasldb(scene);
        int writes = writes(operator);
        scene.annotate("cache", Requests.ROTATE, "now");
        Scene.soon().untilAsserted(() -> assertThat(sasldb(scene)).isNotEqualTo(before));
        assertThat(writes(operator) - writes).as("a conflict, then the write").isEqualTo(2);
      }
    }
  }

  private static Map<String, String> sasldb(Scene scene) {
    return scene.child(Secret.class, "cache-sasl").get().getData();
  }

  private static int writes(TestingOperator operator) {
    return (int)
        operator.writes().stream().filter(write -> write.endsWith("/secrets/cache-sasl")).count();
  }
}
