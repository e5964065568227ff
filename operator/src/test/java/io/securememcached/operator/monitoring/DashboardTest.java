package io.securememcached.operator.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The dashboard shows what exists, in any Grafana; DashboardIT compares it with its source. */
class DashboardTest {

  private static final Pattern EXPORTER = Pattern.compile("memcached_[a-z_]+(?:\\{[^}]*})?");

  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G'};

  private final JsonNode dashboard = Monitoring.read(Monitoring.DASHBOARD);
  private final List<JsonNode> panels = Monitoring.panels();

  @Test
  void hasThreeLevels() {
    assertThat(
            dashboard
                .at("/panels")
                .valueStream()
                .filter(panel -> panel.at("/type").asText().equals("row"))
                .map(row -> row.at("/title").asText()))
        .containsExactly("Fleet", "Resource: $namespace/$name", "Server: $pod");
  }

  @Test
  void eachLevelIsChosenWithinTheOneAbove() {
    assertThat(
            dashboard
                .at("/templating/list")
                .valueStream()
                .map(of -> of.at("/name").asText() + ": " + of.at("/query").asText()))
        .containsExactly(
            "datasource: prometheus",
            "namespace: label_values(securememcached_condition, namespace)",
            "name: label_values(securememcached_condition{namespace=~\"$namespace\"}, name)",
            "pod: label_values(memcached_up{namespace=~\"$namespace\", name=~\"$name\"}, pod)");
  }

  @Test
  void noDataSourceIsFixed() {
    assertThat(dashboard.findValues("datasource"))
        .hasSizeGreaterThan(panels.size())
        .allSatisfy(of -> assertThat(of.at("/uid").asText()).isEqualTo("${datasource}"));
  }

  @Test
  void everyPanelIsDescribed() {
    assertThat(panels)
        .hasSizeGreaterThan(30)
        .allSatisfy(
            panel -> {
              assertThat(panel.at("/title").asText()).isNotEmpty();
              assertThat(panel.at("/description").asText()).endsWith(".");
              assertThat(panel.at("/fieldConfig/defaults/unit").asText()).isNotEmpty();
              assertThat(panel.at("/targets")).isNotEmpty();
              assertThat(panel.findValuesAsText("refId")).doesNotHaveDuplicates();
            });
    assertThat(dashboard.at("/panels").valueStream().map(panel -> panel.at("/id").asInt()))
        .doesNotHaveDuplicates();
  }

  @Test
  void panelsDoNotOverlap() {
    assertThat(
            dashboard
                .at("/panels")
                .valueStream()
                .map(panel -> panel.at("/gridPos"))
                .flatMap(
                    at ->
                        IntStream.range(0, at.at("/w").asInt() * at.at("/h").asInt())
                            .mapToObj(
                                cell ->
                                    (at.at("/x").asInt() + cell % at.at("/w").asInt())
                                        + " "
                                        + (at.at("/y").asInt() + cell / at.at("/w").asInt()))))
        .doesNotHaveDuplicates();
  }

  @Test
  void everyMetricExists() throws IOException {
    assertThat(Monitoring.unknown(expressions())).isEmpty();
  }

  /** Other memcached servers in the same Prometheus have the same metrics, and no name. */
  @Test
  void otherServersAreNotCounted() {
    for (String expression : expressions()) {
      assertThat(
              EXPORTER
                  .matcher(expression.replace("securememcached_", "own_"))
                  .results()
                  .map(found -> found.group()))
          .as(expression)
          .allSatisfy(found -> assertThat(found).containsPattern("\\bname(=~|!=)\""));
    }
  }

  /** A resource's panels show the chosen one, a server's panels the chosen one. */
  @Test
  void panelsBelongToTheirLevel() {
    String level = "Fleet";
    for (JsonNode panel : dashboard.at("/panels")) {
      if (panel.at("/type").asText().equals("row")) {
        level = panel.at("/title").asText();
        continue;
      }
      String own = level;
      assertThat(panel.findValuesAsText("expr"))
          .as("%s of %s", panel.at("/title").asText(), level)
          .allSatisfy(
              expression -> {
                assertThat(expression.contains("$name\"")).isEqualTo(!own.equals("Fleet"));
                assertThat(expression.contains("$pod\"")).isEqualTo(own.startsWith("Server"));
              });
    }
  }

  /** A column takes at least 140 pixels, and a third of a narrow window is 420. */
  @Test
  void tablesFitTheirPanel() {
    assertThat(panels)
        .filteredOn(panel -> panel.at("/type").asText().equals("table"))
        .isNotEmpty()
        .allSatisfy(
            panel ->
                assertThat(panel.at("/transformations/0/options/indexByName").size())
                    .as(panel.at("/title").asText())
                    .isLessThanOrEqualTo(panel.at("/gridPos/w").asInt() * 3 / 8));
  }

  /** A server has up to 63 slab classes, and 20 counters of commands. */
  @Test
  void legendsAreShort() {
    assertThat(expressions())
        .filteredOn(expression -> expression.contains("by (namespace, name, pod, slab)"))
        .hasSizeGreaterThan(2)
        .allSatisfy(expression -> assertThat(expression).containsPattern("^(top|bottom)k\\(|^sum"));
    assertThat(expressions())
        .filteredOn(expression -> expression.contains("command!=\"\""))
        .hasSize(2)
        .allSatisfy(expression -> assertThat(expression).containsPattern(" and \\(.* > 0\\)$"));
  }

  /** An axis of nothing but zeros would go up to 100. */
  @Test
  void ratesOfZeroHaveALowAxis() {
    assertThat(panels)
        .filteredOn(panel -> panel.at("/fieldConfig/defaults/unit").asText().equals("ops"))
        .hasSizeGreaterThan(5)
        .allSatisfy(
            panel ->
                assertThat(panel.at("/fieldConfig/defaults/custom/axisSoftMax").asDouble())
                    .as(panel.at("/title").asText())
                    .isEqualTo(0.1));
  }

  /** Drawn by scripts/dashboard-picture. */
  @Test
  void docsShowEachLevel() throws IOException {
    String docs = Monitoring.text(Guarded.ROOT.resolve("docs/metrics.md"));
    for (String level : List.of("fleet", "resource", "server")) {
      String file = "dashboard-" + level + ".png";
      assertThat(docs).contains("](" + file + ")");
      assertThat(Files.readAllBytes(Guarded.ROOT.resolve("docs").resolve(file)))
          .startsWith(PNG)
          .hasSizeBetween(50_000, 300_000);
    }
  }

  private List<String> expressions() {
    return panels.stream()
        .flatMap(panel -> panel.at("/targets").findValuesAsText("expr").stream())
        .toList();
  }
}
