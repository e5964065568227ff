package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.status.Conditions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Life in namespaces that other people have set up: quotas, policies, ranges of user ids. */
@ExtendWith(E2EEnvironment.class)
@TestInstance(Lifecycle.PER_CLASS)
class SharedClusterE2E {

  private static final String NAMESPACE = "e2e-shared";
  private static final String SMALL = "cacheSize: 16Mi";

  private final Sandbox sandbox;
  private final List<HasMetadata> others = new ArrayList<>();

  SharedClusterE2E(Cluster cluster, Installation installation) {
    sandbox = new Sandbox(cluster, installation, NAMESPACE);
  }

  @AfterEach
  void removeOthers() {
    others.forEach(object -> sandbox.client().resource(object).delete());
    others.clear();
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void quotaThatRefusesPodsIsToldAndTheCacheIsReadyWithoutIt() {
    other(
        "{apiVersion: v1, kind: ResourceQuota, metadata: {name: compute}, spec: {hard: {limits.cpu: '4'}}}");
    sandbox.apply("quota", SMALL);
    assertThat(refusal("quota"))
        .contains("pods \"quota-0\" is forbidden: failed quota: compute: must specify limits.cpu");

    removeOthers();
    // Makes Kubernetes try again at once, as any change of the spec does.
    sandbox.apply("quota", SMALL + "\nthreads: 2");
    sandbox.awaitReady("quota");
    sandbox.delete("quota");
  }

  @Test
  void limitRangeThatRefusesPodsIsTold() {
    other(
        "{apiVersion: v1, kind: LimitRange, metadata: {name: containers}, spec: {limits: [{type: Container, max: {memory: 20Mi}}]}}");
    sandbox.apply("range", SMALL);
    assertThat(refusal("range")).contains("maximum memory usage per Container is 20Mi");
    sandbox.delete("range");
  }

  @Test
  void missingPriorityClassIsTold() {
    sandbox.apply("priority", SMALL + "\nscheduling: {priorityClassName: cache-hihg}");
    assertThat(refusal("priority")).contains("no PriorityClass with name cache-hihg was found");
    sandbox.delete("priority");
  }

  @Test
  void admissionPolicyThatRefusesPodsIsTold() {
    refusePods("company-policy", "false", "company policy 17");
    sandbox.apply("policy", SMALL);
    assertThat(refusal("policy")).contains("company policy 17");
    sandbox.delete("policy");
  }

  @Test
  void wayOutToNamesIsNoExposureAndTheWayOutToAllIs() {
    other(
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: allow-dns}, spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}], ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}]}}");
    sandbox.apply("names", SMALL);
    SecureMemcached ready = sandbox.awaitReady("names");
    Sandbox.eventually(
        "the policy in the status",
        () ->
            assertThat(condition(sandbox.get("names"), Conditions.NOT_EXPOSED).getMessage())
                .contains("Intended: NetworkPolicy allow-dns: allows egress to"));
    assertThat(condition(ready, Conditions.NOT_EXPOSED).getStatus()).isEqualTo("True");

    other(
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: allow-all}, spec: {podSelector: {}, policyTypes: [Egress], egress: [{}]}}");
    sandbox.awaitReason("names", "Exposed");
    removeOthers();
    sandbox.awaitReady("names");
    sandbox.delete("names");
  }

  /** What OpenShift's security context constraint restricted-v2 does to a pod that names a user. */
  @Test
  void serversRunWherePodsMayNotNameAUser() {
    String constraint =
        Stream.of("runAsUser", "fsGroup")
            .map(
                id ->
                    "(!has(object.spec.securityContext.%1$s) || (object.spec.securityContext.%1$s >= 1000700000 && object.spec.securityContext.%1$s <= 1000709999))"
                        .formatted(id))
            .collect(Collectors.joining(" && ", "!has(object.spec.securityContext) || ", ""));
    refusePods("restricted-v2", constraint, "not in the range of this namespace");
    sandbox.apply("ids", SMALL);
    assertThat(refusal("ids")).contains("not in the range of this namespace");
    setOpenShift("true");
    try {
      sandbox.awaitReady("ids");
      PodSecurityContext security = sandbox.pod("ids-0").getSpec().getSecurityContext();
      assertThat(security.getRunAsUser()).isNull();
      assertThat(security.getFsGroup()).isNull();
      assertThat(loginAs("ids", 1000700001L)).contains("pid");
    } finally {
      setOpenShift("auto");
      sandbox.delete("ids");
    }
  }

  /** Asks a server that runs as a user whom the image does not know, as OpenShift assigns them. */
  private String loginAs(String name, long user) {
    Map<String, String> login = sandbox.secret(name + "-credentials");
    sandbox
        .client()
        .resource(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: assigned, namespace: %s}
            spec:
              hostname: %s-0
              terminationGracePeriodSeconds: 0
              automountServiceAccountToken: false
              securityContext: {runAsNonRoot: true, runAsUser: %d, runAsGroup: 0, seccompProfile: {type: RuntimeDefault}}
              containers:
                - name: memcached
                  image: %s
                  command: [memcached]
                  args: [-p, "11211", -U, "0", -S, -l, 127.0.0.1]
                  env: [{name: SASL_CONF_PATH, value: /etc/sasl2}]
                  securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
                  volumeMounts: [{name: sasl, mountPath: /etc/sasl2, readOnly: true}]
              volumes: [{name: sasl, secret: {secretName: %s-sasl, defaultMode: 0444}}]
            """
                .formatted(
                    NAMESPACE,
                    name,
                    user,
                    sandbox.pod(name + "-0").getSpec().getContainers().getFirst().getImage(),
                    name))
        .create();
    String[] answer = {""};
    Sandbox.eventually(
        "a login at a server with an assigned user",
        () -> {
          answer[0] =
              sandbox
                  .installation()
                  .tryKubectl(
                      "exec",
                      "-n",
                      NAMESPACE,
                      "assigned",
                      "--",
                      "memcstat",
                      "--binary",
                      "--servers=127.0.0.1:11211",
                      "--username=" + login.get("username"),
                      "--password=" + login.get("password"))
                  .output();
          assertThat(answer[0]).contains("pid");
        });
    return answer[0];
  }

  private void setOpenShift(String enabled) {
    sandbox
        .installation()
        .helm(
            "upgrade",
            Installation.RELEASE,
            "charts/securememcached-operator",
            "--namespace",
            Installation.NAMESPACE,
            "--reuse-values",
            "--set=openshift.enabled=" + enabled,
            "--wait",
            "--timeout=3m");
  }

  private String refusal(String name) {
    return condition(sandbox.awaitReason(name, "PodsRejected"), Conditions.READY).getMessage();
  }

  private static Condition condition(SecureMemcached resource, String type) {
    return Conditions.find(resource.getStatus().conditions(), type).orElseThrow();
  }

  private void refusePods(String name, String unless, String message) {
    other(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: e2e-%1$s}
        spec:
          failurePolicy: Fail
          matchConstraints:
            resourceRules:
              - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
          validations:
            - {expression: "%2$s", message: "%3$s"}
        """
            .formatted(name, unless, message));
    other(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: e2e-%1$s}
        spec:
          policyName: e2e-%1$s
          validationActions: [Deny]
          matchResources:
            namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %2$s}}
        """
            .formatted(name, NAMESPACE));
    awaitRefusal(message);
  }

  /** A policy takes effect a moment after it was written. */
  private void awaitRefusal(String message) {
    Sandbox.eventually(
        "the admission policy",
        () ->
            assertThat(
                    sandbox
                        .installation()
                        .tryKubectl(
                            "run",
                            "probe",
                            "-n",
                            NAMESPACE,
                            "--image=none",
                            "--dry-run=server",
                            "--overrides={\"spec\":{\"securityContext\":{\"runAsUser\":1,\"runAsNonRoot\":true,\"seccompProfile\":{\"type\":\"RuntimeDefault\"}},\"containers\":[{\"name\":\"probe\",\"image\":\"none\",\"securityContext\":{\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}}]}}")
                        .errors())
                .contains(message));
  }

  private void other(String yaml) {
    HasMetadata object =
        (HasMetadata) Serialization.unmarshal("---\n" + yaml, KubernetesResource.class);
    if (!object.getKind().startsWith("Validating")) {
      object.getMetadata().setNamespace(NAMESPACE);
    }
    others.add(object);
    sandbox.client().resource(object).forceConflicts().serverSideApply();
  }
}
