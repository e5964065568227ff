package io.securememcached.operator.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

/** A git repository on this machine, with a branch main. */
final class GitFolder {

  private static final Map<String, String> AUTHOR =
      Map.of(
          "GIT_AUTHOR_NAME", "test",
          "GIT_AUTHOR_EMAIL", "test@example.com",
          "GIT_COMMITTER_NAME", "test",
          "GIT_COMMITTER_EMAIL", "test@example.com");

  private final Path folder;

  GitFolder(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    git("init", "--quiet", "--initial-branch=main");
  }

  /** Its address, for tools on this machine. */
  String url() {
    return "file://" + folder;
  }

  /** A file of the repository, which may not exist yet. */
  Path file(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return file;
  }

  /** Commits all files as they are now; the revision. */
  String commit() {
    git("add", "--all");
    git("commit", "--quiet", "--message=change");
    return git("rev-parse", "HEAD");
  }

  private String git(String... arguments) {
    return Shell.run(
        folder,
        AUTHOR,
        Duration.ofMinutes(1),
        Stream.concat(Stream.of("git"), Stream.of(arguments)).toArray(String[]::new));
  }
}
