package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.client.RequestMetrics;
import io.securememcached.operator.config.OperatorConfig;
import io.securememcached.operator.leader.AlwaysLeading;
import io.securememcached.operator.process.OperatorProcess;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.testing.ApiServer;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** An operator that may read the Secrets of one of its namespaces, but neither list nor watch. */
final class ListlessOperator implements AutoCloseable {

  /** All that the operator needs in a namespace, but to list and to watch Secrets. */
  static final String WITHOUT_LISTS =
      "{apiGroups: ['', apps, networking.k8s.io, policy, securememcached.io, discovery.k8s.io, events.k8s.io, coordination.k8s.io], resources: [pods, pods/status, services, serviceaccounts, statefulsets, statefulsets/status, controllerrevisions, networkpolicies, ingresses, poddisruptionbudgets, endpointslices, events, leases, configmaps, securememcacheds, securememcacheds/status], verbs: ['*']}, {apiGroups: [''], resources: [secrets], verbs: [get, patch]}";

  private static final long START_SECONDS = 60;

  private final KubernetesClient client;
  private final OperatorProcess process;
  private final List<String> requests;

  private ListlessOperator(
      KubernetesClient client, OperatorProcess process, List<String> requests) {
    this.client = client;
    this.process = process;
    this.requests = requests;
  }

  /**
   * Starts it.
   *
   * @param listless namespace of which it can't list Secrets
   * @param other namespace in which it may do everything
   */
  static ListlessOperator start(ApiServer server, String listless, String other) throws Exception {
    List<String> requests = new CopyOnWriteArrayList<>();
    String user = "operator-without-lists-of-" + listless;
    String all = "{apiGroups: ['*'], resources: ['*'], verbs: ['*']}";
    grant(server, other, user, all);
    grant(server, listless, user, WITHOUT_LISTS);
    Config config = server.config();
    config.setImpersonateUsername(user);
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    KubernetesClient client =
        ApiClient.of(
            config,
            new Interceptor() {
              @Override
              public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
                requests.add(request.method() + " " + request.uri().getPath());
              }
            },
            new RequestMetrics(metrics));
    Map<String, String> environment = new HashMap<>(TestingOperator.ENVIRONMENT);
    environment.put("WATCH_NAMESPACES", listless + "," + other);
    OperatorProcess process =
        new OperatorProcess(
            OperatorConfig.from(environment),
            client,
            new AlwaysLeading(),
            Clock.systemUTC(),
            metrics);
    process.start().get(START_SECONDS, TimeUnit.SECONDS);
    return new ListlessOperator(client, process, requests);
  }

  /** How often it has requested a Secret by its name. */
  long reads(String namespace, String secret) {
    String read = "GET /api/v1/namespaces/%s/secrets/%s".formatted(namespace, secret);
    return requests.stream().filter(read::equals).count();
  }

  @Override
  public void close() {
    process.close();
    client.close();
  }

  /**
   * Gives a user rights in a namespace, in place of earlier ones.
   *
   * @param rules of a Role, as YAML
   */
  static void grant(ApiServer server, String namespace, String user, String rules) {
    String yaml =
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: %1$s, namespace: %2$s}
        rules: [%3$s]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: %1$s, namespace: %2$s}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: %1$s}
        subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %1$s}]
        """
            .formatted(user, namespace, rules);
    for (HasMetadata object :
        server
            .client()
            .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
            .items()) {
      server.client().resource(object).forceConflicts().serverSideApply();
    }
  }
}
