package io.securememcached.operator.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsScopeTest {

  @Test
  void pathsNameNamespaceAndResource() {
    assertThat(MetricsScope.of("/metrics")).contains(new MetricsScope.All());
    assertThat(MetricsScope.of("/metrics/namespaces/shop"))
        .contains(new MetricsScope.Namespace("shop"));
    assertThat(MetricsScope.of("/metrics/namespaces/shop/cart-1"))
        .contains(new MetricsScope.Resource("shop", "cart-1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/metrics/",
        "/metricsx",
        "/metrics/namespaces",
        "/metrics/namespaces/",
        "/metrics/namespaces/shop/",
        "/metrics/namespaces//cart",
        "/metrics/namespaces/shop/cart/0",
        "/metrics/namespaces/../shop",
        "/metrics/namespaces/Shop",
        "/metrics/namespaces/shop/10.0.0.1",
        "/metrics/namespaces/shop/cart:11211",
        "/metrics/namespaces/%73hop",
        "/metrics/namespaces/shop\n",
      })
  void otherPathsNameNothing(String path) {
    assertThat(MetricsScope.of(path)).isEmpty();
  }
}
