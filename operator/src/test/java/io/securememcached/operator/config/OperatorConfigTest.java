package io.securememcached.operator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.monitoring.ExporterKeys;
import io.securememcached.operator.monitoring.ExporterSettings;
import io.securememcached.operator.resource.Mesh;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OperatorConfigTest {

  private static final Map<String, String> REQUIRED =
      Map.of(
          "OPERATOR_NAMESPACE", "system",
          "POD_LABEL_NAME", "operator",
          "POD_LABEL_INSTANCE", "platform",
          "POD_NAME", "operator-0",
          "MEMCACHED_IMAGE_CENTOS7", "example/centos7",
          "MEMCACHED_IMAGE_DEBIAN12", "example/debian12",
          "MEMCACHED_IMAGE_DEBIAN13", "example/debian13");

  @Test
  void takesDefaultsForWhatIsNotGiven() {
    OperatorConfig config = OperatorConfig.from(REQUIRED);

    assertThat(config.settings().operatorNamespace()).isEqualTo("system");
    assertThat(config.settings().operatorLabels())
        .isEqualTo(
            Map.of(
                "app.kubernetes.io/name", "operator",
                "app.kubernetes.io/instance", "platform"));
    assertThat(config.settings().images())
        .containsEntry(Image.Flavor.CentOS7, "example/centos7")
        .containsEntry(Image.Flavor.Debian12, "example/debian12")
        .containsEntry(Image.Flavor.Debian13, "example/debian13");
    assertThat(config.settings().defaultFlavor()).isEqualTo(Image.Flavor.CentOS7);
    assertThat(config.exporter()).isEqualTo(new ExporterSettings(false, Duration.ofDays(30)));
    assertThat(config.podName()).isEqualTo("operator-0");
    assertThat(config.watchNamespaces()).isEmpty();
    assertThat(config.leaderElection()).isTrue();
    assertThat(config.healthPort()).isEqualTo(8081);
    assertThat(config.metricsPort()).isEqualTo(8080);
    assertThat(config.metricsAccess()).isEqualTo(new MetricsAccess(true, Optional.empty()));
    assertThat(config.threads()).isEqualTo(4);
    assertThat(config.maxConcurrentUpdates()).isEqualTo(1);
    assertThat(config.maxUpdatesPerMinute()).isEqualTo(10);
    assertThat(config.logLevel()).isEqualTo("info");
    assertThat(config.settings().intended()).isEmpty();
    assertThat(config.settings().allowedImages().allows("any.example/image")).isTrue();
    assertThat(config.settings().platformUserIds()).isFalse();
  }

  @Test
  void exporterCanBeSwitchedOn() {
    assertThat(with("EXPORTER", "true").exporter().enabled()).isTrue();
    assertThat(with("EXPORTER_KEY_ROTATION_DAYS", "1").exporter().keyRotation())
        .as("not shorter than the overlap")
        .isEqualTo(ExporterKeys.OVERLAP);
  }

  @Test
  void flavorOfResourcesThatNameNoneCanBeSet() {
    assertThat(with("DEFAULT_FLAVOR", "Debian12").settings().defaultFlavor())
        .isEqualTo(Image.Flavor.Debian12);
  }

  @Test
  void meshIsNoneUnlessTheAdministratorNamesOne() {
    assertThat(OperatorConfig.from(REQUIRED).settings().mesh()).isEqualTo(Mesh.None);
    assertThat(with("MESH", "IstioAmbient").settings().mesh()).isEqualTo(Mesh.IstioAmbient);
  }

  @Test
  void metricsAreOpenOnlyWhereThatIsSaid() {
    assertThat(with("METRICS_AUTHENTICATION", "false").metricsAccess().authentication()).isFalse();
    assertThat(with("TLS_CERTIFICATE_FOLDER", "/tls").metricsAccess())
        .isEqualTo(new MetricsAccess(true, Optional.of(Path.of("/tls"))));
    assertThatThrownBy(() -> with("METRICS_AUTHENTICATION", "no"))
        .hasMessage("METRICS_AUTHENTICATION is 'no'; expected true or false");
  }

  @Test
  void watchesNamedNamespacesAndItsOwn() {
    assertThat(with("WATCH_NAMESPACES", " shop , OWN,blog").watchNamespaces())
        .containsExactlyInAnyOrder("shop", "system", "blog");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "OPERATOR_NAMESPACE",
        "POD_LABEL_NAME",
        "POD_LABEL_INSTANCE",
        "POD_NAME",
        "MEMCACHED_IMAGE_CENTOS7",
        "MEMCACHED_IMAGE_DEBIAN12",
        "MEMCACHED_IMAGE_DEBIAN13"
      })
  void namesWhatIsMissing(String name) {
    assertThatThrownBy(() -> with(name, " "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            name + " is not set; the chart and install.yaml set it, see docs/configuration.md");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          WATCH_NAMESPACES    | Shop  | WATCH_NAMESPACES contains 'Shop'; expected a comma-separated list of namespaces, OWN for the operator's own, or empty for all
          LEADER_ELECTION     | yes   | LEADER_ELECTION is 'yes'; expected true or false
          DEFAULT_FLAVOR      | Alpine | DEFAULT_FLAVOR is 'Alpine'; expected one of [CentOS7, Debian12, Debian13]
          MESH                | IstioSidecar | MESH is 'IstioSidecar'; expected one of [None, IstioAmbient], see docs/meshes.md for others
          HEALTH_PORT         | 70000 | HEALTH_PORT is '70000'; expected a whole number from 0 to 65535
          METRICS_PORT        | http  | METRICS_PORT is 'http'; expected a whole number from 0 to 65535
          RECONCILE_THREADS   | 0     | RECONCILE_THREADS is '0'; expected a whole number from 1 to 64
          UPDATE_MAX_CONCURRENT | 0   | UPDATE_MAX_CONCURRENT is '0'; expected a whole number from 1 to 1000
          EXPORTER | yes | EXPORTER is 'yes'; expected true or false
          EXPORTER_KEY_ROTATION_DAYS | 0 | EXPORTER_KEY_ROTATION_DAYS is '0'; expected a whole number from 1 to 3650
          UPDATE_MAX_PER_MINUTE | -   | UPDATE_MAX_PER_MINUTE is '-'; expected a whole number from 1 to 10000
          USER_IDS            | 11211 | USER_IDS is '11211'; expected fixed or platform
          INTENDED_TRAFFIC    | {}    | INTENDED_TRAFFIC is invalid: Cannot deserialize value of type `java.util.ArrayList<io.securememcached.operator.resource.IntendedTraffic>` from Object value (token `JsonToken.START_OBJECT`); expected a JSON list of objects with name, namespaces, ingress and egress, see docs/configuration.md
          INTENDED_TRAFFIC    | [{"ingress":[{}]}] | INTENDED_TRAFFIC has an entry without a name; set name, which reports use
          LOG_LEVEL           | loud  | LOG_LEVEL is 'loud'; expected one of error, warn, info, debug, trace
          """)
  void namesWhatIsWrongAndTheWayOut(String name, String value, String message) {
    assertThatThrownBy(() -> with(name, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void readsWhichImagesResourcesMayName() {
    assertThat(with("ALLOWED_IMAGE_REFERENCES", "a/, b").settings().allowedImages().entries())
        .containsExactly("a/", "b");
    assertThat(with("ALLOWED_IMAGE_REFERENCES", "").settings().allowedImages().entries()).isEmpty();
    assertThat(with("USER_IDS", "platform").settings().platformUserIds()).isTrue();
  }

  @Test
  void readsWhatForeignPoliciesMayOpen() {
    assertThat(with("INTENDED_TRAFFIC", "[]").settings().intended()).isEmpty();
    assertThat(
            with(
                    "INTENDED_TRAFFIC",
                    "[{\"name\": \"monitoring\", \"namespaces\": [\"shop\"], \"ingress\":"
                        + " [{\"from\": [{\"podSelector\": {\"matchLabels\": {\"a\": \"b\"}}}],"
                        + " \"ports\": [{\"port\": 11211}]}]}]")
                .settings()
                .intended())
        .singleElement()
        .satisfies(
            traffic -> {
              assertThat(traffic.name()).isEqualTo("monitoring");
              assertThat(traffic.isFor("shop")).isTrue();
              assertThat(traffic.isFor("blog")).isFalse();
              assertThat(traffic.egress()).isEmpty();
            });
  }

  /** Without its field a rule would be for everybody. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{'name': 'a', 'ingres': []}]",
        "[{'name': 'a', 'ingress': [{'form': []}]}]",
        "[{'name': 'a', 'ingress': [{'from': [{'podselector': {}}]}]}]",
        "[{'name': 'a', 'ingress': [{'from': [{'podSelector': {'matchlabels': {}}}]}]}]",
        "[{'name': 'a', 'ingress': [{'from': [{'podSelector': {'matchExpressions': [{'name':"
            + " 'a'}]}}]}]}]",
        "[{'name': 'a', 'egress': [{'to': [{'ipBlock': {'cdir': '10.0.0.0/8'}}]}]}]",
        "[{'name': 'a', 'egress': [{'ports': [{'number': 53}]}]}]"
      })
  void refusesAMisspeltFieldOfARule(String text) {
    assertThatThrownBy(() -> with("INTENDED_TRAFFIC", text.replace('\'', '"')))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("INTENDED_TRAFFIC is invalid: Unrecognized field ");
  }

  private static OperatorConfig with(String name, String value) {
    Map<String, String> environment = new HashMap<>(REQUIRED);
    environment.put(name, value);
    return OperatorConfig.from(environment);
  }
}
