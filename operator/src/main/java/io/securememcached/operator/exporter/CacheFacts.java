package io.securememcached.operator.exporter;

import io.securememcached.operator.api.v1beta1.Listen;
import io.securememcached.operator.api.v1beta1.SecureMemcached;

/**
 * What the exporter keeps of a resource.
 *
 * @param replicas number of requested servers
 * @param listen where its servers will listen, once they have restarted
 */
record CacheFacts(String namespace, String name, String uid, int replicas, Listen listen) {

  static CacheFacts of(SecureMemcached resource) {
    return new CacheFacts(
        resource.getMetadata().getNamespace(),
        resource.getMetadata().getName(),
        resource.getMetadata().getUid(),
        resource.getSpec().replicas(),
        resource.getSpec().listen());
  }
}
