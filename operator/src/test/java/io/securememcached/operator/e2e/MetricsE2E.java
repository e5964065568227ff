package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
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
 * A real Prometheus reads the metrics of the servers and of the operator, with a service account's
 * token; a caller without the right is refused.
 */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MetricsE2E {

  /** Named in {@link Installation}, whose policies let Prometheus' pod in. */
  static final String NAMESPACE = "e2e-metrics";

  private static final String CONFIGURATION =
      """
      global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 2s}
      rule_files: [alerts.yaml]
      scrape_configs:
        - job_name: operator
          scheme: https
          authorization: {credentials_file: /var/run/secrets/kubernetes.io/serviceaccount/token}
          tls_config: {insecure_skip_verify: true}
          static_configs: [{targets: ["securememcached-operator.securememcached-system.svc:8080"]}]
      """;

  private static final String EXPORTER =
      """
        - job_name: %s
          scheme: %s
          honor_labels: true
          metrics_path: %s
          tls_config: {insecure_skip_verify: true}
          static_configs: [{targets: ["securememcached-operator-exporter.securememcached-system.svc:9150"]}]
      """;

  private final Caches caches;
  private final Installation installation;
  private MetricsReader reader;
  private Prometheus prometheus;

  MetricsE2E(Cluster cluster, Installation installation) {
    this.installation = installation;
    caches = new Caches(cluster, installation, NAMESPACE);
  }

  @BeforeAll
  void start() throws IOException {
    caches.createFilled("one");
    reader = new MetricsReader(caches.sandbox());
    String tenant = MetricsReader.account(caches.sandbox(), "tenant");
    installation.kubectl(
        "create",
        "rolebinding",
        "tenant",
        "--namespace=" + NAMESPACE,
        "--clusterrole=view",
        "--serviceaccount=" + NAMESPACE + ":tenant");
    String all = "/metrics";
    String own = all + "/namespaces/" + NAMESPACE;
    prometheus =
        new Prometheus(
            caches.sandbox(),
            NAMESPACE + "-reader",
            Map.of(
                "alerts.yaml",
                Files.readString(
                    Guarded.ROOT.resolve("charts/securememcached-operator/files/alerts.yaml")),
                "tenant-token",
                tenant,
                "other-token",
                MetricsReader.account(caches.sandbox(), "other"),
                "prometheus.yml",
                CONFIGURATION
                    + exporter(
                        "exporter",
                        "https",
                        all,
                        "/var/run/secrets/kubernetes.io/serviceaccount/token")
                    + exporter("tenant", "https", own, "/data/tenant-token")
                    + exporter("resource", "https", own + "/one", "/data/tenant-token")
                    + exporter("tenant-of-all", "https", all, "/data/tenant-token")
                    + exporter(
                        "elsewhere", "https", all + "/namespaces/other", "/data/tenant-token")
                    + exporter("without-right", "https", all, "/data/other-token")
                    + exporter("without-token", "https", all, "")
                    + exporter("open", "http", all, "")));
  }

  private static String exporter(String job, String scheme, String path, String token) {
    return EXPORTER.formatted(job, scheme, path)
        + (token.isEmpty() ? "" : "    authorization: {credentials_file: " + token + "}\n");
  }

  @AfterAll
  void stop() throws IOException {
    prometheus.close();
    reader.close();
    caches.close();
  }

  private void eventually(String expression, double value) {
    Sandbox.eventually(
        expression, () -> assertThat(prometheus.api().value(expression)).isEqualTo(value));
  }

  private String lastError(String job) {
    return prometheus.api().targets(job).getFirst().at("/lastError").asText();
  }

  @Test
  @Order(1)
  void hitsOfAClientAreSeen() {
    String hits =
        "sum(memcached_commands_total{job=\"exporter\",namespace=\"e2e-metrics\",name=\"one\",command=\"get\",status=\"hit\"})";
    eventually("sum(memcached_up{job=\"exporter\",namespace=\"e2e-metrics\"})", Caches.SERVERS);
    eventually(hits, 0);
    caches.get("one", "key-1", 7);
    eventually(hits, 7 * Caches.SERVERS);
    eventually(
        "sum(memcached_current_items{job=\"exporter\",namespace=\"e2e-metrics\"})",
        Caches.KEYS * Caches.SERVERS);
  }

  @Test
  @Order(2)
  void operatorIsRead() {
    eventually("up{job=\"operator\"}", 1);
    eventually("sum(securememcached_check{namespace=\"e2e-metrics\",check=\"login\"})", 2);
  }

  @Test
  @Order(3)
  void tenantReadsItsOwnAlone() {
    for (String job : List.of("tenant", "resource")) {
      eventually("sum(memcached_up{job=\"%s\"})".formatted(job), Caches.SERVERS);
      eventually("count(count by (namespace) (memcached_up{job=\"%s\"}))".formatted(job), 1);
    }
    for (String job : List.of("tenant-of-all", "elsewhere", "without-right")) {
      Sandbox.eventually(job, () -> assertThat(lastError(job)).contains("403"));
      eventually("up{job=\"%s\"}".formatted(job), 0);
    }
    Sandbox.eventually(
        "without-token", () -> assertThat(lastError("without-token")).contains("401"));
  }

  @Test
  @Order(4)
  void alertsAreLoadedAndDoNotFire() {
    assertThat(prometheus.api().rules().findValuesAsText("lastError")).allMatch(String::isEmpty);
    assertThat(prometheus.api().rules().findValuesAsText("health")).isNotEmpty().containsOnly("ok");
    assertThat(prometheus.api().query("ALERTS{alertstate=\"firing\",namespace=\"e2e-metrics\"}"))
        .isEmpty();
  }

  @Test
  @Order(5)
  void noPasswordIsInTheMetrics() {
    assertThat(installation.passwords().all()).isNotEmpty();
    for (String metrics : List.of(reader.exporter(), reader.operator())) {
      assertThat(metrics).contains(NAMESPACE);
      assertThat(installation.passwords().in(metrics)).isEmpty();
    }
  }

  @Test
  @Order(6)
  void topShowsEachServer() {
    Shell.Result top = installation.plugin("top", "one", "-n", NAMESPACE);
    assertThat(top.code()).as("%s", top).isZero();
    System.out.println(top.output().indent(2));
    assertThat(top.output().lines()).hasSize(1 + Caches.SERVERS);
    assertThat(top.output()).contains("one-0", "one-1", "100.0%", Integer.toString(Caches.KEYS));
    assertThat(installation.passwords().in(top.output() + top.errors())).isEmpty();
    Shell.Result nothing = installation.plugin("top", "nothing", "-n", NAMESPACE);
    assertThat(nothing.code()).isEqualTo(2);
    assertThat(nothing.errors()).contains("there is no SecureMemcached nothing");
  }

  /** The counter-example: the same requests are answered where nobody asks for a token. */
  @Test
  @Order(7)
  void withoutAuthenticationEverybodyReads() {
    eventually("up{job=\"open\"}", 0);
    setAuthentication(false);
    try {
      eventually("up{job=\"open\"}", 1);
      eventually("sum(memcached_up{job=\"open\",namespace=\"e2e-metrics\"})", Caches.SERVERS);
    } finally {
      setAuthentication(true);
    }
    eventually("up{job=\"open\"}", 0);
    eventually("up{job=\"exporter\"}", 1);
  }

  private void setAuthentication(boolean on) {
    installation.helm(
        "upgrade",
        Installation.RELEASE,
        "charts/securememcached-operator",
        "--namespace",
        Installation.NAMESPACE,
        "--reuse-values",
        "--set=metrics.authentication=" + on,
        "--wait",
        "--timeout=3m");
  }
}
