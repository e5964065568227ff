package io.securememcached.operator.reconcile;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.children.ChildException;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.Reason;
import io.securememcached.operator.status.Stage;
import java.util.List;

/**
 * A resource whose spec was written for a later version of the operator. Unreadable values are
 * never defaulted: servers, Secrets and Services are left unchanged. The policies are kept, if all
 * of their fields can be read.
 */
final class UnreadableSpec {

  private static final List<String> OF_POLICIES =
      List.of("spec.sourceZones", "spec.port", "spec.listen");

  private UnreadableSpec() {}

  /**
   * Ends the reconciliation of a resource whose policies can't be determined.
   *
   * @throws ChildException naming what can't be read
   */
  static void requirePolicies(SecureMemcached primary) {
    if (primary.getUnreadable().stream()
        .anyMatch(field -> OF_POLICIES.stream().anyMatch(field::startsWith))) {
      throw exception(primary, Stage.NETWORK_POLICIES);
    }
  }

  /**
   * Ends the reconciliation of a resource with any unreadable value.
   *
   * @throws ChildException naming what can't be read
   */
  static void requireAll(SecureMemcached primary) {
    if (!primary.getUnreadable().isEmpty()) {
      throw exception(primary, Stage.CREDENTIALS);
    }
  }

  private static ChildException exception(SecureMemcached primary, Stage stage) {
    return new ChildException(
        new Failure(
            stage,
            Reason.SpecUnreadable,
            "This operator version does not support "
                + String.join(", ", primary.getUnreadable())
                + "; servers and Secrets are left unchanged. Upgrade the operator to the version of"
                + " the CRD, or use a supported value."),
        null);
  }
}
