package io.securememcached.operator.cli;

import io.securememcached.operator.report.Format;
import java.util.Iterator;
import java.util.List;

/**
 * Arguments of {@code --verify}.
 *
 * @param width of the table, in characters
 */
record VerifyArguments(String namespace, String name, Format format, int width) {

  private static final int DEFAULT_WIDTH = 120;
  private static final int WIDEST = 1000;

  private static final String USAGE =
      "Usage: --verify NAMESPACE/NAME [-o table|guide|json|junit] [--width CHARACTERS]";

  /**
   * Reads the arguments after {@code --verify}.
   *
   * @throws IllegalArgumentException naming the invalid one and the expected form
   */
  static VerifyArguments parse(List<String> arguments) {
    String resource = "";
    Format format = Format.TABLE;
    int width = DEFAULT_WIDTH;
    for (Iterator<String> rest = arguments.iterator(); rest.hasNext(); ) {
      String argument = rest.next();
      if (argument.equals("-o")) {
        format = Format.of(value(argument, rest));
      } else if (argument.equals("--width")) {
        width = width(value(argument, rest));
      } else if (resource.isEmpty() && !argument.startsWith("-")) {
        resource = argument;
      } else {
        throw new IllegalArgumentException("Unknown argument '" + argument + "'. " + USAGE);
      }
    }
    int slash = resource.indexOf('/');
    if (slash < 1 || slash == resource.length() - 1) {
      throw new IllegalArgumentException(
          "Expected NAMESPACE/NAME, not '" + resource + "'. " + USAGE);
    }
    return new VerifyArguments(
        resource.substring(0, slash), resource.substring(slash + 1), format, width);
  }

  private static String value(String option, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new IllegalArgumentException("Option " + option + " needs a value. " + USAGE);
    }
    return rest.next();
  }

  private static int width(String text) {
    try {
      int width = Integer.parseInt(text);
      if (width >= 1 && width <= WIDEST) {
        return width;
      }
    } catch (NumberFormatException e) {
      // Reported below, with the range.
    }
    throw new IllegalArgumentException(
        "Invalid --width '" + text + "': expected a whole number from 1 to " + WIDEST + ".");
  }
}
