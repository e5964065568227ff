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

/**
 * What users copy names the newest release, or what comes next. While a release is made both are
 * the same, so a page that was forgotten is found then.
 */
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
        "examples/gitops/argo-cd/operator.yaml",
        "examples/gitops/flux/operator.yaml"
      })
  void namesAVersionThatUsersCanInstall(String file) throws IOException {
    String next = Released.current();
    assertThat(versions(file)).isNotEmpty().isSubsetOf(Released.newest().orElse(next), next);
  }

  /** A chart's page is a part of it. */
  @ParameterizedTest
  @ValueSource(strings = {"securememcached-operator", "securememcached-crds"})
  void chartNamesItsOwnVersion(String chart) throws IOException {
    assertThat(versions("charts/" + chart + "/README.md"))
        .isNotEmpty()
        .containsOnly(Released.current());
  }

  private static List<String> versions(String file) throws IOException {
    return NAMED
        .matcher(Files.readString(Guarded.ROOT.resolve(file)))
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }
}
