package io.securememcached.operator.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Labels;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** The client of the API server, as the operator needs it. */
final class ApiClient {

  /** What watches bring; all else is read as what it was asked for. */
  private static final List<Class<? extends KubernetesResource>> KINDS =
      List.of(
          SecureMemcached.class,
          NetworkPolicy.class,
          Secret.class,
          ServiceAccount.class,
          Service.class,
          StatefulSet.class,
          PodDisruptionBudget.class,
          Pod.class,
          EndpointSlice.class,
          Ingress.class,
          Status.class);

  private static final int NAMESPACES_AS_STREAMS = 4;

  /** Two fit into the 10 s after which a leader has to stop. */
  private static final Duration LEASE_REQUEST_TIMEOUT = Duration.ofSeconds(3);

  private ApiClient() {}

  /**
   * A client of an operator, which watches up to 17 kinds in each namespace; the caller closes it.
   *
   * <p>Few watches are streams of the connection that is there anyway. Many are WebSockets with a
   * connection each: a server may allow no more than 100 streams, and the JDK's client refuses the
   * next one instead of connecting again (docs/adr/0012-watches-as-streams.md).
   *
   * @param namespaces empty for all, which are watched at once
   */
  static KubernetesClient watching(
      Config config, Set<String> namespaces, Interceptor... observers) {
    config.setOnlyHttpWatches(namespaces.size() <= NAMESPACES_AS_STREAMS);
    return of(config, observers);
  }

  /**
   * A client for the lease alone, with a connection of its own: nothing that other requests or
   * watches do to theirs delays a renewal. A request fails after 3 s and is not retried, so that
   * the caller decides what comes next; the caller closes the client.
   */
  static KubernetesClient forLease(Config config) {
    int millis = Math.toIntExact(LEASE_REQUEST_TIMEOUT.toMillis());
    return of(
        new ConfigBuilder(config)
            .withConnectionTimeout(millis)
            .withRequestTimeout(millis)
            .withRequestRetryBackoffLimit(0)
            .build());
  }

  /**
   * A client; the caller closes it. The user agent is also the field manager of the few writes that
   * are no apply.
   *
   * @param observers see each request and answer
   */
  static KubernetesClient of(Config config, Interceptor... observers) {
    config.setUserAgent(Labels.OPERATOR);
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withKubernetesSerialization(serialization())
        .withHttpClientFactory(new JdkHttpClientFactory())
        .withHttpClientBuilderConsumer(
            builder -> {
              builder.addOrReplaceInterceptor("gzip", new GzipResponses());
              builder.addOrReplaceInterceptor("watches", new HttpWatches());
              for (int i = 0; i < observers.length; i++) {
                builder.addOrReplaceInterceptor("observer-" + i, observers[i]);
              }
            })
        .build();
  }

  /** Without its search for all of some hundred kinds, which loads a class for each. */
  static KubernetesSerialization serialization() {
    ObjectMapper mapper = new ObjectMapper();
    mapper.registerModule(
        new SimpleModule()
            .addDeserializer(FieldsV1.class, new SharedFields())
            .setDeserializerModifier(new LazyModel()));
    KubernetesSerialization serialization = new KubernetesSerialization(mapper, false);
    KINDS.forEach(serialization::registerKubernetesResource);
    return serialization;
  }
}
