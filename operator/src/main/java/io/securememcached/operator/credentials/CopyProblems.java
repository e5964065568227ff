package io.securememcached.operator.credentials;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Names;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Messages about what a copy of a login lacks, and the way out. */
final class CopyProblems {

  private CopyProblems() {}

  /** Why a login can't be copied to a namespace, if so, by what is known without a request. */
  static Optional<String> before(
      SecureMemcached primary,
      String user,
      String namespace,
      CopyConsents consents,
      Optional<CopyConsent> copy) {
    String own = primary.getMetadata().getNamespace();
    if (namespace.equals(own)) {
      return Optional.of(
          "spec.users[].secretNamespaces of user %s has this resource's own namespace %s, where Secret %s is; remove it from the list."
              .formatted(user, own, Names.credentials(primary, user)));
    }
    if (!consents.watches(namespace)) {
      return Optional.of(
          "%s: the operator does not watch that namespace. An administrator adds it to watchNamespaces of the operator's chart, or it leaves spec.users[].secretNamespaces."
              .formatted(start(user, namespace)));
    }
    Optional<String> fault = consents.fault(namespace);
    if (fault.isPresent() && copy.isEmpty()) {
      return Optional.of("%s: %s.".formatted(start(user, namespace), fault.get()));
    }
    if (copy.isEmpty()) {
      return Optional.of(
          "%1$s, as no Secret there consents. Whoever may create Secrets in that namespace runs: kubectl --namespace %2$s create secret generic %3$s && kubectl --namespace %2$s label secret %3$s %4$s=%5$s"
              .formatted(
                  start(user, namespace),
                  namespace,
                  Names.credentials(primary, user),
                  Labels.COPY_FROM,
                  own));
    }
    if (!copy.get().isUsable()) {
      return Optional.of(
          "%s: Secret %s there belongs to another SecureMemcached. Remove the label %s from it, and create a Secret of another name with the annotation %s=%s."
              .formatted(
                  start(user, namespace),
                  copy.get().name(),
                  Labels.COPY_FROM,
                  Labels.COPY_OF,
                  Names.credentials(primary, user)));
    }
    return Optional.empty();
  }

  static String type(String user, CopyConsent copy, String type) {
    return "%s: Secret %s there has the type %s. Replace it by one of type Opaque or servicebinding.io/memcached."
        .formatted(start(user, copy.namespace()), copy.name(), type);
  }

  /**
   * The Secret has keys of a login that the operator did not write.
   *
   * @param keys of the Secret
   */
  static String taken(String user, CopyConsent copy, List<String> keys) {
    return "%s: Secret %s there has keys of somebody else (%s), which are not overwritten. Whoever owns the Secret deletes them: kubectl --namespace %s patch secret %s --type merge --patch '{\"data\": {%s}}'; or creates a Secret of another name with the annotation %s=%s."
        .formatted(
            start(user, copy.namespace()),
            copy.name(),
            String.join(", ", keys),
            copy.namespace(),
            copy.name(),
            keys.stream().map("\"%s\": null"::formatted).collect(Collectors.joining(", ")),
            Labels.COPY_OF,
            copy.source());
  }

  /** The API server rejects a copy, as of an immutable Secret. */
  static String rejected(String user, CopyConsent copy, String message) {
    return "%s: the API server rejects the change of Secret %s there, and the operator tries again: %s"
        .formatted(start(user, copy.namespace()), copy.name(), message);
  }

  static String failed(String user, CopyConsent copy, String message) {
    return "%s yet; the operator tries again. Kubernetes API request failed for Secret %s there: %s"
        .formatted(start(user, copy.namespace()), copy.name(), message);
  }

  /** A copy whose owner no longer consents stays, as the API server rejects the change. */
  static String kept(String user, String namespace, String name, String message) {
    return "The copy of the login of user %s in Secret %s of namespace %s stays, as the API server rejects its removal: %s. Delete the Secret, or rotate the login."
        .formatted(user, name, namespace, message);
  }

  /** As above, of a Secret that can be changed. */
  static String notYetRemoved(String user, String namespace, String name, String message) {
    return "The copy of the login of user %s in Secret %s of namespace %s stays for now, as the API server rejects its removal, and the operator tries again: %s. Repair what rejects it, delete the Secret, or rotate the login."
        .formatted(user, name, namespace, message);
  }

  private static String start(String user, String namespace) {
    return "Login of user %s is not copied to namespace %s".formatted(user, namespace);
  }
}
