package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.api.v1beta1.ExposingAnnotations;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.client.ApiClient;
import io.securememcached.operator.process.TestingOperator;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What whoever has the token of the operator's account can do with it, on a real API server with
 * the policies of install.yaml. That the operator itself can still do all it has to is shown by
 * every other test that runs a {@link TestingOperator}.
 */
@WithApiServer
class AdmissionPolicyIT {

  private static final String LABELS =
      "labels: {app.kubernetes.io/managed-by: securememcached-operator}";
  private static final String OWNER =
      "ownerReferences: [{apiVersion: securememcached.io/v1beta1, kind: SecureMemcached, name: x, uid: x, controller: true}]";
  private static final String SERVER_POD =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: sessions-0
        labels: {securememcached.io/server-of: sessions}
        annotations: {note: other}
      spec:
        containers: [{name: memcached, image: memcached}]
      """;

  private final KubernetesClient admin;
  private final KubernetesClient account;
  private final String namespace;

  AdmissionPolicyIT(ApiServer server) {
    admin = server.client();
    namespace = server.newNamespace();
    account = ApiClient.of(server.accountConfig());
    letReadPods();
  }

  /** The client of these tests reads what it patches; the operator has no right to read one pod. */
  private void letReadPods() {
    bind(
        "pods",
        ApiServer.ACCOUNT,
        "{apiGroups: [''], resources: [pods, pods/status], verbs: [get]}");
  }

  private void bind(String role, String user, String rule) {
    admin
        .resource(
            yaml(
                "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: %s}, rules: [%s]}"
                    .formatted(role, rule)))
        .inNamespace(namespace)
        .create();
    admin
        .resource(
            yaml(
                "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: %s}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: %s}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: '%s'}]}"
                    .formatted(role, role, user)))
        .inNamespace(namespace)
        .create();
  }

  /** Policies take effect a moment after they were created. */
  @BeforeEach
  void awaitPolicies() {
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThatThrownBy(
                        () ->
                            account
                                .resource(
                                    yaml(
                                        "{apiVersion: v1, kind: ServiceAccount, metadata: {name: x}}"))
                                .inNamespace(namespace)
                                .dryRun()
                                .create())
                    .hasMessageContaining("the operator's ServiceAccount"));
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              admin.pods().inNamespace(namespace).resource(pod()).serverSideApply();
              assertRefused(
                  () -> patch("sessions-0", "{metadata: {finalizers: [a.b/c]}}"), "in a pod");
            });
  }

  @AfterEach
  void close() {
    account.close();
  }

  /** With all rights of a namespace's editor; else a tenant's objects would fill the memory. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "apiVersion: v1, kind: Secret",
        "apiVersion: v1, kind: Service, spec: {ports: [{port: 80}]}",
        "apiVersion: v1, kind: ServiceAccount",
        "apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {podSelector: {}}",
        "apiVersion: policy/v1, kind: PodDisruptionBudget, spec: {maxUnavailable: 1, selector: {}}",
        "apiVersion: apps/v1, kind: StatefulSet, spec: {serviceName: x, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: x, image: x}]}}}"
      })
  void tenantsGiveTheOperatorsLabelToNothing(String object, ApiServer server) {
    bind(
        "tenant",
        "tenant",
        "{apiGroups: ['*'], resources: [secrets, services, serviceaccounts, networkpolicies, poddisruptionbudgets, statefulsets], verbs: ['*']}");
    try (KubernetesClient tenant = as("tenant", server)) {
      String labelled = "{%s, metadata: {name: planted, %s}}".formatted(object, LABELS);
      String message = "is reserved for the operator's objects";
      assertRefused(() -> apply(tenant, labelled), message);
      apply(tenant, "{%s, metadata: {name: planted}}".formatted(object));
      assertRefused(() -> apply(tenant, labelled), message);
      // As who restores a backup.
      apply(admin, labelled);
      tenant
          .resource(yaml(labelled))
          .inNamespace(namespace)
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              "{\"metadata\": {\"annotations\": {\"a\": \"b\"}}}");
    }
  }

  /** Neither by a pod of its own nor by a StatefulSet, of which its controller would make them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "apiVersion: v1, kind: Pod, metadata: {name: planted, labels: {a: b%s}}, spec: {containers: [{name: x, image: x}]}",
        "apiVersion: apps/v1, kind: StatefulSet, metadata: {name: planted}, spec: {serviceName: x, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b%s}}, spec: {containers: [{name: x, image: x}]}}}"
      })
  void tenantsGiveTheServersLabelToNothing(String object, ApiServer server) {
    bind("tenant", "tenant", "{apiGroups: ['*'], resources: [pods, statefulsets], verbs: ['*']}");
    try (KubernetesClient tenant = as("tenant", server)) {
      String labelled = "{" + object.formatted(", securememcached.io/server-of: sessions") + "}";
      String message = "is reserved for the servers of a SecureMemcached";
      assertRefused(() -> apply(tenant, labelled), message);
      apply(tenant, "{" + object.formatted("") + "}");
      assertRefused(() -> apply(tenant, labelled), message);
      // As who restores a backup. What has the label may be changed.
      apply(admin, labelled);
      apply(tenant, labelled.replace("name: planted", "name: planted, annotations: {a: b}"));
    }
  }

  /** It runs under a name of its own in one distribution, and under a shared one in another. */
  @Test
  void whoMayWriteTheStatusOfStatefulSetsMakesServersPods(ApiServer server) {
    bind(
        "controller",
        "controller",
        "{apiGroups: [''], resources: [pods], verbs: ['*']}, {apiGroups: [apps], resources: [statefulsets/status], verbs: [update]}");
    try (KubernetesClient controller = as("controller", server)) {
      apply(controller, SERVER_POD.replace("sessions-0", "sessions-1"));
    }
  }

  /** Nobody may, and the message has the command that allows it. */
  @Test
  void protectedResourceIsNotDeleted() {
    var resources = admin.resources(SecureMemcached.class).inNamespace(namespace);
    String resource =
        "{apiVersion: securememcached.io/v1beta1, kind: SecureMemcached, metadata: {name: %s}, spec: {deletionProtection: %s}}";
    apply(admin, resource.formatted("precious", "true"));
    apply(admin, resource.formatted("other", "false"));
    // A policy takes effect a moment after it was created.
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertRefused(
                    () -> resources.withName("precious").dryRun().delete(),
                    "kubectl patch securememcached precious --namespace "
                        + namespace
                        + " --type merge --patch '{\"spec\": {\"deletionProtection\": false}}'"));
    assertRefused(() -> resources.withName("precious").delete(), "is true, as its caches");
    assertRefused(resources::delete, "is true, as its caches");
    assertThat(resources.withName("precious").get().getMetadata().getDeletionTimestamp()).isNull();
    resources
        .withName("precious")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"deletionProtection\": false}}");
    resources.withName("precious").delete();
    resources.withName("other").delete();
    assertThat(resources.list().getItems()).isEmpty();
  }

  /** It loses its pods and Secrets in any case, and must not hang. */
  @Test
  void namespaceWithAProtectedResourceCanBeDeleted() {
    apply(
        admin,
        "{apiVersion: securememcached.io/v1beta1, kind: SecureMemcached, metadata: {name: precious}, spec: {deletionProtection: true}}");
    admin.namespaces().withName(namespace).delete();
    var resources = admin.resources(SecureMemcached.class).inNamespace(namespace);
    // As the namespace controller does.
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              resources.delete();
              assertThat(resources.list().getItems()).isEmpty();
            });
  }

  /** A person may stop all servers; what watches a load may not, whoever it is. */
  @Test
  void autoscalerDoesNotRemoveTheLastServer() {
    apply(
        admin,
        "{apiVersion: securememcached.io/v1beta1, kind: SecureMemcached, metadata: {name: scaled}, spec: {replicas: 2}}");
    var resource = admin.resources(SecureMemcached.class).inNamespace(namespace).withName("scaled");
    // A policy takes effect a moment after it was created.
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              // Not yet refused, it has none left.
              scale("scaled", 2);
              assertRefused(
                  () -> scale("scaled", 0),
                  "kubectl patch securememcached scaled --namespace "
                      + namespace
                      + " --type merge --patch '{\"spec\": {\"replicas\": 0}}'");
            });
    assertThat(resource.get().getSpec().replicas()).isEqualTo(2);
    scale("scaled", 1);
    assertRefused(() -> scale("scaled", 0), "minReplicas: 1");
    scale("scaled", 3);
    assertThat(resource.get().getSpec().replicas()).isEqualTo(3);

    // As the message says.
    resource.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"replicas\": 0}}");
    // A Scale without a change is not refused.
    scale("scaled", 0);
    assertThat(resource.get().getSpec().replicas()).isZero();
    scale("scaled", 2);
    assertThat(resource.get().getSpec().replicas()).isEqualTo(2);
  }

  /** The counter-example: nothing else refuses it. */
  @Test
  void withoutThePolicyAnAutoscalerRemovesTheLastServer() {
    apply(
        admin,
        "{apiVersion: securememcached.io/v1beta1, kind: SecureMemcached, metadata: {name: scaled}, spec: {replicas: 2}}");
    var bindings = admin.admissionRegistration().v1().validatingAdmissionPolicyBindings();
    var binding = bindings.withName("securememcached-operator-scaling");
    var removed = binding.get();
    binding.delete();
    try {
      await()
          .atMost(Duration.ofMinutes(1))
          .ignoreExceptionsInstanceOf(KubernetesClientException.class)
          .untilAsserted(() -> scale("scaled", 0));
      assertThat(
              admin
                  .resources(SecureMemcached.class)
                  .inNamespace(namespace)
                  .withName("scaled")
                  .get()
                  .getSpec()
                  .replicas())
          .isZero();
    } finally {
      removed.getMetadata().setResourceVersion(null);
      bindings.resource(removed).create();
    }
  }

  /** As an autoscaler does, and kubectl scale. */
  private void scale(String name, int replicas) {
    var resource = admin.resources(SecureMemcached.class).inNamespace(namespace).withName(name);
    Scale scale = resource.scale();
    scale.getSpec().setReplicas(replicas);
    resource.scale(scale);
  }

  private KubernetesClient as(String user, ApiServer server) {
    Config config = server.config();
    config.setImpersonateUsername(user);
    return ApiClient.of(config);
  }

  private void apply(KubernetesClient who, String object) {
    who.resource(yaml(object)).inNamespace(namespace).forceConflicts().serverSideApply();
  }

  /**
   * A Secret that consents to a copy of a login stays its owner's, but for the keys of the login.
   */
  @Test
  void onlyTheKeysOfALoginAreWrittenAndOnlyWhereASecretConsents() {
    String start = "{apiVersion: v1, kind: Secret, metadata: {name: %s%s}";
    String label = ", labels: {securememcached.io/copy-from: elsewhere}";
    apply(admin, start.formatted("consents", label) + ", stringData: {own: kept, port: old}}");
    apply(admin, start.formatted("silent", "") + ", stringData: {port: old}}");
    var consenting = account.secrets().inNamespace(namespace).withName("consents");
    PatchContext merge = PatchContext.of(PatchType.JSON_MERGE);

    applyAsOperator(
        "{apiVersion: v1, kind: Secret, metadata: {name: consents}, data: {password: cA==, port: bmV3}}");
    String message = "may change and delete only objects";
    for (String patch :
        new String[] {
          "{\"stringData\": {\"own\": \"changed\"}}",
          // By no apply, it would be recorded as another manager's.
          "{\"stringData\": {\"port\": \"newer\"}}",
          "{\"data\": {\"own\": null}}",
          "{\"stringData\": {\"more\": \"x\"}}",
          "{\"metadata\": {\"labels\": {\"app.kubernetes.io/managed-by\": \"securememcached-operator\"}}}",
          "{\"metadata\": {\"annotations\": {\"a\": \"b\"}}}",
          "{\"immutable\": true}"
        }) {
      assertRefused(() -> consenting.patch(merge, patch), message);
    }
    assertRefused(consenting::delete, message);
    assertRefused(
        () ->
            account
                .secrets()
                .inNamespace(namespace)
                .withName("silent")
                .patch(merge, "{\"stringData\": {\"port\": \"new\"}}"),
        message);
  }

  /**
   * The record that the operator has once written it makes a Secret of somebody else no object of
   * the operator's: after the label is gone only the keys go that are still its own.
   */
  @Test
  void ofASecretThatOnceConsentedOnlyTheOwnKeysAreTakenOut() {
    apply(
        admin,
        "{apiVersion: v1, kind: Secret, metadata: {name: once, labels: {securememcached.io/copy-from: elsewhere}}, stringData: {own: kept, host: theirs}}");
    String copy =
        "{apiVersion: v1, kind: Secret, metadata: {name: once%s}, data: {port: cA==, password: cA==%s}}";
    applyAsOperator(copy.formatted("", ""));
    var once = admin.secrets().inNamespace(namespace).withName("once");
    PatchContext merge = PatchContext.of(PatchType.JSON_MERGE);
    once.patch(merge, "{\"stringData\": {\"port\": \"theirs\"}}");
    var stolen = account.secrets().inNamespace(namespace).withName("once");
    String message = "may change and delete only objects";
    assertRefused(() -> stolen.patch(merge, "{\"data\": {\"port\": null}}"), message);
    assertRefused(() -> stolen.patch(merge, "{\"data\": {\"host\": null}}"), message);
    once.patch(merge, "{\"metadata\": {\"labels\": {\"securememcached.io/copy-from\": null}}}");

    assertRefused(stolen::delete, message);
    for (String object :
        List.of(
            copy.formatted("", ", username: cA=="),
            // The value that it has: as if the operator had written it, to take it out next.
            copy.formatted("", ", host: dGhlaXJz"),
            copy.formatted(", " + LABELS + ", " + OWNER, ""))) {
      assertRefused(() -> applyAsOperator(object), message);
    }
    for (String patch :
        List.of(
            "{\"stringData\": {\"password\": \"other\"}}",
            "{\"data\": {\"port\": null}}",
            "{\"data\": {\"own\": null}}",
            "{\"metadata\": {\"annotations\": {\"a\": \"b\"}}}")) {
      assertRefused(() -> stolen.patch(merge, patch), message);
    }
    // The counter-example: what is still the operator's own goes.
    applyAsOperator("{apiVersion: v1, kind: Secret, metadata: {name: once}}");
    assertThat(once.get().getData()).containsOnlyKeys("own", "host", "port");
  }

  /**
   * A plain patch may forge who owns which key. Whoever applies next, as Argo CD and Flux do, would
   * delete what it seems to have left out.
   */
  @Test
  void recordOfWhoWroteWhatIsNotForged() {
    String secret = "{apiVersion: v1, kind: Secret, metadata: {name: shared%s}, data: {%s}}";
    String label = ", labels: {securememcached.io/copy-from: elsewhere}";
    apply(admin, secret.formatted(label, "own: a2VwdA==, host: aA=="));
    admin
        .resource(yaml(secret.formatted("", "own: a2VwdA==, port: b2xk")))
        .inNamespace(namespace)
        .fieldManager("argocd-controller")
        .serverSideApply();
    applyAsOperator(secret.formatted("", "password: cA=="));
    var shared = admin.secrets().inNamespace(namespace).withName("shared");
    assertRecordIsNotForged();
    // Claimed by an apply, with the value that it has, to take it out next.
    assertRefused(
        () -> applyAsOperator(secret.formatted("", "password: cA==, host: aA==")),
        "may change and delete only objects");
    assertRefused(
        () -> applyAsOperator(secret.formatted("", "password: cA==, own: a2VwdA==")),
        "may change and delete only objects");

    // The counter-example: what the operator does, also to a key that another one has applied.
    applyAsOperator(secret.formatted("", "password: cA==, port: bmV3"));
    assertThat(record("argocd-controller", shared.get())).doesNotContain("f:port");

    shared.patch(
        PatchContext.of(PatchType.JSON_MERGE),
        "{\"metadata\": {\"labels\": {\"securememcached.io/copy-from\": null}}}");
    assertRecordIsNotForged();
    applyAsOperator("{apiVersion: v1, kind: Secret, metadata: {name: shared}}");
    assertThat(shared.get().getData()).containsOnlyKeys("own", "host");
  }

  private void assertRecordIsNotForged() {
    var stolen = account.secrets().inNamespace(namespace).withName("shared");
    String entries = recordsOf("shared");
    String patch = "{\"metadata\": {\"managedFields\": %s}}";
    for (String forged :
        List.of(
            // Another manager's entry gains a key, or loses one.
            entries.replace("\"f:own\":{}", "\"f:own\":{},\"f:password\":{}"),
            entries.replace("\"f:own\":{}", "\"f:other\":{}"),
            // The operator's entry gains one that it never wrote.
            entries.replace("\"f:password\":{}", "\"f:password\":{},\"f:host\":{}"),
            entries.replace("\"f:password\":{}", "\"f:password\":{},\"f:own\":{}"),
            "[{}]")) {
      assertThat(forged).isNotEqualTo(entries);
      assertRefused(
          () -> stolen.patch(PatchContext.of(PatchType.JSON_MERGE), patch.formatted(forged)),
          "may change and delete only objects");
    }
  }

  private String recordsOf(String secret) {
    return admin
        .getKubernetesSerialization()
        .asJson(
            admin
                .secrets()
                .inNamespace(namespace)
                .withName(secret)
                .get()
                .getMetadata()
                .getManagedFields());
  }

  private String record(String manager, Secret secret) {
    return secret.getMetadata().getManagedFields().stream()
        .filter(entry -> entry.getManager().equals(manager))
        .map(admin.getKubernetesSerialization()::asJson)
        .collect(Collectors.joining());
  }

  /**
   * A policy has no owner: without its labels, that the operator applied it is all that is left.
   */
  @Test
  void policyWithoutItsLabelsIsStillTheOperators() {
    String policy =
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny%s}, spec: {podSelector: {}}}";
    applyAsOperator(policy.formatted(", " + LABELS));
    admin
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(namespace)
        .withName("deny")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\": {\"labels\": {\"app.kubernetes.io/managed-by\": null}}}");
    applyAsOperator(policy.formatted(", " + LABELS));
  }

  private void applyAsOperator(String object) {
    account
        .resource(yaml(object))
        .inNamespace(namespace)
        .fieldManager("securememcached-operator")
        .forceConflicts()
        .serverSideApply();
  }

  /** Each is allowed once it is the operator's own, and confined. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          v1                   | ServiceAccount      | {}
          v1                   | Secret              | {}
          v1                   | Service             | {spec: {ports: [{port: 11211}]}}
          networking.k8s.io/v1 | NetworkPolicy       | {spec: {podSelector: {}}}
          policy/v1            | PodDisruptionBudget | {spec: {maxUnavailable: 1}}
          apps/v1              | StatefulSet         | {spec: {serviceName: x, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {serviceAccountName: x, automountServiceAccountToken: false, containers: [{name: x, image: x, securityContext: {allowPrivilegeEscalation: false}}]}}}}
          """)
  void objectsAreLabelledAndOwned(String version, String kind, String content) {
    assertRefused(() -> create(version, kind, "", content), "with the label");
    if (!kind.equals("Secret") && !kind.equals("NetworkPolicy")) {
      assertRefused(() -> create(version, kind, LABELS, content), "that are owned by");
    }
    assertRefused(() -> create(version, kind, OWNER, content), "with the label");
    create(version, kind, LABELS + ", " + OWNER, content);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          volumes: [{name: x, hostPath: {path: /}}]
          hostNetwork: true
          hostPID: true
          automountServiceAccountToken: true
          serviceAccountName: admin
          volumes: [{name: x, projected: {sources: [{serviceAccountToken: {path: t}}]}}]
          initContainers: [{name: y, image: x, securityContext: {privileged: true}}]
          initContainers: [{name: y, image: x}]
          """)
  void serversHaveNoTokenAndNothingOfTheNode(String fault) {
    String name = fault.substring(0, fault.indexOf(':'));
    String spec =
        "serviceAccountName: x, automountServiceAccountToken: false, containers: [{name: x, image: x, securityContext: {allowPrivilegeEscalation: false}}]";
    String faulty =
        Arrays.stream(spec.split(", (?=[a-zA-Z]+: )"))
                .filter(part -> !part.startsWith(name + ":"))
                .collect(Collectors.joining(", "))
            + ", "
            + fault;
    assertRefused(
        () ->
            create(
                "apps/v1",
                "StatefulSet",
                LABELS + ", " + OWNER,
                "{spec: {serviceName: x, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {%s}}}}"
                    .formatted(faulty)),
        "only StatefulSets whose pods");
  }

  @Test
  void secretThatKubernetesFillsWithATokenIsRefused() {
    assertRefused(
        () ->
            create(
                "v1",
                "Secret",
                LABELS + ", annotations: {kubernetes.io/service-account.name: default}, " + OWNER,
                "{type: kubernetes.io/service-account-token}"),
        "Secrets of type");
  }

  @Test
  void serviceOfForeignAddressesIsRefused() {
    assertRefused(
        () ->
            create(
                "v1",
                "Service",
                LABELS + ", " + OWNER,
                "{spec: {ports: [{port: 53}], externalIPs: [192.0.2.1]}}"),
        "without externalIPs");
  }

  /** Each field of a Service of type LoadBalancer that would open a server is refused. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          loadBalancerSourceRanges: [10.0.4.0/24] | loadBalancerSourceRanges: []
          loadBalancerSourceRanges: [10.0.4.0/24] | loadBalancerSourceRanges: [0.0.0.0/0]
          loadBalancerSourceRanges: [10.0.4.0/24] | loadBalancerSourceRanges: [10.0.4.0/24, '::/0']
          externalTrafficPolicy: Local | externalTrafficPolicy: Cluster
          statefulset.kubernetes.io/pod-name: x-0 | a: b
          securememcached.io/server-of: x | c: d
          """)
  void serviceThatOpensMoreThanOneServerToNetworksIsRefused(String closed, String open) {
    String spec =
        "{spec: {type: LoadBalancer, externalTrafficPolicy: Local, loadBalancerSourceRanges: [10.0.4.0/24], "
            + "selector: {statefulset.kubernetes.io/pod-name: x-0, securememcached.io/server-of: x}, ports: [{port: 11211}]}}";
    String opened = spec.replace(closed, open);
    assertThat(opened).isNotEqualTo(spec);
    assertRefused(
        () -> create("v1", "Service", LABELS + ", " + OWNER, opened), "without externalIPs");
    create("v1", "Service", LABELS + ", " + OWNER, spec);
  }

  @Test
  void onlyServicesForClientsOutsideAreDeleted() {
    for (String name : List.of("sessions", "sessions-0-external")) {
      apply(
          admin,
          "{apiVersion: v1, kind: Service, metadata: {name: %s, %s, %s}, spec: {ports: [{port: 11211}]}}"
              .formatted(name, LABELS, OWNER));
    }
    var services = account.services().inNamespace(namespace);
    assertRefused(services.withName("sessions")::delete, "may delete only Services for clients");
    services.withName("sessions-0-external").delete();
  }

  @Test
  void foreignObjectIsNeitherChangedNorDeletedNorTaken() {
    var secrets = admin.secrets().inNamespace(namespace);
    secrets
        .resource((Secret) yaml("{apiVersion: v1, kind: Secret, metadata: {name: theirs}}"))
        .create();
    var stolen = account.secrets().inNamespace(namespace).withName("theirs");
    PatchContext merge = PatchContext.of(PatchType.JSON_MERGE);
    assertRefused(
        () -> stolen.patch(merge, "{\"stringData\": {\"a\": \"b\"}}"), "may change and delete");
    assertRefused(
        () ->
            stolen.patch(
                merge,
                "{\"metadata\": {\"labels\": {\"app.kubernetes.io/managed-by\": \"securememcached-operator\"}}}"),
        "may change and delete");
    assertRefused(stolen::delete, "may change and delete");
    // The counter-example: the same with the operator's label.
    secrets
        .withName("theirs")
        .patch(
            merge,
            "{\"metadata\": {\"labels\": {\"app.kubernetes.io/managed-by\": \"securememcached-operator\"}}}");
    stolen.patch(merge, "{\"stringData\": {\"a\": \"b\"}}");
    stolen.delete();
    assertThat(secrets.withName("theirs").get()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          spec: {containers: [{name: memcached, image: evil}]}
          metadata: {labels: {securememcached.io/server-of: null}}
          metadata: {labels: {app.kubernetes.io/managed-by: me}}
          metadata: {annotations: {k8s.v1.cni.cncf.io/networks: open}}
          metadata: {finalizers: [example.com/x]}
          """)
  void nothingOfAPodIsChangedButLabelsAndAnnotations(String patch) {
    assertRefused(() -> patch("sessions-0", "{" + patch + "}"), "in a pod but");
    patch(
        "sessions-0",
        "{metadata: {labels: {team: web}, annotations: {securememcached.io/sasldb-changed: now, note: null}}}");
  }

  /** The policy has prefixes, the CRD the whole keys. */
  @Test
  void everyExposingAnnotationIsRefused() {
    assertThat(ExposingAnnotations.keys())
        .isNotEmpty()
        .allSatisfy(
            key ->
                assertRefused(
                    () -> patch("sessions-0", "{metadata: {annotations: {" + key + ": x}}}"),
                    "in a pod but"));
  }

  @Test
  void podThatIsNoServerIsNotChanged() {
    admin
        .pods()
        .inNamespace(namespace)
        .resource(
            (Pod)
                yaml(
                    "{apiVersion: v1, kind: Pod, metadata: {name: theirs}, spec: {containers: [{name: x, image: x}]}}"))
        .create();
    assertRefused(
        () ->
            patch("theirs", "{metadata: {annotations: {securememcached.io/sasldb-changed: now}}}"),
        "with the label securememcached.io/server-of");
    assertRefused(
        () -> account.pods().inNamespace(namespace).withName("theirs").delete(),
        "with the label securememcached.io/server-of");
  }

  @Test
  void serverIsRestarted() {
    account.pods().inNamespace(namespace).withName("sessions-0").delete();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          status: {podIP: 192.0.2.1}
          status: {phase: Failed}
          status: {conditions: [{type: Ready, status: 'True'}]}
          status: {conditions: [{type: Initialized, status: 'False'}]}
          """)
  void nothingOfAStatusIsChangedButOneCondition(String patch) {
    admin
        .pods()
        .inNamespace(namespace)
        .withName("sessions-0")
        .subresource("status")
        .patch(
            PatchContext.of(PatchType.STRATEGIC_MERGE),
            "{\"status\": {\"phase\": \"Running\", \"conditions\": [{\"type\": \"Initialized\", \"status\": \"True\"}]}}");
    assertRefused(() -> patchStatus("{" + patch + "}"), "in a pod's status but");
    patchStatus("{status: {conditions: [{type: securememcached.io/verified, status: 'True'}]}}");
    assertRefused(
        () -> patchStatus("{metadata: {labels: {securememcached.io/server-of: web}}}"),
        "in a pod but");
  }

  private void create(String version, String kind, String metadata, String content) {
    String object =
        "apiVersion: %s\nkind: %s\nmetadata: {name: x%s}\n%s"
            .formatted(
                version,
                kind,
                metadata.isEmpty() ? "" : ", " + metadata,
                content.substring(1, content.length() - 1));
    account.resource(yaml(object)).inNamespace(namespace).dryRun().create();
  }

  private HasMetadata yaml(String text) {
    return admin.getKubernetesSerialization().unmarshal("---\n" + text);
  }

  private String json(String yaml) {
    var serialization = admin.getKubernetesSerialization();
    return serialization.asJson(serialization.unmarshal("---\n" + yaml, Map.class));
  }

  private Pod pod() {
    return (Pod) yaml(SERVER_POD);
  }

  private void patch(String pod, String patch) {
    account
        .pods()
        .inNamespace(namespace)
        .withName(pod)
        .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), json(patch));
  }

  private void patchStatus(String patch) {
    account
        .pods()
        .inNamespace(namespace)
        .withName("sessions-0")
        .subresource("status")
        .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), json(patch));
  }

  private static void assertRefused(Runnable request, String message) {
    assertThatThrownBy(request::run)
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("ValidatingAdmissionPolicy")
        .hasMessageContaining(message);
  }
}
