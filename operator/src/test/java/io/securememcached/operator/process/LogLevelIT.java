package io.securememcached.operator.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What stands in the log at the lowest level, of an operator with a token on a real API server. */
@WithApiServer
class LogLevelIT {

  private final KubernetesClient admin;
  private final String namespace;
  private final Config account;

  LogLevelIT(ApiServer server) {
    admin = server.client();
    namespace = server.newNamespace();
    account = TestingAccount.withToken(server, namespace);
  }

  @Test
  void noLevelWritesATokenOrASecret() {
    createResource();
    try (OperatorJvm operator =
        OperatorJvm.start(account, Map.of("LOG_LEVEL", "trace", "WATCH_NAMESPACES", namespace))) {
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> assertThat(operator.log()).contains("StatefulSet"));
      String log = operator.log();

      assertThat(log).doesNotContain("Authorization", "Bearer", account.getOauthToken());
      Set<String> secrets = secretValues();
      assertThat(secrets).hasSizeGreaterThan(4);
      assertThat(secrets).noneMatch(log::contains);
    }
  }

  /** Base64, and as it is where it is text of some length: "memcached" is no secret. */
  private Set<String> secretValues() {
    Set<String> values = new TreeSet<>();
    for (Secret secret : admin.secrets().inNamespace(namespace).list().getItems()) {
      for (String key : List.of("password", "memcached-sasldb2", "uri")) {
        String value = secret.getData().get(key);
        if (value != null) {
          values.add(value);
          values.add(new String(Base64.getDecoder().decode(value), StandardCharsets.ISO_8859_1));
        }
      }
    }
    return values;
  }

  private void createResource() {
    SecureMemcached resource =
        admin
            .getKubernetesSerialization()
            .unmarshal(
                """
                apiVersion: securememcached.io/v1beta1
                kind: SecureMemcached
                metadata: {name: sessions}
                """,
                SecureMemcached.class);
    admin.resource(resource).inNamespace(namespace).create();
  }
}
