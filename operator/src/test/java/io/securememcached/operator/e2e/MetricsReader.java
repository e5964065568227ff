package io.securememcached.operator.e2e;

import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.securememcached.operator.exporter.TestingCaller;
import java.net.http.HttpResponse;

/**
 * Reads metrics as Prometheus does, with a service account's token, but through the node, which
 * policies always let in.
 */
final class MetricsReader implements AutoCloseable {

  private static final String ROLE = Installation.RELEASE + "-metrics-reader";

  private final KubernetesClient client;
  private final String account;
  private final String token;

  /** Creates an account that may read all metrics. */
  MetricsReader(Sandbox sandbox) {
    client = sandbox.client();
    account = sandbox.namespace() + "-reader";
    token = account(sandbox, account);
    client
        .resource(
            new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(account)
                .endMetadata()
                .withNewRoleRef()
                .withApiGroup("rbac.authorization.k8s.io")
                .withKind("ClusterRole")
                .withName(ROLE)
                .endRoleRef()
                .addNewSubject()
                .withKind("ServiceAccount")
                .withName(account)
                .withNamespace(sandbox.namespace())
                .endSubject()
                .build())
        .createOr(existing -> existing.patch());
  }

  /** Creates an account without any right, and returns a token of it. */
  static String account(Sandbox sandbox, String name) {
    var accounts = sandbox.client().serviceAccounts().inNamespace(sandbox.namespace());
    accounts
        .resource(
            new ServiceAccountBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
    return accounts.withName(name).tokenRequest(new TokenRequest()).getStatus().getToken();
  }

  /**
   * What a pod of the release answers.
   *
   * @param component operator or exporter
   */
  HttpResponse<String> read(String component, int port, String path, String bearer) {
    String pod =
        client
            .pods()
            .inNamespace(Installation.NAMESPACE)
            .withLabel("app.kubernetes.io/component", component)
            .list()
            .getItems()
            .getFirst()
            .getMetadata()
            .getName();
    try (LocalPortForward forward =
        client.pods().inNamespace(Installation.NAMESPACE).withName(pod).portForward(port)) {
      return TestingCaller.get("https", forward.getLocalPort(), path, bearer);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The metrics of the operator. */
  String operator() {
    return read("operator", 8080, "/metrics", token).body();
  }

  /** The metrics of all servers. */
  String exporter() {
    return read("exporter", 9150, "/metrics", token).body();
  }

  @Override
  public void close() {
    client.rbac().clusterRoleBindings().withName(account).delete();
  }
}
