package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.resource.Children;
import io.securememcached.operator.resource.Golden;
import io.securememcached.operator.resource.Settings;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The operator's rights are those that its children ask for, and no more. */
class RbacTest {

  /** Kinds for which somebody's additions can open a server; they are put back by an update. */
  private static final Set<Class<?>> CLOSED =
      Set.of(NetworkPolicy.class, Service.class, StatefulSet.class);

  private final List<JsonNode> objects = Yaml.documents(Yaml.text("install/install.yaml"));

  @Test
  void rightsInTheWatchedNamespacesAreThoseThatAreUsed() {
    Map<String, Set<String>> expected = new TreeMap<>();
    expected.put("securememcached.io/securememcacheds", Set.of("list", "watch"));
    expected.put("securememcached.io/securememcacheds/status", Set.of("patch"));
    expected.put("securememcached.io/securememcacheds/finalizers", Set.of("update"));
    expected.put("/configmaps", Set.of("get", "list", "watch"));
    expected.put("/pods", Set.of("list", "watch", "patch", "delete"));
    expected.put("/pods/status", Set.of("patch"));
    expected.put("/pods/resize", Set.of("patch"));
    expected.put("apps/controllerrevisions", Set.of("get"));
    expected.put("discovery.k8s.io/endpointslices", Set.of("list", "watch"));
    expected.put("networking.k8s.io/ingresses", Set.of("list", "watch"));
    for (String route : List.of("http", "grpc", "tcp", "tls", "udp")) {
      expected.put("gateway.networking.k8s.io/" + route + "routes", Set.of("list", "watch"));
    }
    expected.put("/events", Set.of("create", "list"));
    expected.put("coordination.k8s.io/leases:securememcached-operator", Set.of("get"));
    List<HasMetadata> most =
        children(
            "{replicas: 2, users: [{name: sammy}], external: {provider: AWS}, sourceZones: [{name: web, sources: [{cidr: 10.0.4.0/24}]}]}");
    Set<String> always =
        children("{}").stream().map(RbacTest::id).collect(Collectors.toCollection(HashSet::new));
    for (HasMetadata child : most) {
      Set<String> verbs =
          expected.computeIfAbsent(
              resource(child),
              kind -> new TreeSet<>(List.of("get", "list", "watch", "create", "patch")));
      if (CLOSED.contains(child.getClass())) {
        verbs.add("update");
      }
      if (!always.contains(id(child))) {
        verbs.add("delete");
      }
    }
    assertThat(rights("ClusterRole", "securememcached-operator"))
        .containsExactlyInAnyOrderEntriesOf(expected);
  }

  @Test
  void rightsInItsOwnNamespaceAreForTheLease() {
    assertThat(rights("Role", "securememcached-operator-lease"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "coordination.k8s.io/leases",
                Set.of("create"),
                "coordination.k8s.io/leases:securememcached-operator",
                Set.of("get", "patch")));
  }

  @Test
  void rightsInItsOwnNamespaceAreForTheExportersKey() {
    assertThat(rights("Role", "securememcached-operator-exporter-key"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "/secrets",
                Set.of("create"),
                "/secrets:" + ExporterKeys.NAME,
                Set.of("get", "list", "watch", "patch", "delete"),
                // By which the admission policies of every release know an operator.
                "securememcached.io/securememcacheds/status",
                Set.of("patch")));
  }

  @Test
  void nothingElseIsGranted() {
    assertThat(objects)
        .filteredOn(object -> object.at("/kind").asText().endsWith("RoleBinding"))
        .extracting(binding -> binding.at("/roleRef/name").asText())
        .containsExactlyInAnyOrder(
            "securememcached-operator",
            "securememcached-operator-lease",
            "securememcached-operator-metrics-authentication",
            "securememcached-operator-exporter",
            "securememcached-operator-exporter-login",
            "securememcached-operator-exporter-key");
  }

  /** It asks servers that it finds by their resource and their pod, and nothing else. */
  @Test
  void exporterReadsResourcesPodsAndItsKey() {
    assertThat(rights("ClusterRole", "securememcached-operator-exporter"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "securememcached.io/securememcacheds", Set.of("list", "watch"),
                "/pods", Set.of("list", "watch")));
    assertThat(rights("Role", "securememcached-operator-exporter-login"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("/secrets:securememcached-exporter", Set.of("get", "list", "watch")));
  }

  @Test
  void readersOfMetricsAreAskedForByTwoRequests() {
    assertThat(rights("ClusterRole", "securememcached-operator-metrics-authentication"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "authentication.k8s.io/tokenreviews", Set.of("create"),
                "authorization.k8s.io/subjectaccessreviews", Set.of("create")));
  }

  private Map<String, Set<String>> rights(String kind, String name) {
    Map<String, Set<String>> rights = new TreeMap<>();
    Yaml.find(objects, kind, name)
        .at("/rules")
        .forEach(
            rule -> {
              String names = String.join(",", Yaml.strings(rule.path("resourceNames")));
              for (String group : Yaml.strings(rule.at("/apiGroups"))) {
                for (String resource : Yaml.strings(rule.at("/resources"))) {
                  rights
                      .computeIfAbsent(
                          group + "/" + resource + (names.isEmpty() ? "" : ":" + names),
                          key -> new TreeSet<>())
                      .addAll(Yaml.strings(rule.at("/verbs")));
                }
              }
            });
    return rights;
  }

  private static List<HasMetadata> children(String spec) {
    SecureMemcached primary =
        Serialization.unmarshal(
            "metadata: {name: cache, namespace: shop, uid: u}\nspec: " + spec,
            SecureMemcached.class);
    return Children.desired(
        primary,
        new Settings(
            "system",
            Map.of(),
            Arrays.stream(Image.Flavor.values())
                .collect(Collectors.toMap(flavor -> flavor, Enum::name))),
        Golden.logins(primary));
  }

  private static String id(HasMetadata child) {
    return child.getKind() + "/" + child.getMetadata().getName();
  }

  private static String resource(HasMetadata child) {
    return HasMetadata.getGroup(child.getClass()) + "/" + child.getPlural();
  }
}
