package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The examples for the Prometheus Operator, as a real one reads them: each leads its Prometheus to
 * the metrics of the servers, and only while the right exists.
 *
 * <p>Its name keeps it out of {@code mvn verify}, as the first build takes many minutes; {@code
 * -Dit.test=PrometheusOperatorRun} runs it.
 */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PrometheusOperatorRun {

  /** Namespace of the Prometheus of the whole cluster, as in the examples. */
  private static final String MONITORING = "monitoring";

  /** Namespace of a tenant and its Prometheus, as in the examples. */
  private static final String SHOP = "shop";

  private static final Duration BUILD = Duration.ofMinutes(40);
  private static final Path EXAMPLES = Guarded.ROOT.resolve("examples/monitoring");

  private static final String SERVICE_MONITOR =
      "serviceMonitor/securememcached-system/securememcached/0";
  private static final String POD_MONITOR =
      "podMonitor/securememcached-system/securememcached-exporter/0";
  private static final String SCRAPE_CONFIG = "scrapeConfig/shop/caches";
  private static final String PROBE = "probe/shop/sessions";

  /** The labels job that the operator sets for the targets of the exporter. */
  private static final String SERVICE_JOB = "securememcached-operator-exporter";

  private static final String POD_JOB = "securememcached-system/securememcached-exporter";

  private static final String PROMETHEUS =
      """
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: prometheus, namespace: %1$s}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: prometheus-discovery-%1$s, namespace: securememcached-system}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
      subjects: [{kind: ServiceAccount, name: prometheus, namespace: %1$s}]
      ---
      apiVersion: monitoring.coreos.com/v1
      kind: Prometheus
      metadata: {name: main, namespace: %1$s}
      spec:
        image: %2$s
        serviceAccountName: prometheus
        scrapeInterval: 2s
        scrapeTimeout: 2s
        evaluationInterval: 2s
        securityContext: {runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000, seccompProfile: {type: RuntimeDefault}}
        resources: {requests: {memory: 64Mi}}
      """;

  private static final String SELECT_ALL =
      """
        serviceMonitorSelector: {}
        serviceMonitorNamespaceSelector: {}
        podMonitorSelector: {}
        podMonitorNamespaceSelector: {}
        ruleSelector: {}
        ruleNamespaceSelector: {}
      """;

  private static final String SELECT_OWN =
      """
        scrapeConfigSelector: {}
        probeSelector: {}
      """;

  private final Cluster cluster;
  private final Installation installation;
  private final Caches shop;
  private final Caches monitoring;
  private final List<PrometheusApi> opened = new ArrayList<>();
  private String bundle;
  private PrometheusApi all;
  private PrometheusApi tenant;

  PrometheusOperatorRun(Cluster cluster, Installation installation) {
    this.cluster = cluster;
    this.installation = installation;
    shop = new Caches(cluster, installation, SHOP);
    monitoring = new Caches(cluster, installation, MONITORING);
  }

  @BeforeAll
  void start() throws IOException {
    Path folder =
        Path.of(
            Shell.run(Guarded.ROOT, Map.of(), BUILD, "scripts/monitoring", "prometheus-operator")
                .lines()
                .toList()
                .getLast());
    for (String image :
        List.of("prometheus-operator", "prometheus-config-reloader", "prometheus")) {
      cluster.load(List.of(folder.resolve(image + ".tar")));
    }
    shop.createFilled("sessions");
    shop.createFilled("carts");
    monitoring.createFilled("others");
    bundle = folder.resolve("bundle.yaml").toString();
    installation.kubectl("apply", "--server-side", "--filename", bundle);
    installation.kubectl(
        "wait", "--for=condition=Established", "--timeout=60s", "crd/probes.monitoring.coreos.com");
    // What examples/monitoring/README.md and scrape-config.yaml tell an administrator to do.
    helm(
        "metrics.from=[{\"namespaceSelector\":{\"matchLabels\":{\"kubernetes.io/metadata.name\":\"monitoring\"}},"
            + "\"podSelector\":{\"matchLabels\":{\"app.kubernetes.io/name\":\"prometheus\"}}},"
            + "{\"namespaceSelector\":{\"matchLabels\":{\"kubernetes.io/metadata.name\":\"shop\"}},"
            + "\"podSelector\":{\"matchLabels\":{\"app.kubernetes.io/name\":\"prometheus\"}}}]");
    bind();
    String image = "testbed.local/prometheus:" + tag(folder);
    apply(PROMETHEUS.formatted(MONITORING, image) + SELECT_ALL);
    apply(PROMETHEUS.formatted(SHOP, image) + SELECT_OWN);
    for (String file :
        List.of("service-monitor.yaml", "pod-monitor.yaml", "scrape-config.yaml", "probe.yaml")) {
      installation.kubectl("apply", "--filename", EXAMPLES.resolve(file).toString());
    }
    all = api(monitoring);
    tenant = api(shop);
  }

  private static String tag(Path folder) {
    String name = folder.getFileName().toString();
    return name.substring(name.lastIndexOf('-') + 1);
  }

  private PrometheusApi api(Caches caches) {
    String pod = "prometheus-main-0";
    Sandbox.eventually(pod, () -> assertThat(caches.sandbox().pod(pod)).isNotNull());
    caches.sandbox().awaitPod(pod);
    PrometheusApi api = new PrometheusApi(caches.sandbox(), pod);
    opened.add(api);
    return api;
  }

  private void bind() {
    installation.kubectl(
        "create",
        "clusterrolebinding",
        "prometheus-securememcached",
        "--clusterrole=securememcached-operator-metrics-reader",
        "--serviceaccount=monitoring:prometheus");
    installation.kubectl(
        "create",
        "rolebinding",
        "prometheus-metrics",
        "--namespace=shop",
        "--clusterrole=view",
        "--serviceaccount=shop:prometheus");
  }

  private void apply(String yaml) throws IOException {
    Path file = Files.createTempFile("prometheus", ".yaml");
    Files.writeString(file, yaml);
    installation.kubectl("apply", "--filename", file.toString());
    Files.delete(file);
  }

  private void helm(String value) {
    installation.helm(
        "upgrade",
        Installation.RELEASE,
        "charts/securememcached-operator",
        "--namespace",
        Installation.NAMESPACE,
        "--reuse-values",
        "--set-json",
        value,
        "--wait",
        "--timeout=3m");
  }

  /** Leaves the cluster without the Prometheus Operator and its CRDs. */
  @AfterAll
  void stop() throws IOException {
    for (PrometheusApi api : opened) {
      api.close();
    }
    helm("serviceMonitor.enabled=false");
    helm("prometheusRule.enabled=false");
    helm(Installation.METRICS_FROM);
    for (String file : List.of("service-monitor.yaml", "pod-monitor.yaml")) {
      installation.kubectl(
          "delete", "--ignore-not-found", "--filename", EXAMPLES.resolve(file).toString());
    }
    installation.kubectl(
        "delete", "clusterrolebinding", "--ignore-not-found", "prometheus-securememcached");
    for (String namespace : List.of(MONITORING, SHOP)) {
      installation.kubectl(
          "delete",
          "rolebinding",
          "--ignore-not-found",
          "--namespace=" + Installation.NAMESPACE,
          "prometheus-discovery-" + namespace);
    }
    // The operator removes its finalizers, so its objects go first.
    installation.kubectl("delete", "prometheus", "--all", "--all-namespaces");
    installation.kubectl("delete", "--ignore-not-found", "--filename", bundle);
    shop.close();
    monitoring.close();
  }

  private static void eventually(PrometheusApi prometheus, String expression, double value) {
    Sandbox.eventually(expression, () -> assertThat(prometheus.value(expression)).isEqualTo(value));
  }

  private static void awaitTargets(PrometheusApi prometheus, String scrapePool, int number) {
    Sandbox.eventually(
        scrapePool,
        () ->
            assertThat(prometheus.targets(scrapePool))
                .hasSize(number)
                .allSatisfy(target -> assertThat(target.at("/health").asText()).isEqualTo("up")));
  }

  private static void awaitError(PrometheusApi prometheus, String scrapePool, String error) {
    Sandbox.eventually(
        scrapePool,
        () ->
            assertThat(prometheus.targets(scrapePool))
                .isNotEmpty()
                .allSatisfy(
                    target -> {
                      assertThat(target.at("/health").asText()).isEqualTo("down");
                      assertThat(target.at("/lastError").asText()).contains(error);
                    }));
  }

  @Test
  @Order(1)
  void everyExampleLeadsToItsServers() {
    // The operator and the exporter.
    awaitTargets(all, SERVICE_MONITOR, 2);
    awaitTargets(all, POD_MONITOR, 1);
    awaitTargets(tenant, SCRAPE_CONFIG, 1);
    awaitTargets(tenant, PROBE, 1);
    for (String job : List.of(SERVICE_JOB, POD_JOB)) {
      eventually(
          all,
          "sum(memcached_up{job=\"%s\",name=~\"sessions|carts|others\"})".formatted(job),
          3 * Caches.SERVERS);
    }
    eventually(
        tenant, "sum(memcached_up{job=\"%s\"})".formatted(SCRAPE_CONFIG), 2 * Caches.SERVERS);
    eventually(tenant, "sum(memcached_up{job=\"%s\"})".formatted(PROBE), Caches.SERVERS);
    eventually(
        all,
        "sum(securememcached_check{job=\"securememcached-operator\",namespace=\"shop\",check=\"login\"})",
        2 * Caches.SERVERS);
  }

  @Test
  @Order(2)
  void hitsOfAClientHaveTheLabelsOfTheirServer() {
    shop.get("sessions", "key-1", 7);
    String hits =
        "sum by (namespace, name, pod)"
            + " (memcached_commands_total{job=\"%s\",name=\"sessions\",command=\"get\",status=\"hit\"})"
            + " == 7";
    Map.of(SERVICE_JOB, all, POD_JOB, all, SCRAPE_CONFIG, tenant, PROBE, tenant)
        .forEach(
            (job, prometheus) -> {
              Sandbox.eventually(
                  job,
                  () ->
                      assertThat(prometheus.query(hits.formatted(job)))
                          .extracting(sample -> sample.at("/metric"))
                          .extracting(
                              labels ->
                                  labels.at("/namespace").asText()
                                      + "/"
                                      + labels.at("/name").asText()
                                      + "/"
                                      + labels.at("/pod").asText())
                          .containsExactlyInAnyOrder(
                              "shop/sessions/sessions-0", "shop/sessions/sessions-1"));
              assertThat(
                      prometheus.query(
                          "memcached_up{job=\"%s\",exported_namespace!=\"\"}".formatted(job)))
                  .as("Samples of %s whose labels Prometheus has renamed", job)
                  .isEmpty();
            });
  }

  /** What the chart itself creates, which the example replaces. */
  @Test
  @Order(3)
  void objectsOfTheChartAreRead() throws IOException {
    installation.kubectl(
        "delete", "--filename", EXAMPLES.resolve("service-monitor.yaml").toString());
    helm("serviceMonitor.enabled=true");
    helm("prometheusRule.enabled=true");
    for (String service :
        List.of("securememcached-operator", "securememcached-operator-exporter")) {
      awaitTargets(all, "serviceMonitor/securememcached-system/" + service + "/0", 1);
    }
    String file =
        Files.readString(Guarded.ROOT.resolve("charts/securememcached-operator/files/alerts.yaml"));
    List<String> alerts = Serialization.unmarshal(file, JsonNode.class).findValuesAsText("alert");
    assertThat(alerts).isNotEmpty();
    Sandbox.eventually(
        "the alerts",
        () -> {
          assertThat(all.rules().findValues("rules").stream().flatMap(JsonNode::valueStream))
              .filteredOn(rule -> rule.at("/type").asText().equals("alerting"))
              .extracting(rule -> rule.at("/name").asText())
              .containsExactlyInAnyOrderElementsOf(alerts);
          assertThat(all.rules().findValuesAsText("health")).containsOnly("ok");
        });
  }

  /** The counter-example: the same objects without the right, and without a token. */
  @Test
  @Order(4)
  void withoutTheRightTargetsAreDown() {
    String chart = "serviceMonitor/securememcached-system/securememcached-operator-exporter/0";
    installation.kubectl("delete", "clusterrolebinding", "prometheus-securememcached");
    awaitError(all, chart, "403");
    // Its token is another account's.
    awaitTargets(all, POD_MONITOR, 1);
    installation.kubectl("delete", "clusterrolebinding", "prometheus-pod-monitor");
    awaitError(all, POD_MONITOR, "403");
    installation.kubectl("delete", "rolebinding", "--namespace=shop", "prometheus-metrics");
    awaitError(tenant, SCRAPE_CONFIG, "403");
    awaitError(tenant, PROBE, "403");
    bind();
    awaitTargets(all, chart, 1);
    awaitTargets(tenant, PROBE, 1);
    for (String object : List.of("scrapeconfig/caches", "probe/sessions")) {
      installation.kubectl(
          "patch",
          object,
          "--namespace=shop",
          "--type=json",
          "--patch=[{\"op\":\"remove\",\"path\":\"/spec/authorization\"}]");
    }
    awaitError(tenant, SCRAPE_CONFIG, "401");
    awaitError(tenant, PROBE, "401");
  }
}
