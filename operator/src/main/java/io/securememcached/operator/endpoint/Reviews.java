package io.securememcached.operator.endpoint;

import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.NonResourceAttributes;
import io.fabric8.kubernetes.api.model.authorization.v1.NonResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributes;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.client.ApiClient;
import java.util.Optional;

/**
 * Asks the API server who a caller is (TokenReview) and what the caller may do
 * (SubjectAccessReview). Both are answers only: nothing is stored.
 */
public interface Reviews extends AutoCloseable {

  /** API group, resource and subresource of the right to read a resource's metrics. */
  String GROUP = "securememcached.io";

  String RESOURCE = "securememcacheds";
  String SUBRESOURCE = "metrics";

  /**
   * Whose token it is; empty if it is invalid.
   *
   * @throws KubernetesClientException if the API server does not say
   */
  Optional<UserInfo> user(String token);

  /**
   * Whether a user may read the metrics of just this scope.
   *
   * @throws KubernetesClientException if the API server does not say
   */
  boolean allows(UserInfo user, MetricsScope scope);

  /** Nothing is asked after this. */
  @Override
  default void close() {}

  /** Those of an API server, on connections of their own. */
  static Reviews of(Config config) {
    KubernetesClient client = ApiClient.forReviews(config);
    return new Reviews() {
      @Override
      public Optional<UserInfo> user(String token) {
        TokenReview review =
            client
                .tokenReviews()
                .create(new TokenReviewBuilder().withNewSpec().withToken(token).endSpec().build());
        return Optional.ofNullable(review.getStatus())
            .filter(status -> Boolean.TRUE.equals(status.getAuthenticated()))
            .map(status -> status.getUser());
      }

      @Override
      public boolean allows(UserInfo user, MetricsScope scope) {
        SubjectAccessReview review =
            client.authorization().v1().subjectAccessReview().create(question(user, scope));
        return review.getStatus() != null
            && Boolean.TRUE.equals(review.getStatus().getAllowed())
            && !Boolean.TRUE.equals(review.getStatus().getDenied());
      }

      @Override
      public void close() {
        client.close();
      }
    };
  }

  private static SubjectAccessReview question(UserInfo user, MetricsScope scope) {
    SubjectAccessReviewBuilder review =
        new SubjectAccessReviewBuilder()
            .withNewSpec()
            .withUser(user.getUsername())
            .withUid(user.getUid())
            .withGroups(user.getGroups())
            .withExtra(user.getExtra())
            .endSpec();
    switch (scope) {
      case MetricsScope.All all -> review.editSpec().withNonResourceAttributes(all()).endSpec();
      case MetricsScope.Namespace own ->
          review.editSpec().withResourceAttributes(of(own.namespace(), null)).endSpec();
      case MetricsScope.Resource one ->
          review.editSpec().withResourceAttributes(of(one.namespace(), one.name())).endSpec();
    }
    return review.build();
  }

  private static NonResourceAttributes all() {
    return new NonResourceAttributesBuilder().withVerb("get").withPath(MetricsScope.PATH).build();
  }

  /** Without a name: the right to all of the namespace. */
  private static ResourceAttributes of(String namespace, String name) {
    return new ResourceAttributesBuilder()
        .withVerb("get")
        .withGroup(GROUP)
        .withResource(RESOURCE)
        .withSubresource(SUBRESOURCE)
        .withNamespace(namespace)
        .withName(name)
        .build();
  }
}
