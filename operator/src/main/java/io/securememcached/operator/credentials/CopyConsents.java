package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.User;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.watches.ForeignBudget;
import io.securememcached.operator.watches.ForeignWatch;
import io.securememcached.operator.watches.WatchFaults;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Secrets that consent to hold a copy of a login, by the label {@link Labels#COPY_FROM}. One watch
 * for all of them, of their metadata only.
 */
public final class CopyConsents extends SimpleInboundEventSource<SecureMemcached> {

  private static final Duration START = Duration.ofSeconds(10);

  private static final ResourceDefinitionContext SECRETS =
      new ResourceDefinitionContext.Builder()
          .withVersion("v1")
          .withKind("Secret")
          .withPlural("secrets")
          .withNamespaced(true)
          .build();

  private final EventSourceContext<SecureMemcached> context;
  private final KubernetesClient client;
  private final Set<String> namespaces;
  private final ForeignWatch<GenericKubernetesResource> watch;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("copies-", 0).factory());

  private volatile Future<?> looking = CompletableFuture.completedFuture(null);

  public CopyConsents(
      EventSourceContext<SecureMemcached> context, ForeignBudget budget, WatchFaults faults) {
    super("login-copies");
    this.context = context;
    this.client = context.getClient();
    this.namespaces = ForeignWatch.namespaces(context);
    watch =
        new ForeignWatch<>(
            "Secret for copies of logins",
            namespaces,
            this::labelled,
            CopyConsents::keys,
            new Changes(),
            budget,
            faults);
  }

  /** Returns once the list is complete, or after some seconds. */
  @Override
  public void start() {
    super.start();
    watch.start().completeOnTimeout(null, START.toSeconds(), TimeUnit.SECONDS).join();
    looking = timer.scheduleWithFixedDelay(() -> watch.look(this::faultOf), 0, 1, TimeUnit.SECONDS);
  }

  @Override
  public void stop() {
    looking.cancel(true);
    timer.shutdownNow();
    watch.stop();
    super.stop();
  }

  /** Whether the operator watches a namespace. */
  boolean watches(String namespace) {
    return namespaces.isEmpty() || namespaces.contains(namespace);
  }

  /** Why the consents of a namespace are not all known, if so. */
  Optional<String> fault(String namespace) {
    return watch.fault(namespace);
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
    return watch.concerning(key).flatMap(secret -> CopyConsent.of(secret).stream());
  }

  /** A namespace's name is no Secret's with its namespace. */
  private static List<String> keys(GenericKubernetesResource secret) {
    return CopyConsent.of(secret).stream()
        .flatMap(
            of -> Stream.of("", of.sourceNamespace(), of.sourceNamespace() + "/" + of.source()))
        .toList();
  }

  private Informable<GenericKubernetesResource> labelled(String namespace) {
    var all = client.genericKubernetesResources(SECRETS);
    return namespace.isEmpty()
        ? all.inAnyNamespace().withLabel(Labels.COPY_FROM)
        : all.inNamespace(namespace).withLabel(Labels.COPY_FROM);
  }

  /** The resources that name a namespace, whose watch has failed or works again. */
  private void faultOf(String namespace) {
    context
        .getPrimaryCache()
        .list()
        .filter(
            primary ->
                primary.getSpec().users().stream()
                    .flatMap(user -> user.secretNamespaces().stream())
                    .anyMatch(name -> namespace.isEmpty() || name.equals(namespace)))
        .map(ResourceID::fromResource)
        .forEach(this::propagateEvent);
  }

  private final class Changes implements ResourceEventHandler<GenericKubernetesResource> {

    @Override
    public void onAdd(GenericKubernetesResource secret) {
      changed(secret);
    }

    @Override
    public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource now) {
      changed(before);
      changed(now);
    }

    @Override
    public void onDelete(GenericKubernetesResource secret, boolean unknownState) {
      changed(secret);
    }

    private void changed(GenericKubernetesResource secret) {
      CopyConsent.of(secret)
          .ifPresent(
              of ->
                  context
                      .getPrimaryCache()
                      .list(of.sourceNamespace())
                      .filter(
                          primary ->
                              primary.getSpec().users().stream()
                                  .filter(user -> !user.secretNamespaces().isEmpty())
                                  .anyMatch(
                                      user ->
                                          Names.credentials(primary, user.name())
                                              .equals(of.source())))
                      .map(ResourceID::fromResource)
                      .forEach(CopyConsents.this::propagateEvent));
    }
  }
}
