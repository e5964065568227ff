package io.securememcached.operator.cli;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.User;
import io.securememcached.operator.config.OperatorConfig;
import io.securememcached.operator.exposure.ServerPods;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.report.ResourceReport;
import io.securememcached.operator.report.ServerReport;
import io.securememcached.operator.resource.ActualServers;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.resource.Ownership;
import io.securememcached.operator.resource.Secrets;
import io.securememcached.operator.status.Pods;
import io.securememcached.operator.status.RunningImage;
import io.securememcached.operator.verify.Distribution;
import io.securememcached.operator.verify.Limits;
import io.securememcached.operator.verify.ServerChecks;
import io.securememcached.operator.verify.Target;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * Finds the servers of a resource and checks each. Reads with the operator's permissions: lists,
 * and the StatefulSet and the Secrets with logins by name.
 */
final class OnDemandVerification {

  /** Servers that are checked at the same time. */
  private static final int AT_ONCE = 8;

  private final KubernetesClient client;
  private final OperatorConfig config;
  private final Limits limits;
  private final InstantSource clock;

  OnDemandVerification(
      KubernetesClient client, OperatorConfig config, Limits limits, InstantSource clock) {
    this.client = client;
    this.config = config;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Checks all pods behind the Services, and reports servers without a pod.
   *
   * @throws IllegalArgumentException if the resource does not exist or this operator does not
   *     manage it; the message says what to do
   */
  ResourceReport of(String namespace, String name) {
    SecureMemcached primary = find(namespace, name);
    Instant time = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    List<PlainCredentials> logins = logins(primary);
    Map<String, Optional<Pod>> servers = servers(primary);
    Optional<StatefulSet> set =
        Optional.ofNullable(
            client.apps().statefulSets().inNamespace(namespace).withName(name).get());
    ExecutorService executor =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofPlatform().daemon().factory());
    try {
      List<CompletableFuture<ServerReport>> reports =
          servers.entrySet().stream()
              .map(
                  server ->
                      CompletableFuture.supplyAsync(
                          () ->
                              check(
                                  primary,
                                  isServer(primary, set, server.getValue()),
                                  logins,
                                  server.getKey(),
                                  server.getValue()),
                          executor))
              .toList();
      return new ResourceReport(
          namespace, name, time, reports.stream().map(CompletableFuture::join).toList());
    } finally {
      executor.shutdownNow();
    }
  }

  /** A foreign pod with the servers' label is checked like them, but is sent no login. */
  private static boolean isServer(
      SecureMemcached primary, Optional<StatefulSet> set, Optional<Pod> pod) {
    return pod.filter(found -> ServerPods.role(primary, set, found) != ServerPods.Role.IMPOSTOR)
        .isPresent();
  }

  private SecureMemcached find(String namespace, String name) {
    return new WatchedResources(client, config)
        .find(namespace, name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "SecureMemcached %s not found in namespace %s. List all with 'kubectl get smc -A'."
                        .formatted(name, namespace)));
  }

  /** By name: the requested servers, then all other pods with their label. */
  private Map<String, Optional<Pod>> servers(SecureMemcached primary) {
    Map<String, Optional<Pod>> servers = new LinkedHashMap<>();
    Names.servers(primary).forEach(name -> servers.put(name, Optional.empty()));
    client
        .pods()
        .inNamespace(primary.getMetadata().getNamespace())
        .withLabels(Labels.serverSelector(primary))
        .list()
        .getItems()
        .forEach(pod -> servers.put(pod.getMetadata().getName(), Optional.of(pod)));
    return servers;
  }

  /** The operator's own login, and those that clients have, out of the Secrets that exist. */
  private List<PlainCredentials> logins(SecureMemcached primary) {
    Stream<String> users =
        Stream.concat(
            Credentials.clientUsersOf(primary).stream().map(User::name),
            Stream.ofNullable(primary.getStatus())
                .flatMap(status -> status.credentials().stream())
                .map(CredentialsStatus::user));
    return Stream.concat(
            Stream.of(Names.operator(primary)),
            users.distinct().map(user -> Names.credentials(primary, user)))
        .flatMap(name -> login(primary, name).stream())
        .toList();
  }

  /** A Secret of this name may be somebody else's: then its content goes nowhere. */
  private Optional<PlainCredentials> login(SecureMemcached primary, String name) {
    return Optional.ofNullable(
            client.secrets().inNamespace(primary.getMetadata().getNamespace()).withName(name).get())
        .filter(secret -> Ownership.isAdoptable(primary, secret))
        .map(Secret::getData)
        .filter(data -> data.containsKey(Secrets.USERNAME) && data.containsKey(Secrets.PASSWORD))
        .map(
            data ->
                new PlainCredentials(
                    text(data.get(Secrets.USERNAME)), text(data.get(Secrets.PASSWORD))));
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  private ServerReport check(
      SecureMemcached primary,
      boolean isServer,
      List<PlainCredentials> logins,
      String name,
      Optional<Pod> found) {
    if (found.isEmpty()) {
      return ServerReport.notAsked(
          name, "", "", Distribution.UNKNOWN, "Pod not found; see the events of the StatefulSet.");
    }
    Pod pod = found.get();
    String image = image(pod);
    Distribution distribution =
        isServer
            ? RunningImage.distribution(primary, pod, config.settings().images())
            : RunningImage.distribution(image, config.settings().images());
    if (!Pods.isRunning(pod)) {
      return ServerReport.notAsked(
          name,
          "",
          image,
          distribution,
          "Pod is not running or is terminating; see 'kubectl describe pod'.");
    }
    int port = Pods.port(primary, pod);
    // A foreign pod may name any address in its command line.
    if (isServer && Pods.isLoopback(primary, pod)) {
      return ServerReport.notAsked(
          name,
          "127.0.0.1:" + port,
          image,
          distribution,
          "The server listens on 127.0.0.1 only, which the operator can't reach. Use 'kubectl port-forward -n %s pod/%s %d', or %s."
              .formatted(
                  primary.getMetadata().getNamespace(),
                  name,
                  port,
                  primary.getSpec().listen() == Listen.Loopback
                      ? "set spec.listen to PodIP"
                      : "apply its pending update, as spec.listen is PodIP now"));
    }
    ServerAddress address = Pods.address(pod, port).orElseThrow();
    return ServerReport.asked(
        name,
        address.toString(),
        image,
        distribution,
        ServerChecks.run(
                Target.at(address.socket(), isServer ? logins : List.of(), distribution), limits)
            .checks());
  }

  private static String image(Pod pod) {
    return ActualServers.container(pod.getSpec())
        .orElseGet(pod.getSpec().getContainers()::getFirst)
        .getImage();
  }
}
