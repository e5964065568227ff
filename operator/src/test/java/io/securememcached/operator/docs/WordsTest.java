package io.securememcached.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What users and contributors read has none of the words that docs/glossary.md refuses. */
class WordsTest {

  private static final String GLOSSARY = "docs/glossary.md";

  private static final List<String> READ =
      List.of(
          "README.md",
          "CONTRIBUTING.md",
          "CHANGELOG.md",
          "SECURITY.md",
          "MAINTAINERS.md",
          "CODE_OF_CONDUCT.md",
          "Makefile",
          ".github",
          "docs",
          "charts",
          "examples",
          "monitoring",
          "images",
          "plugin",
          "quickstart",
          "scripts",
          "testbed",
          "bench",
          "image-training/src",
          "operator/src/main");

  /** Decisions stay as they were written. */
  private static final List<String> LEFT_OUT = List.of(GLOSSARY, "docs/adr/");

  private final Pattern refused = refused();

  private static Pattern refused() {
    try {
      String list =
          Files.readString(Guarded.ROOT.resolve(GLOSSARY))
              .split("## Words that the build refuses")[1];
      return Pattern.compile(
          Pattern.compile("`([a-z ]+)`")
              .matcher(list)
              .results()
              .map(word -> word.group(1).replace(" ", "\\s+(?:(?:\\*|//|#)\\s+)?"))
              .collect(Collectors.joining("|", "\\b(?:", ")\\b")),
          Pattern.CASE_INSENSITIVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void textsHaveNoRefusedWord() throws IOException {
    List<Path> files = files();
    assertThat(files).hasSizeGreaterThan(300);
    List<String> found = new ArrayList<>();
    for (Path file : files) {
      words(text(file)).forEach(word -> found.add(Guarded.ROOT.relativize(file) + ": " + word));
    }
    assertThat(found).isEmpty();
  }

  /** The counter-example, also across a comment's lines. */
  @Test
  void refusedWordsAreFound() {
    assertThat(words("Each twin is\n   * put\n   * right; printing, wholesome, twinkle."))
        .containsExactly("twin", "put\n   * right");
  }

  private List<String> words(String text) {
    return refused.matcher(text).results().map(MatchResult::group).toList();
  }

  private static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String name : READ) {
      try (Stream<Path> found = Files.walk(Guarded.ROOT.resolve(name))) {
        found
            .filter(Files::isRegularFile)
            .filter(
                file ->
                    LEFT_OUT.stream()
                        .noneMatch(Guarded.ROOT.relativize(file).toString()::startsWith))
            .forEach(files::add);
      }
    }
    return files;
  }

  private static String text(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (MalformedInputException e) {
      // No text.
      return "";
    }
  }
}
