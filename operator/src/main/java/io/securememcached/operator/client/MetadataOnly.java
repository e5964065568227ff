package io.securememcached.operator.client;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.securememcached.operator.resource.Labels;
import java.net.URI;

/**
 * Requests only the metadata when user-provided Secrets are listed and watched, as anyone who may
 * label a Secret decides on its contents and size.
 */
final class MetadataOnly implements Interceptor {

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    URI uri = request.uri();
    String query = uri.getQuery();
    if (uri.getPath().endsWith("/secrets")
        && query != null
        && query.contains("labelSelector=" + Labels.LOGIN_FOR)) {
      builder.setHeader(
          "Accept",
          "application/json;as="
              + (query.contains("watch=true")
                  ? "PartialObjectMetadata"
                  : "PartialObjectMetadataList")
              + ";g=meta.k8s.io;v=v1");
    }
  }
}
