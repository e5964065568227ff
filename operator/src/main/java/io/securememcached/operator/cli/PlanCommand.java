package io.securememcached.operator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.config.OperatorConfig;
import io.securememcached.operator.exposure.ServerPods;
import io.securememcached.operator.plan.ClusterLimit;
import io.securememcached.operator.plan.Plan;
import io.securememcached.operator.plan.PlanText;
import io.securememcached.operator.resource.Labels;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@code --plan}: says what edited resources would do to their servers. It reads them as the API
 * server accepted them in a dry run that a user made with the user's own rights, one JSON object
 * after another, and writes nothing to the API server.
 *
 * <p>Exit codes as those of {@link VerifyCommand}: only a complete run may count. docs/updates.md
 * lists them.
 */
public final class PlanCommand {

  static final int KEEPS_CACHES = 10;

  /** The operator would not apply it. */
  static final int REFUSED = 11;

  /** Also after an invalid input or a rejected API request. */
  static final int NOT_PLANNED = 12;

  static final int LOSES_CACHES = 13;

  private final Map<String, String> environment;
  private final Supplier<KubernetesClient> client;
  private final InstantSource clock;
  private final PrintStream output;
  private final PrintStream errors;

  public PlanCommand(
      Map<String, String> environment,
      Supplier<KubernetesClient> client,
      InstantSource clock,
      PrintStream output,
      PrintStream errors) {
    this.environment = environment;
    this.client = client;
    this.clock = clock;
    this.output = output;
    this.errors = errors;
  }

  /**
   * Runs to the end.
   *
   * @param input edited resources as JSON
   * @return the exit code
   */
  public int run(InputStream input) {
    int code = KEEPS_CACHES;
    try (KubernetesClient connected = client.get();
        MappingIterator<JsonNode> objects =
            new ObjectMapper().readerFor(JsonNode.class).readValues(input)) {
      OperatorConfig config = OperatorConfig.from(environment);
      while (objects.hasNextValue()) {
        SecureMemcached edited =
            connected
                .getKubernetesSerialization()
                .unmarshal(objects.nextValue().toString(), SecureMemcached.class);
        int next = plan(connected, config, edited);
        // Refused takes precedence over lost caches, as in the exit code of the plugin.
        code = code == REFUSED || next == KEEPS_CACHES ? code : next;
      }
      output.flush();
      return code;
    } catch (IllegalArgumentException e) {
      errors.println("securememcached-operator: " + e.getMessage());
    } catch (IOException e) {
      errors.println("securememcached-operator: Standard input is no JSON: " + e.getMessage());
    } catch (KubernetesClientException e) {
      errors.println("securememcached-operator: Kubernetes API request failed: " + e.getMessage());
    }
    return NOT_PLANNED;
  }

  private int plan(KubernetesClient connected, OperatorConfig config, SecureMemcached edited) {
    String namespace = edited.getMetadata().getNamespace();
    String name = edited.getMetadata().getName();
    if (namespace == null || name == null) {
      throw new IllegalArgumentException(
          "Standard input has an object without metadata.namespace and metadata.name.");
    }
    Optional<SecureMemcached> current =
        new WatchedResources(connected, config).find(namespace, name);
    Optional<String> refusal = refusal(config, edited);
    if (refusal.isPresent()) {
      output.println(
          "SecureMemcached %s/%s: refused by the operator%n  %s"
              .formatted(namespace, name, refusal.get()));
      return REFUSED;
    }
    Plan plan =
        current
            .map(found -> changed(connected, config, found, edited))
            .orElseGet(() -> Plan.created(edited, limit(config), clock.instant()));
    output.print(PlanText.of(plan));
    return plan.losesCaches() ? LOSES_CACHES : KEEPS_CACHES;
  }

  /** Why this operator would leave the servers as they are. */
  private static Optional<String> refusal(OperatorConfig config, SecureMemcached edited) {
    if (!edited.getUnreadable().isEmpty()) {
      return Optional.of(
          "This version of the operator does not support %s. Upgrade the operator, or use another value."
              .formatted(String.join(", ", edited.getUnreadable())));
    }
    return config.settings().imageRefusal(edited);
  }

  private Plan changed(
      KubernetesClient connected,
      OperatorConfig config,
      SecureMemcached current,
      SecureMemcached edited) {
    String namespace = current.getMetadata().getNamespace();
    Optional<StatefulSet> set =
        Optional.ofNullable(
            connected
                .apps()
                .statefulSets()
                .inNamespace(namespace)
                .withName(current.getMetadata().getName())
                .get());
    List<Pod> servers =
        connected
            .pods()
            .inNamespace(namespace)
            .withLabels(Labels.serverSelector(current))
            .list()
            .getItems()
            .stream()
            .filter(pod -> ServerPods.role(current, set, pod) == ServerPods.Role.SERVER)
            .toList();
    return Plan.changed(
        current, edited, config.settings(), set, servers, limit(config), clock.instant());
  }

  private static ClusterLimit limit(OperatorConfig config) {
    return new ClusterLimit(config.maxConcurrentUpdates(), config.maxUpdatesPerMinute());
  }
}
