package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The chart grants what the operator used in all tests before this one, and nothing else. Alone it
 * fails, as then nearly nothing was used.
 */
@ExtendWith(E2EEnvironment.class)
@Order(Integer.MAX_VALUE)
class RbacE2E {

  private static final String ACCOUNT =
      "system:serviceaccount:" + Installation.NAMESPACE + ":" + Installation.RELEASE;

  private static final String EXPORTER = Installation.RELEASE + "-exporter";
  private static final String METRICS = Installation.RELEASE + "-metrics-authentication";

  /** What is granted and can't be seen in the audit log, with the reason. */
  private static final Map<String, String> UNSEEN =
      unseen(
          Map.of(
              "update securememcached.io/securememcacheds/finalizers",
              "asked by an admission plugin that not every cluster has, without a request of its own"),
          "watched where the cluster has the Gateway API's CRDs, which the testbed has not");

  /** What MetricsE2E takes away while a process that asks for it still runs. */
  private static final Set<String> TAKEN_AWAY =
      Set.of(
          "create authentication.k8s.io/tokenreviews",
          "create authorization.k8s.io/subjectaccessreviews");

  private final KubernetesClient client;
  private final Set<String> granted = new TreeSet<>();
  private final AuditLog log;
  private final AuditLog exporterLog;

  RbacE2E(Cluster cluster, Installation installation) {
    client = cluster.client();
    if (!(cluster instanceof TestbedCluster testbed)) {
      throw new IllegalStateException(
          "Only the testbed keeps an audit log; run this test with -Dcluster=testbed");
    }
    log = AuditLog.read(testbed.auditLog(), ACCOUNT, installation.started(), testbed.restarts());
    exporterLog =
        AuditLog.read(
            testbed.auditLog(),
            "system:serviceaccount:" + Installation.NAMESPACE + ":" + EXPORTER,
            installation.started(),
            testbed.restarts());
    rules(
            List.of(Installation.RELEASE, METRICS),
            List.of(Installation.RELEASE + "-lease", EXPORTER + "-key"))
        .forEach(rule -> granted.addAll(rightsOf(rule)));
  }

  private static Map<String, String> unseen(Map<String, String> some, String routes) {
    Map<String, String> all = new HashMap<>(some);
    for (String kind : List.of("http", "grpc", "tcp", "tls", "udp")) {
      for (String verb : List.of("list", "watch")) {
        all.put(verb + " gateway.networking.k8s.io/" + kind + "routes", routes);
      }
    }
    return all;
  }

  private List<PolicyRule> rules(List<String> clusterRoles, List<String> roles) {
    List<PolicyRule> rules = new ArrayList<>();
    clusterRoles.forEach(
        name -> rules.addAll(client.rbac().clusterRoles().withName(name).get().getRules()));
    roles.forEach(
        name ->
            rules.addAll(
                client
                    .rbac()
                    .roles()
                    .inNamespace(Installation.NAMESPACE)
                    .withName(name)
                    .get()
                    .getRules()));
    return rules;
  }

  private static Set<String> rightsOf(PolicyRule rule) {
    Set<String> rights = new TreeSet<>();
    for (String group : rule.getApiGroups()) {
      for (String resource : rule.getResources()) {
        rule.getVerbs().forEach(verb -> rights.add(verb + " " + group + "/" + resource));
      }
    }
    return rights;
  }

  @Test
  void grantsWhatIsUsedAndNothingElse() {
    assertGrantsWhatIsUsed(granted, log.used());
  }

  @Test
  void exporterIsGrantedWhatItUsesAndNothingElse() {
    Set<String> its = new TreeSet<>();
    rules(List.of(EXPORTER, METRICS), List.of(EXPORTER + "-login"))
        .forEach(rule -> its.addAll(rightsOf(rule)));
    assertGrantsWhatIsUsed(its, exporterLog.used());
    assertThat(exporterLog.refused()).isSubsetOf(TAKEN_AWAY);
  }

  @Test
  void findsRightsThatAreNotUsedOrNotGranted() {
    Set<String> tooMany = new TreeSet<>(granted);
    tooMany.add("list /nodes");
    Checks.assertFails(() -> assertGrantsWhatIsUsed(tooMany, log.used()));
    Set<String> tooFew = new TreeSet<>(granted);
    tooFew.remove("patch apps/statefulsets");
    Checks.assertFails(() -> assertGrantsWhatIsUsed(tooFew, log.used()));
  }

  private static void assertGrantsWhatIsUsed(Set<String> granted, Set<String> used) {
    Set<String> unused = new TreeSet<>(granted);
    unused.removeAll(used);
    unused.removeAll(UNSEEN.keySet());
    assertThat(unused).as("granted and not used").isEmpty();
    Set<String> missing = new TreeSet<>(used);
    missing.removeAll(granted);
    assertThat(missing).as("used and not granted").isEmpty();
  }

  @Test
  void nothingWasRefused() {
    assertThat(log.refused()).isSubsetOf(TAKEN_AWAY);
  }

  @Test
  void nothingIsGrantedByAWildcard() {
    assertThat(granted).noneMatch(right -> right.contains("*"));
    assertThat(
            client.rbac().clusterRoleBindings().list().getItems().stream()
                .filter(
                    binding ->
                        binding.getSubjects().stream()
                            .anyMatch(
                                subject ->
                                    Installation.NAMESPACE.equals(subject.getNamespace())
                                        && Installation.RELEASE.equals(subject.getName()))))
        .extracting(binding -> binding.getRoleRef().getName())
        .containsExactlyInAnyOrder(Installation.RELEASE, METRICS);
  }
}
