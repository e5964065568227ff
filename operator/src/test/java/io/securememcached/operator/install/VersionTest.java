package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.api.v1beta1.Released;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What names the version for users to copy has that of the chart. */
class VersionTest {

  private static final Pattern NAMED =
      Pattern.compile(
          "(?:--version |operator |version=|targetRevision: |tag: )(\\d+\\.\\d+\\.\\d+)");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "README.md",
        "docs/install.md",
        "docs/verify-a-release.md",
        "charts/securememcached-operator/README.md",
        "charts/securememcached-crds/README.md",
        "examples/gitops/argo-cd/operator.yaml",
        "examples/gitops/flux/operator.yaml"
      })
  void namesTheVersionOfTheChart(String file) throws IOException {
    List<String> versions =
        NAMED
            .matcher(Files.readString(Guarded.ROOT.resolve(file)))
            .results()
            .map((MatchResult found) -> found.group(1))
            .toList();
    assertThat(versions).isNotEmpty().containsOnly(Released.current());
  }
}
