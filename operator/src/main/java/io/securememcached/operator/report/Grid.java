package io.securememcached.operator.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Lays out rows of five cells in columns; a long cell takes several lines. */
final class Grid {

  /** Minimum width for words to fit. */
  static final int NARROWEST = 80;

  private static final String BETWEEN = " | ";
  private static final String CROSSING = "-+-";

  /** Columns of the last cell. */
  private static final int MARK = 7;

  /** Hundredths of what is left for the four others. */
  private static final int[] SHARES = {23, 25, 22, 30};

  private final int[] widths;

  private Grid(int width) {
    widths = new int[SHARES.length + 1];
    int left = width - MARK - SHARES.length * BETWEEN.length();
    int given = 0;
    for (int i = 1; i < SHARES.length; i++) {
      widths[i] = left * SHARES[i] / 100;
      given += widths[i];
    }
    widths[0] = left - given;
    widths[SHARES.length] = MARK;
  }

  /**
   * The table, with a line below each row.
   *
   * @param width in characters; at least {@link #NARROWEST} are taken
   */
  static String render(List<String> title, List<List<String>> rows, int width) {
    Grid grid = new Grid(Math.max(NARROWEST, width));
    StringBuilder text = new StringBuilder();
    grid.append(text, title);
    rows.forEach(row -> grid.append(text, row));
    return text.toString();
  }

  private void append(StringBuilder text, List<String> cells) {
    List<List<String>> wrapped =
        IntStream.range(0, widths.length).mapToObj(i -> wrap(cells.get(i), widths[i])).toList();
    int height = wrapped.stream().mapToInt(List::size).max().orElse(0);
    for (int line = 0; line < height; line++) {
      text.append(line(wrapped, line).stripTrailing()).append("\n");
    }
    text.append(IntStream.of(widths).mapToObj("-"::repeat).collect(Collectors.joining(CROSSING)))
        .append("\n");
  }

  private String line(List<List<String>> cells, int line) {
    return IntStream.range(0, widths.length)
        .mapToObj(
            i -> {
              String part = line < cells.get(i).size() ? cells.get(i).get(line) : "";
              return part + " ".repeat(widths[i] - part.length());
            })
        .collect(Collectors.joining(BETWEEN));
  }

  /** At blanks; a word that is too long is cut. */
  private static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      if (!line.isEmpty()) {
        line.append(' ');
      }
      line.append(word);
      while (line.length() > width) {
        lines.add(line.substring(0, width));
        line.delete(0, width);
      }
    }
    lines.add(line.toString());
    return lines;
  }
}
