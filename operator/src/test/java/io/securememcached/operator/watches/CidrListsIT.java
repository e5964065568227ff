package io.securememcached.operator.watches;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.api.v1beta1.SourceListStatus;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.KubectlYaml;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A zone's CIDRs from a ConfigMap: followed live, and never opened by what can't be used. */
@WithApiServer
class CidrListsIT {

  private static final String SPEC =
      "{sourceZones: [{name: office, sources: [{cidr: 10.9.0.0/16}, {cidrsFrom: {configMap: office}}]}]}";
  private static final String POLICY = "cache-zone-office";

  private Scene scene;

  @BeforeEach
  void start(ApiServer server) {
    scene = Scene.operated(server);
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void policyFollowsTheListAndNoServerIsTouched() {
    list("10.1.0.0/16 # Berlin\n\n10.2.0.0/16\n");
    scene.createAndSettle("cache", SPEC);
    awaitAdmitted("10.9.0.0/16", "10.1.0.0/16", "10.2.0.0/16");
    assertThat(status())
        .containsExactly(
            new SourceListStatus("office", "cidrs", 2, List.of("10.1.0.0/16", "10.2.0.0/16"), ""));
    scene.condition("cache", Conditions.NETWORK_POLICIES_APPLIED, "Applied");
    String servers =
        scene.child(StatefulSet.class, "cache").get().getMetadata().getResourceVersion();
    String spec = scene.resource("cache").get().getSpec().toString();

    list("10.2.0.0/16\n10.3.0.0/16");
    awaitAdmitted("10.9.0.0/16", "10.2.0.0/16", "10.3.0.0/16");
    list("# nobody");
    awaitAdmitted("10.9.0.0/16");
    scene.condition("cache", Conditions.NETWORK_POLICIES_APPLIED, "Applied");
    list("10.2.0.0/16");
    awaitAdmitted("10.9.0.0/16", "10.2.0.0/16");

    scene.idle();
    assertThat(scene.child(StatefulSet.class, "cache").get().getMetadata().getResourceVersion())
        .isEqualTo(servers);
    assertThat(scene.resource("cache").get().getSpec()).hasToString(spec);
  }

  @Test
  void unchangedListIsReadOnceAndWritesNothing() {
    List<String> gets = new CopyOnWriteArrayList<>();
    scene.stopOperator();
    scene.startOperator(
        request -> {
          if (request.contains("/configmaps/")) {
            gets.add(request);
          }
        });
    list("10.1.0.0/16");
    scene.createAndSettle("cache", SPEC);
    awaitAdmitted("10.9.0.0/16", "10.1.0.0/16");
    scene.idle();
    assertThat(gets).hasSizeBetween(1, 2);
    Map<String, String> versions = scene.versions();
    int before = gets.size();
    scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
    versions.remove("SecureMemcached cache");
    assertThat(scene.versions()).containsAllEntriesOf(versions);
    assertThat(gets).hasSize(before);
    // The counter-example: a changed list is read again.
    list("10.2.0.0/16");
    awaitAdmitted("10.9.0.0/16", "10.2.0.0/16");
    assertThat(gets).hasSizeGreaterThan(before);
  }

  @Test
  void badLineIsNamedAndTheLastGoodListStays() {
    list("10.1.0.0/16");
    scene.createAndSettle("cache", SPEC);
    awaitAdmitted("10.9.0.0/16", "10.1.0.0/16");
    for (Map.Entry<String, String> bad :
        Map.of(
                "10.1.0.0/16\n10.2.0.0/16\ndb.example.com\n",
                "line 3: 'db.example.com' is a host name, and a NetworkPolicy knows addresses only; write its address, such as 10.0.4.7/32",
                "0.0.0.0/0",
                "line 1: '0.0.0.0/0' is wider than /8 (IPv6: /16, or /8 under fd00) and allows a large part of the internet",
                "8.0.0.0/8\n9.0.0.0/8",
                "its networks together are wider than one /8 (IPv6: one /16) and allow a large part of the internet; name those that need the cache",
                IntStream.range(0, 501)
                    .mapToObj(i -> "10.1.%d.%d/32".formatted(i / 256, i % 256))
                    .collect(Collectors.joining("\n")),
                "the list has 501 CIDRs, the limit is 500; join networks, or use several lists",
                "10.1.0.0/16\n#" + "x".repeat(65_536),
                "the list exceeds 65536 bytes; shorten comments, or join networks")
            .entrySet()) {
      list(bad.getKey());
      awaitProblem(bad.getValue(), "The last good list stays in force: 1 CIDR.");
      assertThat(admitted()).containsExactly("10.9.0.0/16", "10.1.0.0/16");
    }
    assertThat(events()).as("one for all of them").hasSize(1);
    assertThat(events().getFirst().getType()).isEqualTo("Warning");
    list("10.2.0.0/16");
    awaitAdmitted("10.9.0.0/16", "10.2.0.0/16");
    scene.condition("cache", Conditions.NETWORK_POLICIES_APPLIED, "Applied");
  }

  @Test
  void listThatWasNeverGoodAdmitsNobody() {
    list("web.example");
    scene.create("cache", SPEC);
    awaitProblem(
        "line 1: 'web.example' is a host name, and a NetworkPolicy knows addresses only; write its address, such as 10.0.4.7/32",
        "No good list was seen yet, so it admits nobody.");
    assertThat(admitted()).containsExactly("10.9.0.0/16");
    assertThat(status().getFirst().known()).isEmpty();
  }

  /** A zone of nothing but such a list: a rule without peers would admit everybody. */
  @Test
  void zoneWithoutAnyGoodListHasNoRule() {
    scene.create(
        "cache", "{sourceZones: [{name: office, sources: [{cidrsFrom: {configMap: office}}]}]}");
    awaitProblem(missing(), "No good list was seen yet, so it admits nobody.");
    assertThat(scene.child(NetworkPolicy.class, POLICY).get().getSpec().getIngress()).isEmpty();
    list("# nobody");
    scene.condition("cache", Conditions.NETWORK_POLICIES_APPLIED, "Applied");
    assertThat(scene.child(NetworkPolicy.class, POLICY).get().getSpec().getIngress()).isEmpty();
  }

  @Test
  void missingListOrLabelOrKeyKeepsTheLastGoodList() {
    list("10.1.0.0/16");
    scene.createAndSettle("cache", SPEC);
    awaitAdmitted("10.9.0.0/16", "10.1.0.0/16");

    map().delete();
    awaitProblem(missing(), "The last good list stays in force: 1 CIDR.");
    assertThat(admitted()).contains("10.1.0.0/16");

    list("10.2.0.0/16");
    awaitAdmitted("10.9.0.0/16", "10.2.0.0/16");
    map()
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\": {\"labels\": null}, \"data\": {\"cidrs\": \"10.3.0.0/16\"}}");
    awaitProblem(missing(), "The last good list stays in force: 1 CIDR.");
    assertThat(admitted()).containsExactly("10.9.0.0/16", "10.2.0.0/16");

    list(Map.of("other", "10.4.0.0/16"));
    awaitProblem(
        "the key does not exist; add it, empty to admit nobody",
        "The last good list stays in force: 1 CIDR.");
    scene.edit(
        "cache",
        "{sourceZones: [{name: office, sources: [{cidrsFrom: {configMap: office, key: other}}]}]}");
    awaitAdmitted("10.4.0.0/16");
    scene.settled("cache");
    assertThat(status()).extracting(SourceListStatus::key).containsExactly("other");
  }

