package io.securememcached.operator.testing;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;

/** A client for which an error is an answer: others repeat a request for 19 s at a 429 or 5xx. */
public final class ImpatientClient {

  private ImpatientClient() {}

  /** Builds one; the caller closes it. */
  public static KubernetesClient of(Config config) {
    return new KubernetesClientBuilder()
        .withConfig(new ConfigBuilder(config).withRequestRetryBackoffLimit(0).build())
        .withHttpClientFactory(new OkHttpClientFactory())
        .build();
  }
}
