package io.securememcached.operator.credentials;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.Scene;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An admission policy that rejects each change that the operator makes to Secrets of a namespace.
 */
final class RejectedWrites {

  /** What the API server says. */
  static final String MESSAGE = "no Secret is changed during the audit";

  private static final String PROBE = "rejected-writes";

  private RejectedWrites() {}

  /** Runs something while the policy is in effect. */
  static void during(ApiServer server, String namespace, Runnable action) {
    KubernetesClient client = server.client();
    String yaml =
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: %1$s}
        spec:
          matchConstraints:
            resourceRules: [{apiGroups: [''], apiVersions: ['*'], operations: [UPDATE], resources: [secrets]}]
          validations: [{expression: 'object.metadata.name != "%2$s" && !request.userInfo.username.endsWith(":securememcached-operator")', message: %3$s}]
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: %1$s}
        spec:
          policyName: %1$s
          validationActions: [Deny]
          matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}}
        """
            .formatted(namespace, PROBE, MESSAGE);
    List<HasMetadata> policy =
        client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))).items();
    policy.forEach(object -> client.resource(object).create());
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(PROBE)
                .endMetadata()
                .build())
        .create();
    Scene.soon()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> change(client, namespace)).hasMessageContaining(MESSAGE));
    action.run();
    policy.forEach(object -> client.resource(object).delete());
    // A policy takes effect, and loses it, a moment later.
    Scene.soon()
        .untilAsserted(
            () -> assertThatCode(() -> change(client, namespace)).doesNotThrowAnyException());
  }

  private static void change(KubernetesClient client, String namespace) {
    client
        .secrets()
        .inNamespace(namespace)
        .withName(PROBE)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\": {\"annotations\": {\"n\": \"%d\"}}}".formatted(System.nanoTime()));
  }
}