  /** Without a label its owner has not consented. */
  @Test
  void unlabelledConfigMapIsNotRead() {
    List<String> gets = new CopyOnWriteArrayList<>();
    scene.stopOperator();
    scene.startOperator(
        request -> {
          if (request.contains("/configmaps/")) {
            gets.add(request);
          }
        });
    scene.client.resource(map(Map.of("cidrs", "s3cret"), Map.of())).create();
    scene.create("cache", SPEC);
    awaitProblem(missing(), "No good list was seen yet, so it admits nobody.");
    assertThat(gets).isEmpty();
  }

  /**
   * Also if somebody has changed the policy meanwhile: what it says is no record. Nobody but the
   * operator may write the status.
   */
  @Test
  void lastGoodListOutlivesTheOperatorAndAForgedPolicy() {
    list("10.1.0.0/16");
    scene.createAndSettle("cache", SPEC);
    awaitAdmitted("10.9.0.0/16", "10.1.0.0/16");
    scene.idle();
    scene.stopOperator();
    list("nonsense here");
    scene
        .child(NetworkPolicy.class, POLICY)
        .edit(
            policy -> {
              policy
                  .getSpec()
                  .getIngress()
                  .getFirst()
                  .getFrom()
                  .get(1)
                  .getIpBlock()
                  .setCidr("8.8.8.8/32");
              return policy;
            });
    assertThat(admitted()).as("forged").containsExactly("10.9.0.0/16", "8.8.8.8/32");
    scene.startOperator();
    awaitAdmitted("10.9.0.0/16", "10.1.0.0/16");
    awaitProblem(
        "line 1: 'nonsense here' is no network such as 10.0.4.0/24 or 10.0.4.7/32, with no host bits behind the prefix length",
        "The last good list stays in force: 1 CIDR.");

    // Restored drift, while the list is bad.
    scene.child(NetworkPolicy.class, POLICY).delete();
    awaitAdmitted("10.9.0.0/16", "10.1.0.0/16");
    // Once more by the next leader, which knows the status only.
    scene.stopOperator();
    map().delete();
    scene.startOperator();
    awaitProblem(missing(), "The last good list stays in force: 1 CIDR.");
    assertThat(admitted()).containsExactly("10.9.0.0/16", "10.1.0.0/16");
  }

