package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What belongs to the resources of a sandbox. */
record Owned(Sandbox sandbox) {

  private static final List<Class<? extends HasMetadata>> KINDS =
      List.of(
          NetworkPolicy.class,
          Secret.class,
          ServiceAccount.class,
          Service.class,
          StatefulSet.class,
          PodDisruptionBudget.class);

  /** The objects with a resource's label, such as "Service/sessions-nodes", and its pods. */
  List<String> idsOf(String name) {
    return Stream.concat(childrenOf(name).stream(), podsOf(name).stream())
        .map(Owned::id)
        .sorted()
        .toList();
  }

  /** The objects with a resource's label, all but its pods. */
  List<HasMetadata> childrenOf(String name) {
    List<HasMetadata> children = new ArrayList<>();
    for (Class<? extends HasMetadata> kind : KINDS) {
      children.addAll(
          list(
              kind,
              object ->
                  name.equals(
                      object.getMetadata().getLabels().get("securememcached.io/resource"))));
    }
    return children;
  }

  /** The servers' pods. */
  List<Pod> podsOf(String name) {
    return list(
        Pod.class,
        pod -> name.equals(pod.getMetadata().getLabels().get("securememcached.io/server-of")));
  }

  /** The events about a resource, each with its reason. */
  List<String> eventsOf(String name) {
    return list(
            Event.class,
            event ->
                event.getInvolvedObject().getKind().equals("SecureMemcached")
                    && event.getInvolvedObject().getName().equals(name))
        .stream()
        .map(event -> event.getMetadata().getName() + " " + event.getReason())
        .toList();
  }

  /**
   * All that there is in the sandbox, with its version: equal snapshots mean that nothing was
   * written in between, no event of the operator either. Kubernetes' own events come when they
   * like: the kubelet still reports about a pod that is gone already.
   */
  Map<String, String> snapshot() {
    Map<String, String> versions = new TreeMap<>();
    Stream.concat(
            Stream.concat(KINDS.stream(), Stream.of(Pod.class, SecureMemcached.class))
                .flatMap(kind -> list(kind, object -> true).stream()),
            list(Event.class, Owned::isOfTheOperator).stream())
        .forEach(
            object ->
                versions.put(
                    id(object),
                    object.getMetadata().getUid()
                        + "@"
                        + object.getMetadata().getResourceVersion()
                        + status(object)));
    return versions;
  }

  /** What a change of the version was about: the operator writes nothing else of a resource. */
  private static String status(HasMetadata object) {
    return object instanceof SecureMemcached resource
        ? " " + Serialization.asJson(resource.getStatus())
        : "";
  }

  private static boolean isOfTheOperator(Event event) {
    return "securememcached-operator".equals(event.getReportingComponent());
  }

  /** Waits until nothing has changed between two looks, and returns the last. */
  Map<String, String> settledSnapshot() {
    List<Map<String, String>> looks = new ArrayList<>(List.of(snapshot()));
    Sandbox.eventually(
        "the sandbox to settle",
        () -> {
          looks.add(snapshot());
          assertThat(looks.getLast()).isEqualTo(looks.get(looks.size() - 2));
        });
    return looks.getLast();
  }

  private <T extends HasMetadata> List<T> list(Class<T> kind, Predicate<T> wanted) {
    return sandbox
        .client()
        .resources(kind)
        .inNamespace(sandbox.namespace())
        .list()
        .getItems()
        .stream()
        .filter(wanted)
        .toList();
  }

  /** Name and kind of an object. */
  static String id(HasMetadata object) {
    return object.getKind() + "/" + object.getMetadata().getName();
  }
}
