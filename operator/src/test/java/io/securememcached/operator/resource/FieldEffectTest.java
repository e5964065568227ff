package io.securememcached.operator.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.securememcached.operator.api.v1beta1.Crd;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.testing.Fleet;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is said of a field is what a change of it does to the pod template. */
class FieldEffectTest {

  /** Every field with a value that is not its default. */
  private static final Map<String, String> CHANGES =
      Map.ofEntries(
          Map.entry("annotations", "{annotations: {a: b}}"),
          Map.entry("cacheSize", "{cacheSize: 128Mi}"),
          Map.entry("deletionPolicy", "{deletionPolicy: Retain}"),
          Map.entry("deletionProtection", "{deletionProtection: true}"),
          Map.entry("external", "{external: {provider: AWS}}"),
          Map.entry("image.flavor", "{image: {flavor: Debian12}}"),
          Map.entry("image.pullPolicy", "{image: {pullPolicy: Always}}"),
          Map.entry("image.pullSecrets", "{image: {pullSecrets: [{name: a}]}}"),
          Map.entry("image.reference", "{image: {reference: mine}}"),
          Map.entry("labels", "{labels: {a: b}}"),
          Map.entry("listen", "{listen: Loopback}"),
          Map.entry("maxConnections", "{maxConnections: 2048}"),
          Map.entry("maxItemSize", "{maxItemSize: 2Mi}"),
          Map.entry("pod.annotations", "{pod: {annotations: {a: b}}}"),
          Map.entry("pod.labels", "{pod: {labels: {a: b}}}"),
          Map.entry("port", "{port: 11212}"),
          Map.entry("replicas", "{replicas: 3}"),
          Map.entry("resources.allowLowMemory", "{resources: {allowLowMemory: true}}"),
          Map.entry("resources.limits", "{resources: {limits: {memory: 1Gi}}}"),
          Map.entry("resources.requests", "{resources: {requests: {cpu: 1}}}"),
          Map.entry("rotation", "{rotation: {interval: 12h, overlap: 1h}}"),
          Map.entry("scheduling", "{scheduling: {nodeSelector: {a: b}}}"),
          Map.entry("service", "{service: {annotations: {a: b}}}"),
          Map.entry("sourceZones", "{sourceZones: [{name: web}]}"),
          Map.entry("threads", "{threads: 2}"),
          Map.entry("updates", "{updates: {specChanges: OnApproval, pause: 5m}}"),
          Map.entry("users", "{users: [{name: sammy}]}"),
          Map.entry("verbosity", "{verbosity: 2}"),
          Map.entry("verification.gate", "{verification: {gate: ReportOnly}}"),
          Map.entry("verification.interval", "{verification: {interval: 30m}}"));

  @Test
  void onlyFieldsThatRestartServersAreInThePodTemplate() {
    StatefulSet before = servers("{}");
    CHANGES.forEach(
        (field, spec) -> {
          StatefulSet after = servers(spec);
          boolean restarts =
              !AppliedTemplate.of(before).id().equals(AppliedTemplate.of(after).id());
          assertThat(FieldEffect.of(field).reach() == FieldEffect.Reach.RESTART)
              .as(field)
              .isEqualTo(restarts);
        });
  }

  @Test
  void everyFieldIsChanged() {
    JSONSchemaProps spec =
        Crd.generate()
            .getSpec()
            .getVersions()
            .getFirst()
            .getSchema()
            .getOpenAPIV3Schema()
            .getProperties()
            .get("spec");
    assertThat(leaves("", spec))
        .isNotEmpty()
        .allSatisfy(
            path ->
                assertThat(CHANGES.keySet())
                    .as(path)
                    .anyMatch(field -> path.equals(field) || path.startsWith(field + ".")));
  }

  @Test
  void fieldBelowASettingHasItsEffect() {
    assertThat(FieldEffect.of("resources.limits.memory"))
        .isEqualTo(FieldEffect.of("resources"))
        .extracting(FieldEffect::why)
        .asString()
        .endsWith(ServerSetting.RESOURCES.why());
    assertThat(FieldEffect.of("portal").reach()).isEqualTo(FieldEffect.Reach.LIVE);
  }

  private static StatefulSet servers(String spec) {
    Settings settings =
        new Settings(
            "system",
            Map.of(),
            Map.of(Image.Flavor.CentOS7, "centos", Image.Flavor.Debian12, "debian"));
    return Servers.desired(Fleet.resource(spec), settings, 0);
  }

  private static Stream<String> leaves(String prefix, JSONSchemaProps field) {
    return field.getProperties() == null || field.getProperties().isEmpty()
        ? Stream.of(prefix)
        : field.getProperties().entrySet().stream()
            .flatMap(
                below ->
                    leaves(
                        prefix.isEmpty() ? below.getKey() : prefix + "." + below.getKey(),
                        below.getValue()));
  }
}
