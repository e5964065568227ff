package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.securememcached.operator.api.v1beta1.Released;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files of a release that need no image. {@code ReleaseRun} makes and installs all of it. */
class ReleaseFilesIT {

  private static final String PLUGIN = "kubectl-securememcached-%s.tar.gz";

  private final String version =
      Yaml.documents(Yaml.text("charts/securememcached-operator/Chart.yaml"))
          .getFirst()
          .at("/version")
          .asText();

  @Test
  void twoRunsHaveTheSameBytes(@TempDir Path first, @TempDir Path second) throws Exception {
    make(first);
    Map<String, String> hashes = hashes(first);
    assertThat(hashes)
        .containsOnlyKeys(
            "crds.yaml",
            PLUGIN.formatted(version),
            "release-notes.md",
            "securememcached-crds-" + version + ".tgz",
            "securememcached-operator-" + version + ".tgz",
            "securememcached.yaml");
    make(second);
    assertThat(hashes(second)).isEqualTo(hashes);
  }

  @Test
  void krewManifestHasTheHashOfTheArchive(@TempDir Path folder) throws Exception {
    make(folder);
    JsonNode manifest =
        Yaml.documents(Files.readString(folder.resolve("securememcached.yaml"))).getFirst();
    JsonNode platform = manifest.at("/spec/platforms/0");
    String archive = PLUGIN.formatted(version);
    assertThat(manifest.at("/spec/version").asText()).isEqualTo("v" + version);
    assertThat(platform.at("/sha256").asText()).isEqualTo(hashes(folder).get(archive));
    assertThat(platform.at("/uri").asText()).endsWith("/download/" + version + "/" + archive);
  }

  @Test
  void notesAreTheChangelogs(@TempDir Path folder) throws Exception {
    make(folder);
    String notes = Files.readString(folder.resolve("release-notes.md"));
    assertThat(notes)
        .contains(
            "oci://ghcr.io/securememcached/charts/securememcached-operator --version " + version)
        .endsWith(Released.changes(version).or(() -> Released.changes("Unreleased")).orElseThrow())
        .doesNotContain("\n## ");
  }

  /** Right after a release the next one has no changes: its dry run goes on, a release does not. */
  @ParameterizedTest
  @CsvSource({"yes, 1.2.4, 0", "'', 1.2.4, 1", "'', 1.2.3, 0", "yes, 1.2.3, 0"})
  void notesNeedChangesInAReleaseAlone(
      String dryRun, String version, int code, @TempDir Path folder) throws Exception {
    Files.writeString(
        folder.resolve("CHANGELOG.md"), "# Changelog\n\n## Unreleased\n## 1.2.3\n\n- One\n");
    Script result =
        Script.run(
            Map.of("root", folder.toString(), "dry_run", dryRun, "version", version),
            "bash",
            "-euc",
            """
            die() { echo "$1" >&2; exit 1; }
            out=$root registry=registry.example.com source=https://example.com
            source release/lib/files.sh
            make_notes
            """);
    assertThat(result.code()).as(result.output()).isEqualTo(code);
    if (code == 0) {
      assertThat(Files.readString(folder.resolve("release-notes.md")).contains("- One"))
          .isEqualTo(version.equals("1.2.3"));
    } else {
      assertThat(result.output()).isEqualTo("CHANGELOG.md has no part '## 1.2.4'\n");
    }
  }

  /** Helm 3 gives the files in a package the time of its run. */
  @Test
  void helm3IsNotTaken(@TempDir Path folder) throws Exception {
    Path helm = Files.createDirectory(folder.resolve("bin")).resolve("helm");
    Files.writeString(helm, "#!/bin/sh\n[ \"$1\" = version ] && echo v3.22.0\n");
    assertThat(helm.toFile().setExecutable(true)).isTrue();
    Path out = folder.resolve("out");
    Script result =
        Script.run(
            Map.of("PATH", helm.getParent() + ":" + System.getenv("PATH")),
            "release/run",
            version,
            "--dry-run",
            "--files-only",
            "--out",
            out.toString());
    assertThat(result.code()).as(result.output()).isZero();
    assertThat(out.resolve("securememcached-operator-" + version + ".tgz")).isNotEmptyFile();
  }

  /** The counter-examples: what would make a release that says something wrong. */
  @Test
  void wrongVersionAndKeyAreRefused(@TempDir Path folder) throws Exception {
    Script other = run("99.0.0", "--dry-run", "--files-only", "--out", folder.toString());
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.output()).contains("the charts " + version, "set all to 99.0.0 first");
    Script key = run(version, "--key", "pom.xml", "--out", folder.toString());
    assertThat(key.code()).isEqualTo(1);
    assertThat(key.output()).contains("--key is for --dry-run");
  }

  private void make(Path folder) throws Exception {
    Script result = run(version, "--dry-run", "--files-only", "--out", folder.toString());
    assertThat(result.code()).as(result.output()).isZero();
  }

  private static Map<String, String> hashes(Path folder)
      throws IOException, NoSuchAlgorithmException {
    Map<String, String> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        hashes.put(
            file.getFileName().toString(),
            HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))));
      }
    }
    return hashes;
  }

  private static Script run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("release/run"));
    command.addAll(List.of(arguments));
    return Script.run(command.toArray(String[]::new));
  }
}
