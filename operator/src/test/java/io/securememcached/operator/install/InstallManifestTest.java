package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  /** What the namespace does not take with it, the page's other command deletes by its labels. */
  @Test
  void removalOfThePageLeavesTheCrdAlone() {
    assertThat(objects)
        .filteredOn(object -> object.at("/metadata/namespace").isMissingNode())
        .filteredOn(object -> !removes(object))
        .extracting(object -> object.at("/kind").asText())
        .containsExactlyInAnyOrder("Namespace", "CustomResourceDefinition");
  }

  @Test
  void removalOfThePageLeavesOtherInstallationsAlone() {
    assertThat(
            Yaml.documents(
                Yaml.text("install/install.yaml")
                    .replace("instance: securememcached-operator", "instance: platform-prod")))
        .isNotEqualTo(objects)
        .noneMatch(InstallManifestTest::removes);
  }

  private static boolean removes(JsonNode object) {
    Matcher command =
        Pattern.compile("kubectl delete (clusterrole,\\S+) \\\\\\n +--selector (\\S+)")
            .matcher(Yaml.text("docs/install.md"));
    assertThat(command.find()).isTrue();
    return List.of(command.group(1).split(","))
            .contains(object.at("/kind").asText().toLowerCase(Locale.ROOT))
        && Stream.of(command.group(2).split(","))
            .map(label -> label.split("="))
            .allMatch(
                label -> object.at("/metadata/labels").path(label[0]).asText().equals(label[1]));
  }

  @Test
  void setsTheVariablesThatTheOperatorReads() {
    assertSets(
        container,
        variables("OperatorConfig"),
        // Absent means all namespaces; an empty value would show up as a difference for ever.
        "WATCH_NAMESPACES",
        // Absent means that nothing is listed.
        "INTENDED_TRAFFIC",
        "EXTERNAL_ALLOWED_ANNOTATIONS",
        // Absent means a certificate of the process's own.
        "TLS_CERTIFICATE_FOLDER");
  }

  @Test
  void setsTheVariablesThatTheExporterReads() {
    assertSets(
        Yaml.find(objects, "Deployment", "securememcached-operator-exporter")
            .at("/spec/template/spec/containers/0"),
        variables("ExporterConfig"),
        "WATCH_NAMESPACES",
        "TLS_CERTIFICATE_FOLDER");
  }

  private static void assertSets(JsonNode container, List<String> variables, String... absent) {
    List<String> expected = new ArrayList<>(variables);
    assertThat(expected.removeAll(List.of(absent))).isTrue();
    assertThat(container.at("/env").valueStream().map(variable -> variable.at("/name").asText()))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "OperatorConfig, ## Environment variables",
    "ExporterConfig, ## Environment variables of the exporter"
  })
  void configurationIsDocumented(String source, String heading) {
    List<String> lines = Yaml.text("docs/configuration.md").lines().toList();
    assertThat(
            lines.stream()
                .skip(lines.indexOf(heading) + 1L)
                .takeWhile(line -> !line.startsWith("## ")))
        .filteredOn(line -> line.matches("\\| `[A-Z_]+0?.*"))
        .extracting(line -> line.split("`")[1])
        .containsExactlyInAnyOrderElementsOf(variables(source));
  }

  /** A copy of the labels would be wrong as soon as kustomize changes those of the pod. */
  @Test
  void operatorLearnsItsLabelsFromItsPod() {
    assertThat(List.of(path("POD_LABEL_NAME"), path("POD_LABEL_INSTANCE")))
        .isEqualTo(
            Yaml.names(deployment.at("/spec/selector/matchLabels")).stream()
                // The exporter has another one, and servers let it in, too.
                .filter(label -> !label.equals("app.kubernetes.io/component"))
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
    assertThat(
            List.of(
                value("MEMCACHED_IMAGE_CENTOS7"),
                value("MEMCACHED_IMAGE_DEBIAN12"),
                value("MEMCACHED_IMAGE_DEBIAN13")))
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

  /** As the source names them: the class is not visible here, and needs no other reader. */
  private static List<String> variables(String reader) {
    return Stream.of(reader, "MetricsAccess", "Variables")
        .map("operator/src/main/java/io/securememcached/operator/config/%s.java"::formatted)
        .flatMap(source -> VARIABLE.matcher(Yaml.text(source)).results())
        .map((MatchResult found) -> found.group(1) == null ? found.group(2) : found.group(1))
        .distinct()
        .toList();
  }
}
