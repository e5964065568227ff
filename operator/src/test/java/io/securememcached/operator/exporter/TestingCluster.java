package io.securememcached.operator.exporter;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.ServedPod;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Resources, pods and accounts for an exporter, on a test's API server. */
public final class TestingCluster {

  /** All that the exporter may do: %1$s is its namespace. */
  private static final String EXPORTER_ACCOUNT =
      """
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: exporter, namespace: %1$s}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: exporter-%1$s}
      rules:
      - {apiGroups: [securememcached.io], resources: [securememcacheds], verbs: [list, watch]}
      - {apiGroups: [""], resources: [pods], verbs: [list, watch]}
      - {apiGroups: [authentication.k8s.io], resources: [tokenreviews], verbs: [create]}
      - {apiGroups: [authorization.k8s.io], resources: [subjectaccessreviews], verbs: [create]}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: exporter-%1$s}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: exporter-%1$s}
      subjects: [{kind: ServiceAccount, name: exporter, namespace: %1$s}]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: Role
      metadata: {name: exporter, namespace: %1$s}
      rules:
      - apiGroups: [""]
        resources: [secrets]
        resourceNames: [securememcached-exporter]
        verbs: [get, list, watch]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: exporter, namespace: %1$s}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: exporter}
      subjects: [{kind: ServiceAccount, name: exporter, namespace: %1$s}]
      """;

  /** An account that may read all metrics. */
  private static final String PROMETHEUS =
      """
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: prometheus, namespace: %1$s}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: prometheus-%1$s}
      rules: [{nonResourceURLs: [/metrics], verbs: [get]}]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: prometheus-%1$s}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: prometheus-%1$s}
      subjects: [{kind: ServiceAccount, name: prometheus, namespace: %1$s}]
      """;

  /** An account that may read the metrics of its own namespace. */
  private static final String TENANT =
      """
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: tenant, namespace: %1$s}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: Role
      metadata: {name: metrics, namespace: %1$s}
      rules: [{apiGroups: [securememcached.io], resources: [securememcacheds/metrics], verbs: [get]}]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: metrics, namespace: %1$s}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: metrics}
      subjects: [{kind: ServiceAccount, name: tenant, namespace: %1$s}]
      """;

  private final ApiServer server;
  private final KubernetesClient admin;

  public TestingCluster(ApiServer server) {
    this.server = server;
    admin = server.client();
  }

  /** How the exporter's account reaches the API server. */
  Config exporter(String namespace) {
    create(EXPORTER_ACCOUNT, namespace);
    Config config = server.config();
    config.setOauthToken(token(namespace, "exporter"));
    config.setClientCertData(null);
    config.setClientCertFile(null);
    config.setClientKeyData(null);
    config.setClientKeyFile(null);
    return config;
  }

  /** As {@link #exporter}, for another process. */
  public String kubeconfig(String namespace) {
    create(EXPORTER_ACCOUNT, namespace);
    return server
        .kubeconfig()
        .replaceAll(
            "(?m)^( *)client-certificate-data: .*$", "$1token: " + token(namespace, "exporter"))
        .replaceAll("(?m)^ *client-key-data: .*$", "")
        .replaceAll("(?m)^( *)client-certificate: .*$", "$1token: " + token(namespace, "exporter"))
        .replaceAll("(?m)^ *client-key: .*$", "");
  }

  /** Token of an account with the right to all metrics. */
  public String prometheus(String namespace) {
    create(PROMETHEUS, namespace);
    return token(namespace, "prometheus");
  }

  /** Token of an account with the right to a namespace's metrics. */
  String tenant(String namespace) {
    create(TENANT, namespace);
    return token(namespace, "tenant");
  }

  /** Token of an account without rights. */
  public String nobody(String namespace) {
    create(
        """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: nobody, namespace: %1$s}
        """,
        namespace);
    return token(namespace, "nobody");
  }

  public SecureMemcached cache(String namespace, String name, String spec) {
    return admin
        .resource(
            admin
                .getKubernetesSerialization()
                .unmarshal(
                    """
                    apiVersion: securememcached.io/v1beta1
                    kind: SecureMemcached
                    metadata: {name: %s, namespace: %s}
                    spec: %s
                    """
                        .formatted(name, namespace, spec),
                    SecureMemcached.class))
        .create();
  }

  /** A running pod with the servers' label, at this machine's loopback. */
  void pod(String namespace, String name, String serverOf, String statefulSet, int port) {
    pod(namespace, name, serverOf, statefulSet, "127.0.0.1", port);
  }

  /** A running pod with the servers' label, at an address. */
  public void pod(
      String namespace,
      String name,
      String serverOf,
      String statefulSet,
      String address,
      int port) {
    pod(namespace, name, serverOf, statefulSet, address, port, List.of());
  }

  /** A running pod with the servers' label, at an address, with memcached's arguments. */
  void pod(
      String namespace,
      String name,
      String serverOf,
      String statefulSet,
      String address,
      int port,
      List<String> arguments) {
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(name)
            .addToLabels(Labels.SERVER_OF, serverOf)
            .addNewOwnerReference()
            .withApiVersion("apps/v1")
            .withKind("StatefulSet")
            .withName(statefulSet)
            .withUid("uid")
            .withController(true)
            .endOwnerReference()
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName("memcached")
            .withImage("none")
            .withArgs(arguments)
            .addNewPort()
            .withName("memcached")
            .withContainerPort(port)
            .endPort()
            .endContainer()
            .endSpec()
            .build();
    admin.resource(pod).create();
    admin
        .pods()
        .inNamespace(namespace)
        .withName(name)
        .editStatus(seen -> ServedPod.runningAt(seen, address));
  }

  /** The Secret as the operator writes it. */
  public void key(String namespace, ExporterKeys keys) {
    key(namespace, keys, Map.of(Labels.MANAGED_BY, Labels.OPERATOR));
  }

  /** The Secret with these labels. */
  public void key(String namespace, ExporterKeys keys, Map<String, String> labels) {
    admin
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName(ExporterKeys.NAME)
                .withNamespace(namespace)
                .withLabels(labels)
                .endMetadata()
                .withData(keys.format())
                .build())
        .create();
  }

  private void create(String yaml, String namespace) {
    admin
        .load(new ByteArrayInputStream(yaml.formatted(namespace).getBytes(StandardCharsets.UTF_8)))
        .items()
        .forEach(object -> admin.resource(object).create());
  }

  private String token(String namespace, String account) {
    return admin
        .serviceAccounts()
        .inNamespace(namespace)
        .withName(account)
        .tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build())
        .getStatus()
        .getToken();
  }
}
