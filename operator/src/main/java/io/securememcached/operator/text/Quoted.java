package io.securememcached.operator.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * What a server or a user has said, as it may be shown: one line of printable ASCII with a longest
 * length. Whatever ends in a status, an event, a log or a metric and is not the operator's own
 * words goes through this type.
 *
 * @param text at most as long as was allowed
 */
public record Quoted(@JsonValue String text) {

  /** Longest text in characters, where no other limit is given. */
  public static final int LONGEST = 200;

  /** Nothing was said. */
  public static final Quoted NOTHING = new Quoted("");

  private static final String CUT = "...";

  /** Takes no text that was not cut: a longer or unprintable one is quoted here. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Quoted {
    text = printable(text, LONGEST);
  }

  /** At most {@link #LONGEST} characters of a text. */
  public static Quoted of(String said) {
    return new Quoted(said);
  }

  /**
   * At most so many characters of a text; three dots show that something was cut off, and count.
   *
   * @param said of any length and with any characters; each run of those that are not printable
   *     ASCII becomes one blank
   * @param longest in characters, 4 or more
   */
  public static String printable(String said, int longest) {
    // Cut first, so that the work is bounded whatever was said.
    String start = said.substring(0, Math.min(said.length(), 2 * longest));
    String line = start.replaceAll("[^\\x21-\\x7e]+", " ").strip();
    boolean isWhole = line.length() <= longest && start.length() == said.length();
    return isWhole
        ? line
        : line.substring(0, Math.min(line.length(), longest - CUT.length())) + CUT;
  }

  /** Bytes as a server sent them, a character each. */
  public static Quoted of(byte[] said) {
    return new Quoted(new String(said, ISO_8859_1));
  }

  /** Whether nothing printable was said. */
  public boolean isEmpty() {
    return text.isEmpty();
  }

  /** The text itself, so that formats show it. */
  @Override
  public String toString() {
    return text;
  }
}