  /** As a record of the last good list it would let its author open the servers. */
  @Test
  void statusOfAnAuthorCountsForNothing() {
    list("nonsense here");
    SecureMemcached forged = new SecureMemcached();
    forged.getMetadata().setName("cache");
    forged.getMetadata().setNamespace(scene.namespace);
    forged.setSpec(Serialization.unmarshal(KubectlYaml.json(SPEC), SecureMemcachedSpec.class));
    forged.setStatus(
        Serialization.unmarshal(
            KubectlYaml.json(
                "{sourceLists: [{configMap: office, key: cidrs, count: 1, cidrs: [8.8.8.8/32]}]}"),
            SecureMemcachedStatus.class));
    scene.client.resource(forged).create();
    awaitProblem(
        "line 1: 'nonsense here' is no network such as 10.0.4.0/24 or 10.0.4.7/32, with no host bits behind the prefix length",
        "No good list was seen yet, so it admits nobody.");
    assertThat(admitted()).containsExactly("10.9.0.0/16");
  }

  @Test
  void oneListServesSeveralZonesAndResources() {
    list("10.1.0.0/16");
    scene.createAndSettle(
        "cache",
        "{sourceZones: [{name: office, sources: [{cidrsFrom: {configMap: office}}]}, {name: vpn, sources: [{cidrsFrom: {configMap: office}}]}]}");
    scene.createAndSettle("carts", SPEC);
    for (String policy : List.of(POLICY, "cache-zone-vpn", "carts-zone-office")) {
      Scene.soon().untilAsserted(() -> assertThat(admitted(policy)).contains("10.1.0.0/16"));
    }
    assertThat(status()).hasSize(1);
    list("10.2.0.0/16");
    for (String policy : List.of(POLICY, "cache-zone-vpn", "carts-zone-office")) {
      Scene.soon()
          .untilAsserted(
              () ->
                  assertThat(admitted(policy))
                      .contains("10.2.0.0/16")
                      .doesNotContain("10.1.0.0/16"));
    }
  }

