package io.securememcached.operator.resource;

import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import io.securememcached.operator.api.v1beta1.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The command line of a server. There is no field for custom arguments, as any of them could undo
 * the hardening.
 */
final class MemcachedArguments {

  /** Environment variable with the pod's address, set by Kubernetes. */
  static final String POD_IP = "POD_IP";

  private static final String LISTEN = "-l";
  private static final String LOOPBACK = "127.0.0.1";

  private MemcachedArguments() {}

  static List<String> of(SecureMemcachedSpec spec) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of(LISTEN, addresses(spec.listen())));
    // 1.4.15 with -U 0 and without -p listens on nothing and stays alive.
    arguments.addAll(List.of("-p", spec.port().toString()));
    // -S does not cover UDP on 1.4.15, so UDP must be off.
    arguments.addAll(List.of("-U", "0", "-S"));
    arguments.addAll(List.of("-m", Long.toString(Sizes.bytes(spec.cacheSize()) / (1 << 20))));
    arguments.addAll(List.of("-c", spec.maxConnections().toString()));
    arguments.addAll(List.of("-t", spec.threads().toString()));
    arguments.addAll(List.of("-I", Sizes.bytes(spec.maxItemSize()) / 1024 + "k"));
    if (spec.verbosity() > 0) {
      arguments.add("-" + "v".repeat(spec.verbosity()));
    }
    return List.copyOf(arguments);
  }

  /** Where a server with these arguments listens; empty where they don't say. */
  static Optional<Listen> listen(List<String> arguments) {
    List<String> addresses =
        IntStream.range(1, arguments.size())
            .filter(i -> arguments.get(i - 1).equals(LISTEN))
            .mapToObj(arguments::get)
            .toList();
    return addresses.isEmpty()
        ? Optional.empty()
        : Optional.of(
            addresses.stream().allMatch(LOOPBACK::equals) ? Listen.Loopback : Listen.PodIP);
  }

  /**
   * {@code kubectl port-forward} ends at 127.0.0.1, which every pod has, whatever its IP family. No
   * ::1: memcached exits when one of its addresses does not exist.
   */
  private static String addresses(Listen listen) {
    return switch (listen) {
      case PodIP -> "$(" + POD_IP + ")," + LOOPBACK;
      case Loopback -> LOOPBACK;
    };
  }
}
