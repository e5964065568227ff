package io.securememcached.operator.docs;

import io.securememcached.operator.Guarded;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The tables of a page. */
public final class Tables {

  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  private Tables() {}

  /** Rows that begin with code, from a heading to the next of its level. */
  public static Stream<String> rows(String page, String heading) throws IOException {
    return rows(
        Files.readAllLines(Guarded.ROOT.resolve(page)).stream()
            .dropWhile(line -> !line.equals("## " + heading))
            .skip(1)
            .takeWhile(line -> !line.startsWith("## ")));
  }

  /** What the first column of all tables names as code. */
  public static Stream<String> firstColumn(String page) throws IOException {
    return rows(Files.readAllLines(Guarded.ROOT.resolve(page)).stream())
        .flatMap(row -> namesIn(row).stream());
  }

  /** What the first column of a row names as code. */
  public static List<String> namesIn(String row) {
    return CODE.matcher(row.split("\\|")[1]).results().map(match -> match.group(1)).toList();
  }

  private static Stream<String> rows(Stream<String> lines) {
    return lines.filter(line -> line.startsWith("| `"));
  }
}
