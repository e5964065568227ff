package io.securememcached.operator.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The alerts on series on which they fire, and on series on which they don't, by Prometheus'
 * promtool. {@code scripts/monitoring} unpacks it.
 */
class AlertsIT {

  private static final String TESTS = "monitoring/alerts.test.yaml";
  private static final String README = "examples/monitoring/README.md";
  private static final String DISCOVERY =
      """
          kubernetes_sd_configs:
            - role: pod
              namespaces: {names: [securememcached-system]}
      """;

  @TempDir private Path folder;

  @Test
  void alertsFireWhereTheyShould() throws Exception {
    Monitoring.Result result = Monitoring.run("test-alerts");
    assertThat(result.code()).as(result.output()).isZero();
    assertThat(result.output()).contains("SUCCESS: " + Monitoring.rules().size() + " rules found");
  }

  /** The counter-example: an alert that fires too early. */
  @Test
  void alertOnTheWrongSeriesIsFound() throws Exception {
    Monitoring.Result result = test("memcached_up{name!=\"\"}) == 0", "memcached_up) == 0");
    assertThat(result.code()).isNotZero();
    assertThat(result.output()).contains("FAILED", "alertname: SecureMemcachedServerDown");
  }

  /** The counter-example: an alert that never fires. */
  @Test
  void alertThatStaysQuietIsFound() throws Exception {
    Monitoring.Result result =
        test("type=\"NotExposed\", status=\"False\"", "type=\"NotExposed\", status=\"false\"");
    assertThat(result.code()).isNotZero();
    assertThat(result.output()).contains("alertname: SecureMemcachedExposed", "got:[]");
  }

  /** Grafana's variables are texts or durations, so that the rest is checked as it is. */
  @Test
  void expressionsOfTheDashboardAreValid() throws Exception {
    List<Map<String, String>> rules =
        Monitoring.panels().stream()
            .flatMap(panel -> panel.at("/targets").findValuesAsText("expr").stream())
            .map(
                expression ->
                    expression.replace("$__rate_interval", "5m").replace("$__range", "1h"))
            .map(expression -> Map.of("record", "checked", "expr", expression))
            .toList();
    assertThat(rules).hasSizeGreaterThan(20);
    Path file = folder.resolve("dashboard.yaml");
    Files.writeString(
        file,
        Serialization.asYaml(
            Map.of("groups", List.of(Map.of("name", "dashboard", "rules", rules)))));
    Monitoring.Result result =
        Monitoring.run("promtool", "check", "rules", "--lint=none", file.toString());
    assertThat(result.code()).as(result.output()).isZero();
  }

  /** Debian leaves the discovery of Kubernetes out of Prometheus; all else is checked as it is. */
  @Test
  void configurationOfTheExampleIsValid() throws Exception {
    String config = Monitoring.text(Guarded.ROOT.resolve(README)).split("```yaml prometheus\n")[1];
    config = config.substring(0, config.indexOf("```"));
    assertThat(config).contains(DISCOVERY, "honor_labels: true");
    Path file = folder.resolve("prometheus.yaml");
    Files.writeString(file, config.replace(DISCOVERY, "    static_configs: []\n"));
    Monitoring.Result result =
        Monitoring.run("promtool", "check", "config", "--syntax-only", file.toString());
    assertThat(result.code()).as(result.output()).isZero();
  }

  /** Runs the tests on alerts that were changed. */
  private Monitoring.Result test(String from, String to) throws IOException, InterruptedException {
    String alerts = Monitoring.text(Guarded.ROOT.resolve(Monitoring.ALERTS));
    assertThat(alerts).contains(from);
    Path file = Files.createDirectories(folder.resolve(Monitoring.CHART)).resolve("alerts.yaml");
    Files.writeString(file, alerts.replace(from, to));
    Path tests = Files.createDirectories(folder.resolve("monitoring")).resolve("alerts.test.yaml");
    Files.copy(Guarded.ROOT.resolve(TESTS), tests);
    return Monitoring.run("promtool", "test", "rules", tests.toString());
  }
}
