package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
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

  /**
   * By {@code skipRange}, whatever is installed: a subscription follows the channel's only entry.
   */
  @Test
  void catalogLeadsFromEveryEarlierVersion(@TempDir Path folder) throws Exception {
    Script result =
        Script.run(
            "bash",
            "-euc",
            """
            root=$PWD out=%s version=1.2.3 registry=ghcr.io/securememcached
            digest_of() { echo sha256:0; }
            source release/lib/olm.sh
            make_catalog
            """
                .formatted(folder));
    assertThat(result.code()).as(result.output()).isZero();
    JsonNode channel =
        Yaml.documents(Files.readString(folder.resolve("catalog.yaml"))).stream()
            .filter(part -> part.at("/schema").asText().equals("olm.channel"))
            .findFirst()
            .orElseThrow();
    assertThat(channel.at("/entries")).hasSize(1);
    assertThat(channel.at("/entries/0/name").asText()).isEqualTo("securememcached-operator.v1.2.3");
    assertThat(channel.at("/entries/0/skipRange").asText()).isEqualTo("<1.2.3");
  }

  @Test
  void notesAreTheChangelogs(@TempDir Path folder) throws Exception {
    make(folder);
    String notes = Files.readString(folder.resolve("release-notes.md"));
    assertThat(notes)
        .contains(
            "oci://ghcr.io/securememcached/charts/securememcached-operator --version " + version)
        .contains("- Custom resource `SecureMemcached`")
        .doesNotContain("\n## ");
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
