package io.securememcached.operator.process;

import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.testing.ApiServer;

/** A ServiceAccount on a test's API server, with all rights. */
public final class TestingAccount {

  private TestingAccount() {}

  /** Creates the account {@code operator} in the namespace, and tells how it reaches the server. */
  public static Config withToken(ApiServer server, String namespace) {
    KubernetesClient admin = server.client();
    admin
        .resource(
            new ServiceAccountBuilder()
                .withNewMetadata()
                .withName("operator")
                .endMetadata()
                .build())
        .inNamespace(namespace)
        .create();
    admin
        .resource(
            new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(namespace)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                .addNewSubject("", "ServiceAccount", "operator", namespace)
                .build())
        .create();
    Config config = server.config();
    config.setOauthToken(
        admin
            .serviceAccounts()
            .inNamespace(namespace)
            .withName("operator")
            .tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build())
            .getStatus()
            .getToken());
    return config;
  }
}
