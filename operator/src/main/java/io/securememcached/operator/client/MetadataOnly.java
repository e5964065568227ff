package io.securememcached.operator.client;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.securememcached.operator.resource.Labels;
import java.net.URI;

/**
 * Requests only the metadata when Secrets and ConfigMaps of users are listed and watched, as anyone
 * who may label one decides on its contents and size.
 */
final class MetadataOnly implements Interceptor {

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    URI uri = request.uri();
    String query = uri.getQuery();
    if (query != null
        && (isOf("/secrets", Labels.LOGIN_FOR, uri)
            || isOf("/secrets", Labels.COPY_FROM, uri)
            || isOf("/configmaps", Labels.CIDRS, uri))) {
      builder.setHeader(
          "Accept",
          "application/json;as="
              + (query.contains("watch=true")
                  ? "PartialObjectMetadata"
                  : "PartialObjectMetadataList")
              + ";g=meta.k8s.io;v=v1");
    }
  }

  private static boolean isOf(String kind, String label, URI uri) {
    return uri.getPath().endsWith(kind) && uri.getQuery().contains("labelSelector=" + label);
  }
}
