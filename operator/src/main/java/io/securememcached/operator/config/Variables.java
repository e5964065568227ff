package io.securememcached.operator.config;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads environment variables; an error names the variable and the way out. */
final class Variables {

  private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Set<String> LOG_LEVELS = Set.of("error", "warn", "info", "debug", "trace");

  private Variables() {}

  static String required(Map<String, String> environment, String name) {
    String value = environment.getOrDefault(name, "").strip();
    if (value.isEmpty()) {
      throw new IllegalArgumentException(
          name + " is not set; the chart and install.yaml set it, see docs/configuration.md");
    }
    return value;
  }

  static Set<String> namespaces(String text, String own) {
    Set<String> namespaces = new LinkedHashSet<>();
    for (String part : text.split(",")) {
      String name = part.strip();
      if (name.equals("OWN")) {
        namespaces.add(own);
      } else if (DNS_LABEL.matcher(name).matches()) {
        namespaces.add(name);
      } else if (!name.isEmpty()) {
        throw new IllegalArgumentException(
            "WATCH_NAMESPACES contains '"
                + name
                + "'; expected a comma-separated list of namespaces, OWN for the operator's own, or"
                + " empty for all");
      }
    }
    return namespaces;
  }

  /** A comma-separated list; empty without the variable. */
  static Set<String> list(Map<String, String> environment, String name) {
    Set<String> entries = new LinkedHashSet<>();
    for (String part : environment.getOrDefault(name, "").split(",")) {
      if (!part.isBlank()) {
        entries.add(part.strip());
      }
    }
    return entries;
  }

  static boolean flag(Map<String, String> environment, String name, boolean otherwise) {
    String value = environment.getOrDefault(name, Boolean.toString(otherwise));
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(name + " is '" + value + "'; expected true or false");
    };
  }

  static int number(
      Map<String, String> environment, String name, int otherwise, int least, int most) {
    String value = environment.getOrDefault(name, Integer.toString(otherwise));
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below, with the range.
    }
    throw new IllegalArgumentException(
        name + " is '" + value + "'; expected a whole number from " + least + " to " + most);
  }

  static String logLevel(Map<String, String> environment) {
    String level = environment.getOrDefault("LOG_LEVEL", "info").toLowerCase(Locale.ROOT);
    if (!LOG_LEVELS.contains(level)) {
      throw new IllegalArgumentException(
          "LOG_LEVEL is '" + level + "'; expected one of error, warn, info, debug, trace");
    }
    return level;
  }
}
