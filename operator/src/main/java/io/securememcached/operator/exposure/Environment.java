package io.securememcached.operator.exposure;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.ObjectFieldSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether a server's environment leaves authentication intact. Reports names, never values, as
 * those may be passwords.
 */
final class Environment {

  /** Where a server's SASL configuration and sasldb are. */
  static final String SASL_DIRECTORY = "/etc/sasl2";

  private static final String POD_IP = "POD_IP";
  private static final String SASL_CONF_PATH = "SASL_CONF_PATH";

  /**
   * Variables of the shell, the loader and the C library can load other code, the others can add
   * logins.
   */
  private static final List<String> RISKY =
      List.of("PATH", "LD_", "GCONV_", "GLIBC_", "SASL_", "MEMCACHED_");

  private Environment() {}

  static List<String> faults(Container server) {
    List<String> faults = new ArrayList<>();
    if (!last(server, SASL_CONF_PATH).map(EnvVar::getValue).equals(Optional.of(SASL_DIRECTORY))) {
      faults.add("may accept ANONYMOUS: SASL_CONF_PATH is not " + SASL_DIRECTORY);
    }
    if (server.getArgs().stream().anyMatch(argument -> argument.contains("$(" + POD_IP + ")"))
        && !isPodAddress(last(server, POD_IP))) {
      faults.add("may listen on another address: POD_IP is not the pod's address");
    }
    server.getEnv().stream()
        .map(EnvVar::getName)
        .filter(name -> !name.equals(SASL_CONF_PATH))
        .filter(name -> RISKY.stream().anyMatch(name::startsWith))
        .forEach(name -> faults.add("has the environment variable " + name));
    if (!server.getEnvFrom().isEmpty()) {
      faults.add("loads environment variables by envFrom");
    }
    return faults;
  }

  private static boolean isPodAddress(Optional<EnvVar> variable) {
    return variable
        .map(EnvVar::getValueFrom)
        .map(EnvVarSource::getFieldRef)
        .map(ObjectFieldSelector::getFieldPath)
        .equals(Optional.of("status.podIP"));
  }

  /** Of several variables with one name the last one is used. */
  private static Optional<EnvVar> last(Container server, String name) {
    return server.getEnv().stream()
        .filter(variable -> variable.getName().equals(name))
        .reduce((first, second) -> second);
  }
}
