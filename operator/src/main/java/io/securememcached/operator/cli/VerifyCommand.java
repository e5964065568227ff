package io.securememcached.operator.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.config.OperatorConfig;
import io.securememcached.operator.report.ResourceReport;
import io.securememcached.operator.verify.Limits;
import io.securememcached.operator.verify.Outcome;
import java.io.PrintStream;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * {@code --verify}: checks the servers of one resource now, and prints a report. It runs beside the
 * operator in its pod, as the servers allow no other pods, and writes nothing to the API server.
 *
 * <p>Its exit codes differ from those of kubectl, the JVM and a lost connection (0, 1, 3, 137):
 * {@code kubectl exec} passes them on, and only a complete run may count. docs/verify.md lists
 * them.
 */
public final class VerifyCommand {

  static final int PASSED = 10;
  static final int FAILED = 11;

  /** A result is unknown, also after invalid arguments or a rejected API request. */
  static final int UNKNOWN = 12;

  private final Map<String, String> environment;
  private final Supplier<KubernetesClient> client;
  private final PrintStream output;
  private final PrintStream errors;
  private final Limits limits;

  public VerifyCommand(
      Map<String, String> environment,
      Supplier<KubernetesClient> client,
      PrintStream output,
      PrintStream errors,
      Limits limits) {
    this.environment = environment;
    this.client = client;
    this.output = output;
    this.errors = errors;
    this.limits = limits;
  }

  /**
   * Runs to the end.
   *
   * @param arguments those after {@code --verify}
   * @return the exit code
   */
  public int run(List<String> arguments) {
    try {
      VerifyArguments wanted = VerifyArguments.parse(arguments);
      OperatorConfig config = OperatorConfig.from(environment);
      try (KubernetesClient connected = client.get()) {
        ResourceReport report =
            new OnDemandVerification(connected, config, limits, Clock.systemUTC())
                .of(wanted.namespace(), wanted.name());
        output.print(wanted.format().render(report, wanted.width()));
        output.flush();
        return code(report.outcome());
      }
    } catch (IllegalArgumentException e) {
      errors.println("securememcached-operator: " + e.getMessage());
    } catch (KubernetesClientException e) {
      errors.println("securememcached-operator: Kubernetes API request failed: " + e.getMessage());
    }
    return UNKNOWN;
  }

  private static int code(Outcome outcome) {
    return switch (outcome) {
      case PASSED -> PASSED;
      case FAILED -> FAILED;
      case UNKNOWN -> UNKNOWN;
    };
  }
}
