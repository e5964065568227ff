package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every script of the repository, by shellcheck and shfmt, every workflow, by actionlint and
 * zizmor, and the settings that have a schema. Needs Go; {@code scripts/lint} installs the rest.
 */
class ScriptsIT {

  private static final String GOOD =
      """
      #!/bin/bash
      if [[ -e $1 ]]; then
        cat "$1"
      fi
      """;

  private static final String BUILD = ".github/workflows/build.yaml";
  private static final String ISSUE_FORM = ".github/ISSUE_TEMPLATE/bug.yml";

  @TestFactory
  Stream<DynamicTest> areClean() throws Exception {
    return names().stream()
        .map(
            script ->
                DynamicTest.dynamicTest(
                    script,
                    () -> {
                      Script result = lint(Map.of(), script);
                      assertThat(result.code()).as(result.output()).isZero();
                    }));
  }

  /** A check that finds no script would accept all. */
  @Test
  void areFoundByEndingAndByFirstLine() throws Exception {
    assertThat(names())
        .contains("quickstart", "scripts/lint", "scripts/lib.sh", ".ci/run", "images/build")
        .contains(BUILD, "renovate.json", ISSUE_FORM, ".github/ISSUE_TEMPLATE/config.yml")
        .doesNotContain("README.md", "images/operator/Containerfile")
        .hasSizeGreaterThan(35);
  }

  @Test
  void shellcheckFindsAFault() throws Exception {
    Script result = lintText(GOOD.replace("\"$1\"", "$1"));
    assertThat(result.code()).isNotZero();
    assertThat(result.output()).contains("SC2086").endsWith("lint: refused by shellcheck\n");
  }

  @Test
  void shellcheckFindsAMissingSource() throws Exception {
    Script result = lintText(GOOD + "# shellcheck source=moved.sh\n. \"$1\"\n");
    assertThat(result.code()).isNotZero();
    assertThat(result.output()).contains("SC1091").endsWith("lint: refused by shellcheck\n");
  }

  @Test
  void shfmtFindsABadIndent() throws Exception {
    Script result = lintText(GOOD.replace("  cat", "      cat"));
    assertThat(result.code()).isNotZero();
    assertThat(result.output())
        .contains("-      cat \"$1\"", "+  cat \"$1\"")
        .endsWith("lint: refused by shfmt (scripts/lint --format repairs it)\n");
  }

  @Test
  void actionlintFindsAFault() throws Exception {
    Script result = lintWorkflow("if: failure()", "if: failur()");
    assertThat(result.code()).isNotZero();
    assertThat(result.output()).contains("undefined function \"failur\"", "refused by actionlint");
  }

  @Test
  void zizmorFindsAnActionWithoutAHash() throws Exception {
    Script result = lintWorkflow("checkout@[0-9a-f]+ # ", "checkout@");
    assertThat(result.code()).isNotZero();
    assertThat(result.output()).contains("unpinned-uses").endsWith("lint: refused by zizmor\n");
  }

  @Test
  void zizmorFindsTooManyRights() throws Exception {
    Script result = lintWorkflow("permissions: \\{\\}", "permissions: write-all");
    assertThat(result.code()).isNotZero();
    assertThat(result.output())
        .contains("excessive-permissions")
        .endsWith("lint: refused by zizmor\n");
  }

  @Test
  void schemaFindsASettingOfAnotherType(@TempDir Path folder) throws Exception {
    Script result = lintCopy("renovate.json", folder.resolve("renovate.json"), "\"7 days\"", "7");
    assertThat(result.code()).isNotZero();
    assertThat(result.output())
        .contains("7 is not of type 'string'", "refused by check-jsonschema");
  }

  @Test
  void schemaFindsAnUnknownElementOfAForm(@TempDir Path folder) throws Exception {
    Path form = Files.createDirectory(folder.resolve("ISSUE_TEMPLATE")).resolve("bug.yml");
    Script result = lintCopy(ISSUE_FORM, form, "type: input", "type: line");
    assertThat(result.code()).isNotZero();
    assertThat(result.output()).contains("$.body[5]", "refused by check-jsonschema");
  }

  /** The faults above are refused for what was changed, not for the rest of the text. */
  @Test
  void goodScriptIsAccepted() throws Exception {
    Script result = lintText(GOOD);
    assertThat(result.code()).as(result.output()).isZero();
  }

  @Test
  void missingToolIsAFailure(@TempDir Path empty) throws Exception {
    Script result =
        lint(
            Map.of(
                "SECUREMEMCACHED_CACHE", empty.resolve("cache").toString(),
                "GOMODCACHE", empty.resolve("modules").toString(),
                "GOPROXY", "off"),
            "scripts/lint");
    assertThat(result.code()).isNotZero();
    assertThat(result.output())
        .contains("Installing shellcheck, shfmt, actionlint, zizmor and check-jsonschema: failed");
  }

  private static List<String> names() throws Exception {
    Script list = lint(Map.of(), "--list");
    assertThat(list.code()).as(list.output()).isZero();
    return list.output().lines().toList();
  }

  /** The workflow of the build with its first fault. */
  private static Script lintWorkflow(String expression, String fault) throws Exception {
    String workflow = Files.readString(Guarded.ROOT.resolve(BUILD));
    String faulty = workflow.replaceFirst(expression.replace("()", "\\(\\)"), fault);
    assertThat(faulty).isNotEqualTo(workflow);
    return lintText(faulty, ".yaml");
  }

  /** A file with a fault, under a name by which its schema is found. */
  private static Script lintCopy(String name, Path copy, String good, String fault)
      throws Exception {
    String text = Files.readString(Guarded.ROOT.resolve(name));
    assertThat(text).contains(good);
    Files.writeString(copy, text.replace(good, fault));
    return lint(Map.of(), copy.toString());
  }

  private static Script lintText(String text) throws Exception {
    return lintText(text, ".sh");
  }

  /** Below the top level, where the project's settings of the tools hold. */
  private static Script lintText(String text, String suffix) throws Exception {
    Path script = Files.createTempFile(Path.of("target"), "script", suffix).toAbsolutePath();
    try {
      Files.writeString(script, text);
      return lint(Map.of(), script.toString());
    } finally {
      Files.delete(script);
    }
  }

  private static Script lint(Map<String, String> environment, String argument)
      throws IOException, InterruptedException {
    return Script.run(environment, "scripts/lint", argument);
  }
}
