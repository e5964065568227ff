package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.securememcached.operator.api.v1beta1.SecureMemcached;

/** ServiceAccount of the servers: an identity without permissions and without a token. */
final class ServerAccount {

  private ServerAccount() {}

  static ServiceAccount desired(SecureMemcached primary) {
    return new ServiceAccountBuilder()
        .withMetadata(Labels.meta(primary, Names.name(primary), "server").build())
        .withAutomountServiceAccountToken(false)
        .build();
  }
}
