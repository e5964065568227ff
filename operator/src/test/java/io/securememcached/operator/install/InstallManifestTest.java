package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The operator's pod in install.yaml, which is the chart's with its defaults. */
class InstallManifestTest {

  private static final Pattern VARIABLE =
      Pattern.compile("\\(environment, \"(\\w+)\"|getOrDefault\\(\"(\\w+)\"");

  private final List<JsonNode> objects = Yaml.documents(Yaml.text("install/install.yaml"));
  private final JsonNode deployment = Yaml.find(objects, "Deployment", "securememcached-operator");
  private final JsonNode pod = deployment.at("/spec/template/spec");
  private final JsonNode container = pod.at("/containers/0");

  @Test
  void namespaceComesFirstAndIsRestricted() {
    assertThat(objects.getFirst().at("/kind").asText()).isEqualTo("Namespace");
    assertThat(
            objects.getFirst().at("/metadata/labels/pod-security.kubernetes.io~1enforce").asText())
        .isEqualTo("restricted");
  }

  @Test
  void setsTheVariablesThatTheOperatorReads() {
    List<String> expected = new ArrayList<>(variables("OperatorConfig"));
    // Absent means all namespaces; an empty value would show up as a difference for ever.
    assertThat(expected.remove("WATCH_NAMESPACES")).isTrue();
    // Absent means that nothing is listed.
    assertThat(expected.remove("INTENDED_TRAFFIC")).isTrue();
    // Absent means authentication with a self-made certificate.
    assertThat(expected.remove("METRICS_AUTHENTICATION")).isTrue();
    assertThat(expected.remove("TLS_CERTIFICATE_FOLDER")).isTrue();
    assertThat(container.at("/env").valueStream().map(variable -> variable.at("/name").asText()))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void configurationIsDocumented() {
    String[] parts =
        Yaml.text("docs/configuration.md").split("\n## The exporter's environment variables\n");
    assertThat(parts).hasSize(2);
    assertThat(documented(parts[0]))
        .containsExactlyInAnyOrderElementsOf(variables("OperatorConfig"));
    assertThat(documented(parts[1]))
        .containsExactlyInAnyOrderElementsOf(variables("ExporterConfig"));
  }

  private static List<String> documented(String page) {
    return page.lines()
        .filter(line -> line.matches("\\| `[A-Z_]+0?.*"))
        .map(line -> line.split("`")[1])
        .toList();
  }

  /** A copy of the labels would be wrong as soon as kustomize changes those of the pod. */
  @Test
  void operatorLearnsItsLabelsFromItsPod() {
    assertThat(List.of(path("POD_LABEL_NAME"), path("POD_LABEL_INSTANCE")))
        .isEqualTo(
            Yaml.names(deployment.at("/spec/selector/matchLabels")).stream()
                .map("metadata.labels['%s']"::formatted)
                .toList());
  }

  @Test
  void imagesAreOneProjects() {
    String version =
        Yaml.documents(Yaml.text("charts/securememcached-operator/Chart.yaml"))
            .getFirst()
            .at("/appVersion")
            .asText();
    assertThat(container.at("/image").asText())
        .isEqualTo("ghcr.io/securememcached/operator:" + version);
    assertThat(List.of(value("MEMCACHED_IMAGE_CENTOS7"), value("MEMCACHED_IMAGE_DEBIAN12")))
        .allMatch(image -> image.startsWith("ghcr.io/securememcached/memcached:"));
  }

  @Test
  void podNeedsNoRights() {
    assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
    assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
    assertThat(container.at("/securityContext").toString())
        .isEqualTo(
            "{\"allowPrivilegeEscalation\":false,\"readOnlyRootFilesystem\":true,\"capabilities\":{\"drop\":[\"ALL\"]}}");
  }

  private String value(String variable) {
    return variable(variable).at("/value").asText();
  }

  private String path(String variable) {
    return variable(variable).at("/valueFrom/fieldRef/fieldPath").asText();
  }

  private JsonNode variable(String name) {
    return container
        .at("/env")
        .valueStream()
        .filter(entry -> entry.at("/name").asText().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** As the sources name them: the classes are not visible here, and need no other reader. */
  private static List<String> variables(String config) {
    return Stream.of(config, "MetricsAccess", "Variables")
        .map(
            name ->
                Yaml.text(
                    "operator/src/main/java/io/securememcached/operator/config/" + name + ".java"))
        .flatMap(source -> VARIABLE.matcher(source).results())
        .map((MatchResult found) -> found.group(1) == null ? found.group(2) : found.group(1))
        .distinct()
        .toList();
  }
}
