package io.securememcached.operator.events;

import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import java.util.Optional;

/**
 * What a resource is told that names no flavor and gets CentOS7.
 *
 * <p>{@code status.flavor} remembers that it was told: it outlives failures and restarts of the
 * operator, so that a resource gets there once. docs/adr/0043 has the alternatives.
 */
final class DefaultFlavor {

  private static final String OUTDATED = Image.Flavor.CentOS7.name();

  private DefaultFlavor() {}

  /**
   * The message, if the default has become the resource's flavor since its last status.
   *
   * @param next the status that follows the resource's own
   */
  static Optional<String> of(SecureMemcached primary, SecureMemcachedStatus next) {
    return next.flavor().equals(OUTDATED)
            && !primary.getStatus().flavor().equals(OUTDATED)
            && primary.getSpec().image().chosenFlavor().isEmpty()
        ? Optional.of(
            "No spec.image.flavor is set, so the servers run the operator's default CentOS7: memcached 1.4.15, without security fixes since 2024-06-30. A client with a login can run code on it (fixed in 1.6.43), and one packet from a source zone can crash it without a login (fixed in 1.6.42). Set spec.image.flavor to Debian13, which has both fixes: servers restart one at a time and lose their caches, logins stay. Set it to CentOS7 to keep these servers whatever the default will be. The chart value defaultFlavor sets the default.")
        : Optional.empty();
  }
}
