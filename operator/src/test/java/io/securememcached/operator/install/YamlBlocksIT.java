package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.api.v1beta1.Crd;
import io.securememcached.operator.install.CodeBlocks.Block;
import io.securememcached.operator.install.CodeBlocks.Kind;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.KubectlYaml;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every YAML that a user may copy, applied by kubectl to a real API server as a dry run.
 *
 * <p>A fragment is completed by its kind: one that begins with {@code spec:} is the spec of a
 * SecureMemcached, and so is {@code field: value} in a sentence. {@link CodeBlocks} knows the kinds
 * and refuses a block of none.
 */
@WithApiServer
class YamlBlocksIT {

  /** Groups whose CRDs are other projects': their objects are only read. */
  private static final Set<String> FOREIGN =
      Set.of(
          "argoproj.io",
          "monitoring.coreos.com",
          // KustomizeIT builds these.
          "kustomize.config.k8s.io",
          "source.toolkit.fluxcd.io",
          "helm.toolkit.fluxcd.io",
          "kustomize.toolkit.fluxcd.io");

  private static ApiServer server;

  @BeforeAll
  static void createNamespaces(ApiServer api) throws IOException {
    server = api;
    for (String text : files().map(YamlBlocksIT::read).toList()) {
      createNamespaces(text);
    }
    for (Block block : CodeBlocks.all()) {
      if (block.kind() == Kind.MANIFEST) {
        createNamespaces(block.text());
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> filesAreAccepted() {
    return files().map(file -> DynamicTest.dynamicTest(file, () -> apply(read(file))));
  }

  @TestFactory
  Stream<DynamicTest> blocksAreAccepted() throws IOException {
    return CodeBlocks.all().stream()
        .filter(block -> block.kind().isYaml())
        .map(
            block ->
                DynamicTest.dynamicTest(
                    block.place(),
                    () -> {
                      switch (block.kind()) {
                        case MANIFEST -> apply(block.text());
                        case SPEC -> applySpec(block.text());
                        case KUSTOMIZATION -> applyKustomization(block.text());
                        case CHART_VALUES -> applyChart(block.text());
                        default -> assertThat(KubectlYaml.documents(block.text())).isNotEmpty();
                      }
                    }));
  }

  /** Such as {@code verification.gate: ReportOnly} in a sentence or a field's description. */
  @TestFactory
  Stream<DynamicTest> fieldsInSentencesAreAccepted() throws IOException {
    return CodeBlocks.fields(Crd.generate()).stream()
        .map(field -> DynamicTest.dynamicTest(field.place(), () -> applySpec(field.text())));
  }

  /** A test that finds nothing proves nothing. */
  @Test
  void manyAreFound() throws IOException {
    assertThat(CodeBlocks.all().stream().filter(block -> block.kind().isYaml()))
        .hasSizeGreaterThanOrEqualTo(7);
    assertThat(CodeBlocks.fields(Crd.generate())).hasSizeGreaterThan(15);
    assertThat(files()).hasSizeGreaterThan(15);
  }

  /** kubectl reads {@code Off} as a boolean, which no string field takes. */
  @Test
  void wordOfYamlWouldBeRefused() throws IOException {
    ApiServer.Output refused =
        server.kubectl(
            manifest("spec: {verification: {gate: Off}}"), "apply", "--dry-run=server", "-f", "-");
    assertThat(refused.code()).isNotZero();
    assertThat(refused.text()).contains("spec.verification.gate");
  }

  private static Stream<String> files() {
    return ExamplesIT.files();
  }

  private static void createNamespaces(String text) throws IOException {
    for (JsonNode document : KubectlYaml.documents(text)) {
      String namespace = document.at("/metadata/namespace").asText();
      if (!namespace.isEmpty()) {
        server.kubectl("", "create", "namespace", namespace);
      }
    }
  }

  private static void applySpec(String text) throws IOException {
    apply(manifest(text));
  }

  private static String manifest(String spec) {
    return "apiVersion: securememcached.io/v1beta1\nkind: SecureMemcached\nmetadata: {name: fragment}\n"
        + spec;
  }

  /**
   * The text itself goes to kubectl where it may: a parser of ours could hide what kubectl reads.
   */
  private static void apply(String text) throws IOException {
    List<JsonNode> documents = KubectlYaml.documents(text);
    assertThat(documents).isNotEmpty();
    List<JsonNode> ours =
        documents.stream()
            .filter(
                document -> !FOREIGN.contains(document.at("/apiVersion").asText().split("/")[0]))
            // A configuration of kustomize is no object.
            .filter(document -> !document.has("nameReference"))
            .toList();
    if (ours.size() == documents.size()) {
      dryRun(text);
    } else if (!ours.isEmpty()) {
      dryRun(ours.stream().map(JsonNode::toString).collect(Collectors.joining("\n---\n")));
    }
  }

  private static void dryRun(String text) throws IOException {
    ApiServer.Output output =
        server.kubectl(
            text, "apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-");
    assertThat(output.code()).as(output.text()).isZero();
  }

  private static void applyKustomization(String text) throws IOException {
    Path folder = Files.createTempDirectory("kustomization");
    Path overlay = Files.createDirectory(folder.resolve("overlay"));
    Files.writeString(overlay.resolve("kustomization.yaml"), text);
    Files.createSymbolicLink(folder.resolve("securememcached"), Guarded.ROOT);
    ApiServer.Output built = server.kubectl("", "kustomize", overlay.toString());
    assertThat(built.code()).as(built.text()).isZero();
    createNamespaces(built.text());
    apply(built.text());
    Files.delete(folder.resolve("securememcached"));
    Files.delete(overlay.resolve("kustomization.yaml"));
    Files.delete(overlay);
    Files.delete(folder);
  }

  private static void applyChart(String values) throws IOException {
    Path file = Files.createTempFile("values", ".yaml");
    Files.writeString(file, values);
    Helm.Result rendered = new Helm().template("--values", file.toString());
    Files.delete(file);
    assertThat(rendered.code()).as(rendered.output()).isZero();
    apply(rendered.output());
  }

  private static String read(String file) {
    try {
      return Files.readString(Guarded.ROOT.resolve(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