  /** More than the cache keeps of one object. */
  @Test
  void largestListsAreApplied() {
    StringBuilder sources = new StringBuilder();
    for (int list = 0; list < 8; list++) {
      String prefix = "2001:db8:1234:5678:9abc:%x".formatted(0xf000 + list);
      scene
          .client
          .resource(
              new ConfigMapBuilder(
                      map(
                          Map.of(
                              "cidrs",
                              IntStream.range(0, 500)
                                  .mapToObj(i -> "%s:ffff:%x/128".formatted(prefix, 0xf000 + i))
                                  .collect(Collectors.joining("\n"))),
                          Map.of(Labels.CIDRS, "")))
                  .editMetadata()
                  .withName("office-" + list)
                  .endMetadata()
                  .build())
          .create();
      sources.append("{cidrsFrom: {configMap: office-%d}}, ".formatted(list));
    }
    scene.createAndSettle(
        "cache", "{sourceZones: [{name: office, sources: [%s]}]}".formatted(sources));
    Scene.soon().untilAsserted(() -> assertThat(admitted()).hasSize(4000));
    scene.idle();
    Map<String, String> versions = scene.versions();
    versions.remove("SecureMemcached cache");
    scene.pass(() -> scene.annotate("cache", "securememcached.io/look", "again"));
    assertThat(scene.versions()).containsAllEntriesOf(versions);
  }

  private String missing() {
    return "it does not exist or lacks the label securememcached.io/cidrs; create it with this label, or run: kubectl --namespace %s label configmap office securememcached.io/cidrs="
        .formatted(scene.namespace);
  }

  private void awaitProblem(String problem, String consequence) {
    String message = "ConfigMap office, key cidrs: %s. %s".formatted(problem, consequence);
    Scene.soon()
        .untilAsserted(
            () -> {
              for (String type : List.of(Conditions.NETWORK_POLICIES_APPLIED, Conditions.READY)) {
                assertThat(scene.conditionText("cache", type))
                    .isEqualTo("False SourceListUnusable " + message);
              }
            });
    assertThat(status().getFirst().problem()).isEqualTo(problem);
  }

  private List<SourceListStatus> status() {
    return scene.resource("cache").get().getStatus().sourceLists();
  }

  private List<Event> events() {
    return scene.client.v1().events().inNamespace(scene.namespace).list().getItems().stream()
        .filter(event -> event.getReason().equals("SourceListUnusable"))
        .toList();
  }

  private void awaitAdmitted(String... cidrs) {
    Scene.soon().untilAsserted(() -> assertThat(admitted()).containsExactly(cidrs));
  }

  private List<String> admitted() {
    return admitted(POLICY);
  }

  private List<String> admitted(String policy) {
    NetworkPolicy found = scene.child(NetworkPolicy.class, policy).get();
    assertThat(found).as(policy).isNotNull();
    return found.getSpec().getIngress().stream()
        .flatMap(rule -> rule.getFrom().stream())
        .map(peer -> peer.getIpBlock().getCidr())
        .toList();
  }

  private Resource<ConfigMap> map() {
    return scene.child(ConfigMap.class, "office");
  }

  private void list(String cidrs) {
    list(Map.of("cidrs", cidrs));
  }

  private void list(Map<String, String> data) {
    ConfigMap now = map(data, Map.of(Labels.CIDRS, ""));
    if (map().get() == null) {
      scene.client.resource(now).create();
    } else {
      scene.client.resource(now).update();
    }
  }

  private ConfigMap map(Map<String, String> data, Map<String, String> labels) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(scene.namespace)
        .withName("office")
        .withLabels(labels)
        .endMetadata()
        .withData(data)
        .build();
  }
}
