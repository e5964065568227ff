package io.securememcached.operator.api.v1beta1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.KubectlYaml;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** Copies of today's CRD under other groups, so that one can be changed beside the real one. */
final class ServedCopy {

  private ServedCopy() {}

  /** Today's CRD under another group, not served yet. */
  static ObjectNode of(String group) throws IOException {
    JsonNode crd = KubectlYaml.documents(Files.readString(ApiServer.CRD)).getFirst();
    ((ObjectNode) crd.get("metadata")).put("name", "securememcacheds." + group);
    ((ObjectNode) crd.get("spec")).put("group", group);
    // kubectl would take it for the real one in other tests of this API server.
    ((ObjectNode) crd.at("/spec/names")).remove("shortNames");
    return (ObjectNode) crd;
  }

  static CustomResourceDefinition typed(JsonNode crd) {
    return Serialization.unmarshal(crd.toString(), CustomResourceDefinition.class);
  }

  /**
   * Applies a resource by server-side apply with strict validation, and returns its spec as it is
   * stored.
   */
  static JsonNode apply(ApiServer server, String apiVersion, JsonNode applied, boolean dryRun) {
    GenericKubernetesResource resource =
        Serialization.unmarshal(applied.toString(), GenericKubernetesResource.class);
    resource.setApiVersion(apiVersion);
    resource.getMetadata().setNamespace("default");
    PatchContext.Builder context =
        new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("released")
            .withForce(true)
            .withFieldValidation("Strict");
    return spec(
        server
            .client()
            .genericKubernetesResources(apiVersion, resource.getKind())
            .inNamespace("default")
            .resource(resource)
            .patch((dryRun ? context.withDryRun(List.of("All")) : context).build()));
  }

  static JsonNode spec(GenericKubernetesResource resource) {
    return Serialization.unmarshal(
        Serialization.asJson(resource.getAdditionalProperties().get("spec")), JsonNode.class);
  }
}
