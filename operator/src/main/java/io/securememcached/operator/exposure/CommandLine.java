package io.securememcached.operator.exposure;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Whether a command line is one that the operator could have written for some resource, in this or
 * an earlier version. Any other option is a fault: memcached has dozens, and {@code -Y}, {@code
 * -s}, {@code -A}, {@code -e} or {@code -o} each expose something.
 */
final class CommandLine {

  private static final String PORT = "-p";

  /**
   * Options with a value. Options that a later version no longer uses stay here, for older pods.
   */
  private static final Set<String> VALUED = Set.of("-l", PORT, "-U", "-m", "-c", "-t", "-I");

  private static final String SASL = "-S";
  private static final String LISTEN = "-l";
  private static final String UDP = "-U";

  /** Inside the pod, the pod's own address and inside, and the pod's own as before that. */
  private static final Set<String> LISTEN_ADDRESSES =
      Set.of("127.0.0.1", "$(POD_IP),127.0.0.1", "$(POD_IP)");

  private CommandLine() {}

  /** The TCP ports that a command line names. */
  static Set<Integer> ports(List<String> arguments) {
    return IntStream.range(1, arguments.size())
        .filter(i -> arguments.get(i - 1).equals(PORT))
        .mapToObj(arguments::get)
        .filter(value -> value.matches("\\d{1,5}"))
        .map(Integer::valueOf)
        .collect(Collectors.toSet());
  }

  static List<String> faults(List<String> arguments) {
    List<String> faults = new ArrayList<>();
    boolean sasl = false;
    boolean listens = false;
    boolean noUdp = false;
    for (int i = 0; i < arguments.size(); i++) {
      String option = arguments.get(i);
      if (VALUED.contains(option)) {
        i++;
        String value = i < arguments.size() ? arguments.get(i) : "";
        // memcached 1.6 listens on each -l, so each one must be valid.
        if (option.equals(LISTEN)) {
          listens = true;
          if (!LISTEN_ADDRESSES.contains(value)) {
            faults.add("listens on " + value);
          }
        }
        if (option.equals(UDP)) {
          noUdp = true;
          if (!value.equals("0")) {
            faults.add("enables UDP: -U " + value);
          }
        }
      } else if (option.equals(SASL)) {
        sasl = true;
      } else if (!option.matches("-v{1,2}")) {
        faults.add("has an argument that the operator never sets: " + option);
      }
    }
    if (!sasl) {
      faults.add("requires no login: -S is missing");
    }
    if (!noUdp) {
      faults.add("may enable UDP: -U 0 is missing");
    }
    if (!listens) {
      faults.add("listens on every address: -l is missing");
    }
    return faults;
  }
}
