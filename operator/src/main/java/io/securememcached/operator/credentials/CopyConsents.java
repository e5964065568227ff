package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.User;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.watches.ForeignBudget;
import io.securememcached.operator.watches.LabelledObjects;
import io.securememcached.operator.watches.WatchFaults;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Secrets that consent to hold a copy of a login, by the label {@link Labels#COPY_FROM}. One watch
 * for all of them, of their metadata only.
 */
public final class CopyConsents extends SimpleInboundEventSource<SecureMemcached> {

  private final EventSourceContext<SecureMemcached> context;
  private final LabelledObjects labelled;

  public CopyConsents(
      EventSourceContext<SecureMemcached> context, ForeignBudget budget, WatchFaults faults) {
    super("login-copies");
    this.context = context;
    labelled =
        new LabelledObjects(
            new LabelledObjects.Selection(
                "Secret for copies of logins",
                "Secret",
                "secrets",
                Labels.COPY_FROM,
                CopyConsents::keys),
            new Sources(),
            this::propagateEvent,
            context,
            budget,
            faults);
  }

  /** Returns once the list is complete, or after some seconds. */
  @Override
  public void start() {
    super.start();
    labelled.start();
  }

  @Override
  public void stop() {
    labelled.stop();
    super.stop();
  }

  /** Whether the operator watches a namespace. */
  boolean watches(String namespace) {
    return labelled.watches(namespace);
  }

  /** Whether the first list of a namespace is still under way, so that nothing is missing yet. */
  boolean isStarting(String namespace) {
    return labelled.isStarting(namespace);
  }

  /** Why the consents of a namespace are not all known, if so. */
  Optional<String> fault(String namespace) {
    return labelled
        .fault(namespace)
        .map(
            fault ->
                "can't list or watch Secrets with label %s there: %s"
                    .formatted(Labels.COPY_FROM, fault))
        .or(() -> labelled.shortage(namespace));
  }

  /** Consents to copies of a Secret. */
  Stream<CopyConsent> of(String sourceNamespace, String source) {
    return consents(sourceNamespace + "/" + source);
  }

  /** One Secret for each namespace; where several consent, the one that is filled already. */
  Optional<CopyConsent> of(SecureMemcached primary, User user, String namespace) {
    return of(primary.getMetadata().getNamespace(), Names.credentials(primary, user.name()))
        .filter(copy -> copy.namespace().equals(namespace))
        .min(
            Comparator.comparing((CopyConsent copy) -> !copy.isFilled())
                .thenComparing(CopyConsent::name));
  }

  /** Consents to copies of all Secrets of a namespace. */
  Stream<CopyConsent> of(String sourceNamespace) {
    return consents(sourceNamespace);
  }

  /** Namespaces of all Secrets that are to be copied. */
  List<String> sourceNamespaces() {
    return consents("").map(CopyConsent::sourceNamespace).distinct().toList();
  }

  private Stream<CopyConsent> consents(String key) {
    return labelled.concerning(key).flatMap(secret -> CopyConsent.of(secret).stream());
  }

  /** A namespace's name is no Secret's with its namespace. */
  private static List<String> keys(GenericKubernetesResource secret) {
    return CopyConsent.of(secret).stream()
        .flatMap(
            of -> Stream.of("", of.sourceNamespace(), of.sourceNamespace() + "/" + of.source()))
        .toList();
  }

  private static Stream<String> namespacesOf(SecureMemcached primary) {
    return primary.getSpec().users().stream().flatMap(user -> user.secretNamespaces().stream());
  }

  private final class Sources implements LabelledObjects.Users {

    @Override
    public Stream<SecureMemcached> of(GenericKubernetesResource secret) {
      return CopyConsent.of(secret).stream()
          .flatMap(
              consent ->
                  context
                      .getPrimaryCache()
                      .list(consent.sourceNamespace())
                      .filter(primary -> concerns(primary, consent)));
    }

    @Override
    public Stream<SecureMemcached> ofAllIn(String namespace) {
      return context
          .getPrimaryCache()
          .list()
          .filter(
              primary ->
                  namespacesOf(primary)
                      .anyMatch(name -> namespace.isEmpty() || name.equals(namespace)));
    }

    /** Not where nobody names the namespace: whoever labels a Secret there must not be heard. */
    private static boolean concerns(SecureMemcached primary, CopyConsent consent) {
      return primary.getSpec().users().stream()
              .filter(user -> Names.credentials(primary, user.name()).equals(consent.source()))
              .anyMatch(user -> user.secretNamespaces().contains(consent.namespace()))
          || primary.getStatus().credentials().stream()
              .anyMatch(login -> login.copies().contains(consent.id()));
    }
  }
}
