package io.securememcached.operator.client;

import com.fasterxml.jackson.databind.DeserializationFeature;
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
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.impl.KubernetesClientImpl;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memory.BoundedReading;
import io.securememcached.operator.memory.SequentialLists;
import io.securememcached.operator.memory.SharedFields;
import io.securememcached.operator.resource.Labels;
import java.time.Duration;
import java.util.List;

/** The operator's client of the API server. */
public final class ApiClient {

  /** Kinds of watch events; other responses are read as the requested type. */
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

  /** Two fit into the 10 s after which a leader must stop. */
  private static final Duration SHORT_TIMEOUT = Duration.ofSeconds(3);

  private ApiClient() {}

  /**
   * A client for the Lease only, with its own connection, so that other requests or watches never
   * delay a renewal. A request fails after 3 s and is not retried, as the caller decides what to
   * do; the caller closes the client.
   */
  public static KubernetesClient forLease(Config config) {
    return withoutRetries(config);
  }

  /**
   * A client for questions about callers of the metrics port, which a standby answers, too: unlike
   * other requests with a body, they write nothing. A request fails after 3 s and is not retried,
   * as a caller waits; the caller closes the client.
   */
  public static KubernetesClient forReviews(Config config) {
    return withoutRetries(config);
  }

  private static KubernetesClient withoutRetries(Config config) {
    int millis = Math.toIntExact(SHORT_TIMEOUT.toMillis());
    return of(
        new ConfigBuilder(config)
            .withConnectionTimeout(millis)
            .withRequestTimeout(millis)
            .withRequestRetryBackoffLimit(0)
            .build());
  }

  /**
   * A client; the caller closes it. The user agent is also the field manager of the few writes
   * other than apply.
   *
   * <p>A watch is a WebSocket with a connection of its own, and OkHttp sends a ping on each: a
   * silent API server is detected within a minute, and the number of watches is not limited by a
   * number of streams (docs/adr/0015-transport-of-the-libraries.md).
   *
   * @param observers see each request and answer
   */
  public static KubernetesClient of(Config config, Interceptor... observers) {
    config.setUserAgent(Labels.OPERATOR);
    HttpClient.Builder http = new OkHttpClientFactory().newBuilder(config);
    http.addOrReplaceInterceptor("metadata-only", new MetadataOnly());
    for (int i = 0; i < observers.length; i++) {
      http.addOrReplaceInterceptor("observer-" + i, observers[i]);
    }
    return new KubernetesClientImpl(new SequentialLists(http), config, null, serialization());
  }

  /** Shares equal managed fields, and resolves only its own kinds. */
  public static KubernetesSerialization serialization() {
    ObjectMapper mapper = new ObjectMapper();
    // A later version of the CRD, or of Kubernetes, may have unknown fields.
    mapper.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    mapper.registerModule(new BoundedReading());
    mapper.registerModule(new TolerantReading());
    mapper.registerModule(new SimpleModule().addDeserializer(FieldsV1.class, new SharedFields()));
    KubernetesSerialization serialization = new KubernetesSerialization(mapper, false);
    KINDS.forEach(serialization::registerKubernetesResource);
    return serialization;
  }
}
