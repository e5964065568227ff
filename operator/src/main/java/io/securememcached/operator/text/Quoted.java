package io.securememcached.operator.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Untrusted text of a server or a user, prepared for display: one line of printable ASCII with a
 * maximum length. All foreign text in a status, an event, a log or a metric goes through this type.
 *
 * @param text limited to the allowed length
 */
public record Quoted(@JsonValue String text) {

  /** Longest text in characters, where no other limit is given. */
  public static final int LONGEST = 200;

  /** No text. */
  public static final Quoted NOTHING = new Quoted("");

  private static final String CUT = "...";

  /** Quotes a text that is too long or unprintable. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Quoted {
    text = printable(text, LONGEST);
  }

  /** At most {@link #LONGEST} characters of a text. */
  public static Quoted of(String said) {
    return new Quoted(said);
  }

  /**
   * Limits a text to a number of characters; three dots mark a cut, and count.
   *
   * @param said text of any length and with any characters; each run of those that are not
   *     printable ASCII becomes one blank
   * @param longest in characters, 4 or more
   */
  public static String printable(String said, int longest) {
    if (said.length() <= longest && isPrintable(said)) {
      return said;
    }
    // Cut first, so that the work is bounded whatever the text.
    String start = said.substring(0, Math.min(said.length(), 2 * longest));
    String line = start.replaceAll("[^\\x21-\\x7e]+", " ").strip();
    boolean isWhole = line.length() <= longest && start.length() == said.length();
    return isWhole
        ? line
        : line.substring(0, Math.min(line.length(), longest - CUT.length())) + CUT;
  }

  /** Nearly all texts are, and thousands of them come with the statistics of many servers. */
  private static boolean isPrintable(String said) {
    for (int i = 0; i < said.length(); i++) {
      if (said.charAt(i) <= ' ' || said.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  /** Bytes of a server, one character each. */
  public static Quoted of(byte[] said) {
    return new Quoted(new String(said, ISO_8859_1));
  }

  /** Whether there is no printable text. */
  public boolean isEmpty() {
    return text.isEmpty();
  }

  /** The text itself, so that formats show it. */
  @Override
  public String toString() {
    return text;
  }
}
