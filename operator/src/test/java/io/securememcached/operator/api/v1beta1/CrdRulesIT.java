package io.securememcached.operator.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.core.type.TypeReference;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.testing.ApiServer;
import io.securememcached.operator.testing.KubectlYaml;
import io.securememcached.operator.testing.WithApiServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The rules of the CRD as a real API server applies them: src/test/resources/crd has one file of
 * good resources and several of bad ones, with the exact messages.
 */
@WithApiServer
class CrdRulesIT {

  private static final Path CASES = Guarded.ROOT.resolve("operator/src/test/resources/crd");

  /** What the API server adds to each wrong type; it does so whatever the CRD says. */
  private static final String REMARK = "some validation rules were not checked";

  /**
   * A resource that is accepted, or refused.
   *
   * @param name made up when absent
   * @param message what the API server says, a line per cause, in alphabetical order
   */
  record Case(
      String it,
      String name,
      Object spec,
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<String> message) {

    GenericKubernetesResource resource(String namespace) {
      GenericKubernetesResource resource = new GenericKubernetesResource();
      resource.setApiVersion("securememcached.io/v1beta1");
      resource.setKind("SecureMemcached");
      ObjectMetaBuilder metadata = new ObjectMetaBuilder().withNamespace(namespace);
      resource.setMetadata(
          (name == null ? metadata.withGenerateName("cache-") : metadata.withName(name)).build());
      if (spec != null) {
        resource.setAdditionalProperty("spec", spec);
      }
      return resource;
    }
  }

  @TestFactory
  Stream<DynamicTest> badResources(ApiServer server) {
    String namespace = server.newNamespace();
    return refused().stream()
        .map(bad -> dynamicTest(bad.it(), () -> assertRefused(server.client(), namespace, bad)));
  }

  @TestFactory
  Stream<DynamicTest> goodResources(ApiServer server) {
    String namespace = server.newNamespace();
    return cases(CASES.resolve("accepted.yaml")).stream()
        .map(
            good -> dynamicTest(good.it(), () -> assertReadable(server.client(), namespace, good)));
  }

  /** A rule without a bad resource is a rule that nobody has seen at work. */
  @Test
  void everyRuleHasBadResource() {
    Set<String> rules = new HashSet<>();
    collect(
        Crd.generate().getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema(), rules);
    assertThat(rules)
        .isNotEmpty()
        .allSatisfy(
            rule ->
                assertThat(refused())
                    .as("bad resource for the rule: %s", rule)
                    .anyMatch(bad -> bad.message().stream().anyMatch(line -> line.endsWith(rule))));
  }

  private static void assertRefused(KubernetesClient client, String namespace, Case bad) {
    KubernetesClientException refusal =
        catchThrowableOfType(
            KubernetesClientException.class,
            () -> client.resource(bad.resource(namespace)).create());
    assertThat(refusal).as("refusal of %s", bad.spec()).isNotNull();
    assertThat(
            refusal.getStatus().getDetails().getCauses().stream()
                .map(cause -> cause.getField() + ": " + cause.getMessage())
                .filter(line -> !line.contains(REMARK))
                .sorted())
        .isEqualTo(bad.message());
  }

  /** What is stored must be readable for the operator: else it could watch no resource at all. */
  private static void assertReadable(KubernetesClient client, String namespace, Case good) {
    String name = client.resource(good.resource(namespace)).create().getMetadata().getName();
    SecureMemcachedSpec spec =
        client
            .resources(SecureMemcached.class)
            .inNamespace(namespace)
            .withName(name)
            .get()
            .getSpec();
    assertThat(Sizes.serverMemory(spec, Image.Flavor.CentOS7)).isPositive();
  }

  private static void collect(JSONSchemaProps schema, Set<String> messages) {
    if (schema.getXKubernetesValidations() != null) {
      schema.getXKubernetesValidations().forEach(rule -> messages.add(rule.getMessage()));
    }
    if (schema.getProperties() != null) {
      schema.getProperties().values().forEach(property -> collect(property, messages));
    }
    if (schema.getItems() != null) {
      collect(schema.getItems().getSchema(), messages);
    }
  }

  private static List<Case> refused() {
    try (Stream<Path> files = Files.list(CASES.resolve("refused"))) {
      return files.sorted().flatMap(file -> cases(file).stream()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Case> cases(Path file) {
    try {
      return Serialization.unmarshal(
          KubectlYaml.json(Files.readString(file)), new TypeReference<List<Case>>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
