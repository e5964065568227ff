package io.securememcached.operator.install;

import static io.securememcached.operator.testing.Scene.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.KubectlYaml;
import io.securememcached.operator.testing.Scene;
import io.securememcached.operator.testing.WithApiServer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * The common policies of Kyverno and Gatekeeper, quotas and LimitRanges, on a real API server:
 * everything passes, or the message names the field with which it does. Each namespace first
 * refuses a pod that breaks its policies, so that what passes later did not pass by accident.
 *
 * <p>No StatefulSet controller runs: the test asks the API server for the pod that it would create,
 * and writes its event where that is refused.
 */
@WithApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PolicyEnginesIT {

  private static final String FILE = "operator/src/test/resources/policies/policies.yaml";

  /** A label of namespaces, with the name of the policy that is in force there. */
  private static final String IN_FORCE = "policies.test/in-force";

  /** All policies that need no field of a SecureMemcached, or no value of the chart. */
  private static final String COMMON = "common";

  private static final String COMMON_OF_CHART = "common-of-chart";

  /** Breaks no policy. */
  private static final String GOOD_POD =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: good
        labels: {app.kubernetes.io/name: x, app.kubernetes.io/component: x, app.kubernetes.io/part-of: x, app.kubernetes.io/managed-by: x, cost-center: "1"}
        annotations: {corp.org/owner: web}
      spec:
        serviceAccountName: good
        automountServiceAccountToken: false
        priorityClassName: policy-engines
        topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway}]
        securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
        containers:
          - name: x
            image: registry.example.com/memcached:1.6.18
            imagePullPolicy: Always
            livenessProbe: {tcpSocket: {port: 1}}
            readinessProbe: {tcpSocket: {port: 1}}
            resources: {requests: {cpu: 10m, memory: 10Mi}, limits: {cpu: 10m, memory: 10Mi}}
            securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
      """;

  private final ApiServer server;
  private final KubernetesClient client;
  private final List<JsonNode> policies = KubectlYaml.documents(Yaml.text(FILE));
  private final List<HasMetadata> clusterWide = new ArrayList<>();

  PolicyEnginesIT(ApiServer server) {
    this.server = server;
    this.client = server.client();
  }

  @BeforeAll
  void enforce() {
    cluster(
        "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: policy-engines}, value: 1}");
    for (JsonNode policy : policies) {
      String name = name(policy);
      cluster(
          """
          apiVersion: admissionregistration.k8s.io/v1
          kind: ValidatingAdmissionPolicy
          metadata: {name: engine-%s}
          spec:
            failurePolicy: Fail
            matchConstraints:
              resourceRules:
                - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}
                - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [statefulsets, deployments]}
            variables:
              - {name: spec, expression: "object.kind == 'Pod' ? object.spec : object.spec.template.spec"}
              - {name: meta, expression: "object.metadata"}
              - {name: containers, expression: "variables.spec.containers + variables.spec.?initContainers.orValue([])"}
            validations:
              - {expression: %s, message: %s}
          """
              .formatted(name, policy.get("allows"), policy.get("says")));
      // Gatekeeper judges pods; Kyverno also what makes them.
      bind(name, name + "-pods", "pods");
      bind(name, name + "-workloads", "pods", "statefulsets", "deployments");
      if (!policy.has("servers")) {
        bind(name, COMMON, "pods", "statefulsets");
      }
      if (!policy.has("operator")) {
        bind(name, COMMON_OF_CHART, "pods", "deployments");
      }
    }
    cluster(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: engine-objects}
        spec:
          failurePolicy: Fail
          matchConstraints:
            resourceRules:
              - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [services]}
              - {apiGroups: [policy], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [poddisruptionbudgets]}
          validations:
            - {expression: "object.kind != 'Service' || object.spec.type == 'ClusterIP' && size(object.spec.?externalIPs.orValue([])) == 0", message: "Services of type LoadBalancer and NodePort, and externalIPs, are not allowed."}
            - {expression: "object.kind != 'PodDisruptionBudget' || string(object.spec.?maxUnavailable.orValue(1)) != '0' && !has(object.spec.minAvailable)", message: "A PodDisruptionBudget must allow a disruption."}
        """);
    for (String where : List.of(COMMON, COMMON_OF_CHART, "objects")) {
      bind("objects", where, "services", "poddisruptionbudgets");
    }
  }

  @AfterAll
  void remove() {
    clusterWide.reversed().forEach(object -> client.resource(object).delete());
  }

  /** All at once: what each policy that needs no field forbids. */
  @Test
  void serversPassWhatNeedsNoField() throws Exception {
    try (Scene scene = scene(COMMON)) {
      for (JsonNode policy : policies) {
        if (!policy.has("servers")) {
          awaitInForce(scene.namespace, policy);
        }
      }
      awaitObjectsInForce(scene.namespace);
      client
          .namespaces()
          .withName(scene.namespace)
          .edit(
              namespace ->
                  namespace
                      .edit()
                      .editMetadata()
                      .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                      .endMetadata()
                      .build());
      JsonNode host =
          policies.stream().filter(policy -> name(policy).equals("host")).findFirst().orElseThrow();
      Pod onTheHost = broken(host);
      soon()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> dryRun(scene.namespace, onTheHost))
                      .hasMessageContaining("violates PodSecurity \"restricted:latest\""));
      scene.startOperator();
      scene.createAndSettle("sessions", "{replicas: 2, sourceZones: [{name: web}]}");
      scene.idle();
      assertThat(scene.conditionText("sessions", Conditions.SERVERS_READY))
          .startsWith("False ServersStarting 0 of 2");
      assertThat(refusal(scene)).isEmpty();
      assertThat(scene.child(PodDisruptionBudget.class, "sessions").get()).isNotNull();
      assertThat(selectors(scene)).hasSize(2).doesNotHaveDuplicates();
    }
  }

  /** Gatekeeper's K8sUniqueServiceSelector compares whole selectors. */
  private static List<Map<String, String>> selectors(Scene scene) {
    return scene.client.services().inNamespace(scene.namespace).list().getItems().stream()
        .map(service -> service.getSpec().getSelector())
        .toList();
  }

  /** The pods are refused, and with the field that the message names they are not. */
  @TestFactory
  Stream<DynamicTest> refusedPodsSayWhichFieldIsMissing() {
    return needing("servers")
        .map(policy -> dynamicTest(name(policy), () -> podsAreRefusedUntil(policy)));
  }

  private void podsAreRefusedUntil(JsonNode policy) throws Exception {
    try (Scene scene = scene(name(policy) + "-pods")) {
      awaitInForce(scene.namespace, policy);
      scene.startOperator();
      scene.createAndSettle("sessions", "{}");
      String refusal = refusal(scene).orElseThrow();
      assertThat(refusal).contains(policy.get("says").asText());
      tellRefusal(scene, refusal);
      String message = scene.condition("sessions", Conditions.READY, "PodsRejected").getMessage();
      assertThat(message)
          .contains(policy.get("says").asText(), ". " + policy.get("advice").asText());
      satisfy(scene, policy);
      if (!policy.get("servers").isBoolean()) {
        assertThat(refusal(scene)).isEmpty();
      }
    }
  }

  /** The StatefulSet is refused, as Kyverno does; the same holds. */
  @TestFactory
  Stream<DynamicTest> refusedServersSayWhichFieldIsMissing() {
    return needing("servers")
        .map(policy -> dynamicTest(name(policy), () -> serversAreRefusedUntil(policy)));
  }

  private void serversAreRefusedUntil(JsonNode policy) throws Exception {
    try (Scene scene = scene(name(policy) + "-workloads")) {
      awaitInForce(scene.namespace, policy);
      scene.startOperator();
      scene.createAndSettle("sessions", "{}");
      assertThat(scene.condition("sessions", Conditions.READY, "ChildRejected").getMessage())
          .contains(policy.get("says").asText(), ". " + policy.get("advice").asText());
      satisfy(scene, policy);
      if (!policy.get("servers").isBoolean()) {
        soon()
            .untilAsserted(
                () ->
                    assertThat(scene.conditionText("sessions", Conditions.SERVERS_READY))
                        .startsWith("False ServersStarting"));
        assertThat(refusal(scene)).isEmpty();
      }
    }
  }

  /** Changes what the message names: fields, or the chart's value for the ids of the platform. */
  private static void satisfy(Scene scene, JsonNode policy) {
    JsonNode fields = policy.get("servers");
    if (fields.isObject()) {
      scene.change("sessions", fields.toString());
    } else if (fields.isTextual()) {
      scene.stopOperator();
      scene.startOperator(Map.of("USER_IDS", fields.asText()));
      soon()
          .untilAsserted(
              () ->
                  assertThat(scene.child(StatefulSet.class, "sessions").get())
                      .isNotNull()
                      .extracting(set -> set.getSpec().getTemplate().getSpec().getSecurityContext())
                      .extracting(PodSecurityContext::getRunAsUser)
                      .isNull());
    }
  }

  @Test
  void refusedLoadBalancerIsNamed() throws Exception {
    try (Scene scene = scene("objects")) {
      awaitObjectsInForce(scene.namespace);
      scene.startOperator();
      scene.createAndSettle(
          "sessions",
          "{external: {provider: MetalLB}, sourceZones: [{name: web, sources: [{cidr: 10.0.4.0/24}]}]}");
      assertThat(
              scene
                  .condition("sessions", Conditions.EXTERNAL_RESTRICTED, "ChildRejected")
                  .getMessage())
          .contains("Services of type LoadBalancer", ". Remove spec.external, or change");
      scene.change("sessions", "{}");
      scene.condition("sessions", Conditions.READY, "ServersStarting");
    }
  }

  /** What the API server's own admission plugins say, and what ends it. */
  @TestFactory
  Stream<DynamicTest> quotasAndLimitRangesSayWhichFieldIsMissing() {
    return Stream.of(
            List.of(
                "quota that demands limits",
                "{kind: ResourceQuota, spec: {hard: {limits.cpu: '4', requests.memory: 4Gi}}}",
                ". Set spec.resources.limits.cpu, or",
                "{resources: {limits: {cpu: 1}}}"),
            List.of(
                "exceeded quota of memory",
                "{kind: ResourceQuota, spec: {hard: {requests.memory: 8Mi}}}",
                ". Lower spec.replicas, spec.cacheSize or spec.resources, or have quota bound raised",
                ""),
            List.of(
                "quota of no pods",
                "{kind: ResourceQuota, spec: {hard: {pods: '0'}}}",
                "have quota bound raised",
                ""),
            List.of(
                "scoped quota, exceeded",
                "{kind: ResourceQuota, spec: {hard: {pods: '0'}, scopes: [NotTerminating]}}",
                "have quota bound raised",
                ""),
            List.of(
                "maximum of memory",
                "{kind: LimitRange, spec: {limits: [{type: Container, max: {memory: 100Mi}}]}}",
                ". Set spec.resources.limits.memory within the bounds",
                "{cacheSize: 16Mi, image: {flavor: Debian12}, resources: {requests: {memory: 99Mi}, limits: {memory: 99Mi}}}"),
            List.of(
                "minimum of CPU",
                "{kind: LimitRange, spec: {limits: [{type: Container, min: {cpu: 300m}}]}}",
                ". Set spec.resources.requests.cpu within the bounds",
                "{resources: {requests: {cpu: 500m}}}"),
            List.of(
                "ratio of CPU",
                "{kind: LimitRange, spec: {limits: [{type: Container, maxLimitRequestRatio: {cpu: 2}}]}}",
                ". Set spec.resources.requests.cpu and spec.resources.limits.cpu, or",
                "{resources: {requests: {cpu: 500m}, limits: {cpu: 1}}}"))
        .map(
            test ->
                dynamicTest(
                    test.get(0), () -> boundIsNamed(test.get(1), test.get(2), test.get(3))));
  }

  private void boundIsNamed(String bound, String advice, String fields) {
    try (Scene scene = Scene.operated(server)) {
      scene.createAndSettle("sessions", "{}");
      assertThat(refusal(scene)).as("the counter-example: nothing is bound").isEmpty();
      HasMetadata object =
          object(bound.replace("{kind", "{apiVersion: v1, metadata: {name: bound}, kind"));
      client.resource(object).inNamespace(scene.namespace).create();
      if (object instanceof ResourceQuota quota) {
        count(scene, quota);
      }
      String[] refusal = {""};
      soon()
          .untilAsserted(
              () -> {
                Optional<String> said = refusal(scene);
                assertThat(said).isPresent();
                assertThat(said).get().asString().doesNotContain("status unknown for quota");
                refusal[0] = said.get();
              });
      tellRefusal(scene, refusal[0]);
      assertThat(scene.condition("sessions", Conditions.READY, "PodsRejected").getMessage())
          .contains(advice);
      if (!fields.isEmpty()) {
        scene.change("sessions", fields);
        assertThat(refusal(scene)).isEmpty();
      }
    }
  }

  /** As the quota controller does, without which a quota bounds nothing. */
  private void count(Scene scene, ResourceQuota quota) {
    client
        .resourceQuotas()
        .inNamespace(scene.namespace)
        .withName("bound")
        .editStatus(
            found ->
                found
                    .edit()
                    .withNewStatus()
                    .withHard(quota.getSpec().getHard())
                    .withUsed(
                        quota.getSpec().getHard().keySet().stream()
                            .collect(Collectors.toMap(name -> name, name -> new Quantity("0"))))
                    .endStatus()
                    .build());
  }

  /**
   * Defaults that a LimitRange gives to pods are no drift: nothing restarts, nothing is written.
   */
  @Test
  void defaultsOfALimitRangeAreNoDrift() {
    try (Scene scene = Scene.operated(server)) {
      client
          .resource(
              object(
                  "{apiVersion: v1, kind: LimitRange, metadata: {name: bound}, spec: {limits: [{type: Container, default: {cpu: 800m, memory: 512Mi}, defaultRequest: {cpu: 700m}}]}}"))
          .inNamespace(scene.namespace)
          .create();
      scene.createAndSettle("sessions", "{}");
      StatefulSet set = scene.child(StatefulSet.class, "sessions").get();
      Pod pod = client.resource(serverPod(set)).create();
      assertThat(pod.getSpec().getContainers().getFirst().getResources().getLimits().get("cpu"))
          .as("the LimitRange has changed the pod")
          .hasToString("800m");
      scene.idle();
      Pod before = client.resource(pod).get();
      scene.pass(() -> scene.annotate("sessions", "securememcached.io/look", "again"));
      assertThat(scene.resource("sessions").get().getStatus().pendingUpdates()).isEmpty();
      assertThat(scene.conditionText("sessions", Conditions.UP_TO_DATE))
          .startsWith("True UpToDate");
      assertThat(client.resource(pod).get().getSpec()).isEqualTo(before.getSpec());
      assertThat(scene.child(StatefulSet.class, "sessions").get().getMetadata().getGeneration())
          .isEqualTo(set.getMetadata().getGeneration());
    }
  }

  /** All objects of the chart but those of the cluster, with their pods. */
  @Test
  void operatorPassesWhatNeedsNoValue() throws Exception {
    String namespace = namespace(COMMON_OF_CHART);
    for (JsonNode policy : policies) {
      if (!policy.has("operator")) {
        awaitInForce(namespace, policy);
      }
    }
    awaitObjectsInForce(namespace);
    chart("--set=replicas=2,openshift.enabled=false")
        .forEach(object -> client.resource(object).inNamespace(namespace).dryRun().create());
  }

  @TestFactory
  Stream<DynamicTest> operatorPassesWithTheChartsValue() {
    return needing("operator")
        .map(
            policy ->
                dynamicTest(
                    name(policy),
                    () -> {
                      String namespace =
                          namespace(name(policy) + "-" + policy.path("judges").asText("workloads"));
                      awaitInForce(namespace, policy);
                      assertThat(chartRefused(namespace, "openshift.enabled=false"))
                          .allMatch(said -> said.contains(policy.get("says").asText()))
                          // Deployment and pod of the operator and of the exporter.
                          .hasSizeGreaterThanOrEqualTo(2);
                      if (policy.get("operator").isArray()) {
                        List<String> values = new ArrayList<>();
                        policy.get("operator").forEach(value -> values.add(value.asText()));
                        assertThat(chartRefused(namespace, values.toArray(String[]::new)))
                            .isEmpty();
                      }
                    }));
  }

  /** What docs/policy-engines.md exempts the pod of {@code helm test} from, and nothing else. */
  @TestFactory
  Stream<DynamicTest> testPodPassesWithTheChartsValue() {
    Set<String> exempt = Set.of("probes", "liveness", "own-account", "cpu-limit", "spread");
    return policies.stream()
        .map(
            policy ->
                dynamicTest(
                    name(policy),
                    () -> {
                      String namespace = namespace(name(policy) + "-pods");
                      awaitInForce(namespace, policy);
                      Pod pod = testPod(policy);
                      if (exempt.contains(name(policy))) {
                        assertThatThrownBy(() -> dryRun(namespace, pod))
                            .hasMessageContaining(policy.get("says").asText());
                      } else {
                        dryRun(namespace, pod);
                      }
                    }));
  }

  /** With the chart's values that satisfy a policy for the operator. */
  private static Pod testPod(JsonNode policy) {
    List<String> options = new ArrayList<>();
    options.add("--set=images.debian13=registry.example.com/memcached:1.6.45");
    options.add("--set=openshift.enabled=false");
    policy.path("operator").forEach(value -> options.add("--set=" + value.asText()));
    Helm.Result rendered = new Helm().template(options.toArray(String[]::new));
    assertThat(rendered.code()).as(rendered.output()).isZero();
    JsonNode pod =
        Yaml.find(KubectlYaml.documents(rendered.output()), "Pod", "securememcached-operator-test");
    Pod object = (Pod) object(pod.toString());
    object.getMetadata().setNamespace(null);
    return object;
  }

  private List<String> chartRefused(String namespace, String... values) throws Exception {
    List<String> refused = new ArrayList<>();
    for (HasMetadata object :
        chart(Arrays.stream(values).map(value -> "--set=" + value).toArray(String[]::new))) {
      try {
        client.resource(object).inNamespace(namespace).dryRun().create();
      } catch (KubernetesClientException e) {
        refused.add(e.getStatus().getMessage());
      }
    }
    return refused;
  }

  private static List<HasMetadata> chart(String... options) {
    String[] all = Arrays.copyOf(options, options.length + 1);
    all[options.length] = "--skip-tests";
    Helm.Result rendered = new Helm().template(all);
    assertThat(rendered.code()).as(rendered.output()).isZero();
    List<HasMetadata> objects = new ArrayList<>();
    for (JsonNode document : KubectlYaml.documents(rendered.output())) {
      if (document.at("/metadata").has("namespace")) {
        HasMetadata object = object(document.toString());
        object.getMetadata().setNamespace(null);
        objects.add(object);
        if (object instanceof Deployment deployment) {
          objects.add(pod(object.getMetadata().getName(), deployment.getSpec().getTemplate()));
        }
      }
    }
    assertThat(objects).hasAtLeastOneElementOfType(Service.class);
    return objects;
  }

  private Stream<JsonNode> needing(String whose) {
    return policies.stream().filter(policy -> policy.has(whose));
  }

  private static String name(JsonNode policy) {
    return policy.get("name").asText();
  }

  private Scene scene(String policy) {
    Scene scene = Scene.quiet(server);
    label(scene.namespace, policy);
    return scene;
  }

  private String namespace(String policy) {
    String name = server.newNamespace();
    label(name, policy);
    return name;
  }

  private void label(String namespace, String policy) {
    client
        .namespaces()
        .withName(namespace)
        .edit(
            found ->
                found.edit().editMetadata().addToLabels(IN_FORCE, policy).endMetadata().build());
  }

  private void bind(String policy, String where, String... resources) {
    cluster(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: engine-%1$s-at-%2$s}
        spec:
          policyName: engine-%1$s
          validationActions: [Deny]
          matchResources:
            namespaceSelector: {matchLabels: {%3$s: %2$s}}
            resourceRules: [{apiGroups: ["*"], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [%4$s]}]
        """
            .formatted(policy, where, IN_FORCE, String.join(", ", resources)));
  }

  private void cluster(String yaml) {
    clusterWide.add(client.resource(object(yaml)).create());
  }

  /** A pod that breaks the policy alone is refused; the good one is not. */
  private void awaitInForce(String namespace, JsonNode policy) throws Exception {
    Pod good = (Pod) object(GOOD_POD);
    Pod broken = broken(policy);
    soon()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> dryRun(namespace, broken))
                    .isInstanceOf(KubernetesClientException.class)
                    .message()
                    .containsAnyOf(refusals(policy)));
    dryRun(namespace, good);
  }

  /**
   * What is said of the pod that breaks a policy: by this one or, as the API server tells one
   * refusal only, by another that some of the same changes break.
   */
  private String[] refusals(JsonNode policy) {
    return policies.stream()
        .filter(
            other ->
                policy.get("broken").properties().containsAll(other.get("broken").properties()))
        .map(other -> other.get("says").asText())
        .toArray(String[]::new);
  }

  private void awaitObjectsInForce(String namespace) {
    for (String broken :
        List.of(
            "{apiVersion: v1, kind: Service, metadata: {name: x}, spec: {type: NodePort, ports: [{port: 1}]}}",
            "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: x}, spec: {maxUnavailable: 0, selector: {}}}")) {
      soon()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> dryRun(namespace, object(broken)))
                      .hasMessageContaining("engine-objects"));
    }
  }

  private void dryRun(String namespace, HasMetadata object) {
    client.resource(object).inNamespace(namespace).dryRun().create();
  }

  private static Pod broken(JsonNode policy) throws Exception {
    ObjectNode pod = (ObjectNode) KubectlYaml.documents(GOOD_POD).getFirst();
    for (Map.Entry<String, JsonNode> change : policy.get("broken").properties()) {
      int end = change.getKey().lastIndexOf('/');
      JsonNode parent = pod.at(change.getKey().substring(0, end));
      String field = change.getKey().substring(end + 1);
      assertThat(parent).isNotInstanceOf(ArrayNode.class).isInstanceOf(ObjectNode.class);
      if (change.getValue().isNull()) {
        ((ObjectNode) parent).remove(field);
      } else {
        ((ObjectNode) parent).set(field, change.getValue());
      }
    }
    return (Pod) object(pod.toString());
  }

  private static HasMetadata object(String yaml) {
    return (HasMetadata) Serialization.unmarshal(KubectlYaml.json(yaml), KubernetesResource.class);
  }

  private static Pod pod(String name, PodTemplateSpec template) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withLabels(template.getMetadata().getLabels())
        .withAnnotations(template.getMetadata().getAnnotations())
        .endMetadata()
        .withSpec(template.getSpec())
        .build();
  }

  /** As the StatefulSet controller makes it. */
  private static Pod serverPod(StatefulSet set) {
    return new PodBuilder(pod(set.getMetadata().getName() + "-0", set.getSpec().getTemplate()))
        .editMetadata()
        .withNamespace(set.getMetadata().getNamespace())
        .addNewOwnerReference()
        .withApiVersion("apps/v1")
        .withKind("StatefulSet")
        .withName(set.getMetadata().getName())
        .withUid(set.getMetadata().getUid())
        .withController(true)
        .endOwnerReference()
        .endMetadata()
        .build();
  }

  /** What the API server says to the pod of the first server; empty if it accepts it. */
  private Optional<String> refusal(Scene scene) {
    try {
      client
          .resource(serverPod(scene.child(StatefulSet.class, "sessions").get()))
          .dryRun()
          .create();
      return Optional.empty();
    } catch (KubernetesClientException e) {
      return Optional.of(e.getStatus().getMessage());
    }
  }

  /** As the StatefulSet controller does. */
  private void tellRefusal(Scene scene, String message) {
    StatefulSet set = scene.child(StatefulSet.class, "sessions").get();
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    client
        .resource(
            new EventBuilder()
                .withNewMetadata()
                .withName("refused")
                .withNamespace(scene.namespace)
                .endMetadata()
                .withType("Warning")
                .withReason("FailedCreate")
                .withMessage(
                    "create Pod sessions-0 in StatefulSet sessions failed error: " + message)
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .withNewInvolvedObject()
                .withApiVersion("apps/v1")
                .withKind("StatefulSet")
                .withNamespace(scene.namespace)
                .withName("sessions")
                .withUid(set.getMetadata().getUid())
                .endInvolvedObject()
                .build())
        .create();
    scene
        .child(StatefulSet.class, "sessions")
        .editStatus(
            seen ->
                new StatefulSetBuilder(seen)
                    .withNewStatus()
                    .withObservedGeneration(seen.getMetadata().getGeneration())
                    .withReplicas(0)
                    .endStatus()
                    .build());
  }
}
