package io.securememcached.operator.reconcile;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.status.Failure;
import io.securememcached.operator.status.Reason;
import io.securememcached.operator.status.Stage;
import java.util.List;

/**
 * A resource whose spec was written for a later version of the operator. What can't be read is no
 * default: servers, Secrets and Services stay as they are. The policies are kept, if all that they
 * are made of can be read.
 */
final class UnreadableSpec {

  private static final List<String> OF_POLICIES =
      List.of("spec.sourceZones", "spec.port", "spec.listen");

  private UnreadableSpec() {}

  /**
   * Ends the reconciliation of a resource whose policies are not known.
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
   * Ends the reconciliation of a resource of which anything is not known.
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
                + "; servers and Secrets are left unchanged. Upgrade the operator to the version of the CRD, or use a supported value."),
        null);
  }
}
