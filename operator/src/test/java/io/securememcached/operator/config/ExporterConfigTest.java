package io.securememcached.operator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExporterConfigTest {

  @Test
  void takesDefaultsForWhatIsNotGiven() {
    assertThat(ExporterConfig.from(Map.of("OPERATOR_NAMESPACE", "system")))
        .isEqualTo(
            new ExporterConfig(
                "system",
                Set.of(),
                8081,
                9150,
                new MetricsAccess(true, Optional.empty()),
                Duration.ofSeconds(1),
                "info"));
  }

  @Test
  void namesWhatIsMissingOrWrong() {
    assertThatThrownBy(() -> ExporterConfig.from(Map.of()))
        .hasMessageStartingWith("OPERATOR_NAMESPACE is not set");
    assertThatThrownBy(
            () ->
                ExporterConfig.from(
                    Map.of("OPERATOR_NAMESPACE", "system", "SCRAPE_TIMEOUT_MILLIS", "5")))
        .hasMessage("SCRAPE_TIMEOUT_MILLIS is '5'; expected a whole number from 10 to 60000");
  }

  @Test
  void watchesNamedNamespacesAndItsOwn() {
    assertThat(
            ExporterConfig.from(Map.of("OPERATOR_NAMESPACE", "system", "WATCH_NAMESPACES", "OWN,a"))
                .watchNamespaces())
        .containsExactlyInAnyOrder("system", "a");
  }
}
