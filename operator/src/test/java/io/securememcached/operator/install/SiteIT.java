package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The docs site: every page is in its navigation, and every link and anchor leads somewhere. Needs
 * Python and Node.js; {@code scripts/site} installs the rest.
 */
class SiteIT {

  @TempDir private Path folder;

  @Test
  void siteIsBuilt() throws Exception {
    Path site = folder.resolve("site");

    Script result = build(Guarded.ROOT, site);

    assertThat(result.code()).as(result.output()).isZero();
    assertThat(Files.readString(site.resolve("alerts/index.html")))
        .as("links to pages stay, others lead to the repository")
        .contains(
            "href=\"../conditions/\"",
            "href=\"https://github.com/securememcached/securememcached/blob/main/charts/securememcached-operator/files/alerts.yaml\"");
  }

  @Test
  void everyFaultIsFound() throws Exception {
    Path copy = copy();
    append(copy.resolve("docs/events.md"), "[a](nowhere.md) [b](checks.md#nope) [c](../nope.yaml)");
    Files.writeString(copy.resolve("docs/forgotten.md"), "# Forgotten\n");

    Script result = build(copy, folder.resolve("faulty"));

    assertThat(result.code()).isNotZero();
    assertThat(result.output())
        .contains("'nowhere.md'", "'#nope'", "'../nope.yaml'", "forgotten.md")
        .endsWith("site: the site was not built\n");
  }

  @Test
  void pageThatLoadsFromAnotherHostIsRefused() throws Exception {
    Path copy = copy();
    append(copy.resolve("docs/events.md"), "<img src=\"https://badges.invalid/build.svg\">");

    Script result = build(copy, folder.resolve("foreign"));

    assertThat(result.code()).isNotZero();
    assertThat(result.output())
        .contains("the site would load from other hosts", "events/index.html", "badges.invalid");
  }

  /** A tag is there before its release, and a stand-in for a release has no tag. */
  @Test
  void versionsAreThoseOfPublishedReleases() throws Exception {
    Path copy = copy();
    Path site = folder.resolve("versions");

    Script result =
        run(
            copy,
            "bash",
            "-euc",
            """
            export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@localhost
            export GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@localhost
            git init --quiet
            git add .
            git commit --quiet --message=test
            git tag 0.1.0
            git tag 0.2.0
            commit=$(git rev-parse HEAD)
            printf '0.0.9\t%s\n0.1.0\t%s\n' "$commit" "$commit" >release/released.tsv
            scripts/site versions "$0"
            """,
            site.toString());

    assertThat(result.code()).as(result.output()).isZero();
    assertThat(Yaml.documents(Files.readString(site.resolve("versions.json"))).getFirst())
        .extracting(version -> version.at("/version").asText() + version.at("/aliases"))
        .containsExactlyInAnyOrder("dev[]", "0.1.0[\"latest\"]");
    assertThat(site.resolve("index.html")).content().contains("latest/");
  }

  private static void append(Path page, String text) throws IOException {
    Files.writeString(page, "\n" + text + "\n", StandardOpenOption.APPEND);
  }

  /** What the site and its links are about. */
  private Path copy() throws Exception {
    Path copy = Files.createDirectory(folder.resolve("checkout"));
    Script result =
        run(
            Guarded.ROOT,
            "bash",
            "-c",
            "tar --create --exclude=./.git --exclude=target . | tar --extract --directory=\"$0\"",
            copy.toString());
    assertThat(result.code()).as(result.output()).isZero();
    return copy;
  }

  private static Script build(Path checkout, Path site) throws Exception {
    return run(checkout, "scripts/site", "build", site.toString());
  }

  private static Script run(Path directory, String... command) throws Exception {
    return Script.in(directory, Map.of(), command);
  }
}
