package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.securememcached.operator.api.v1beta1.CidrsFrom;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.client.ApiErrors;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.zones.CidrList;
import io.securememcached.operator.zones.CidrListException;
import io.securememcached.operator.zones.LoadedList;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists of CIDRs in ConfigMaps, for source zones (docs/adr/0036-lists-of-cidrs.md).
 *
 * <p>As with user-provided Secrets there is one watch, of the metadata of ConfigMaps with label
 * {@link Labels#CIDRS}: the contents of one are requested by name when they have changed and a
 * resource uses it. Nothing here fails a reconciliation, as policies must be applied all the same:
 * what can't be used leaves the last good list in force.
 */
public final class CidrLists extends SimpleInboundEventSource<SecureMemcached>
    implements ResourceEventAware<SecureMemcached> {

  private static final Duration RETRY = Duration.ofSeconds(10);

  /** Of a ConfigMap whose contents were not read. */
  private static final String UNREAD = "";

  private static final Logger LOG = LoggerFactory.getLogger(CidrLists.class);

  private final EventSourceContext<SecureMemcached> context;
  private final KubernetesClient client;
  private final LabelledObjects labelled;

  /** By uid of the resource: the status that has the newest lists may not be in the cache yet. */
  private final Map<String, Map<CidrsFrom, Known>> known = new ConcurrentHashMap<>();

  /** Resources for which a request failed: no event reports that it would succeed now. */
  private final Set<ResourceID> again = ConcurrentHashMap.newKeySet();

  /**
   * What is known of a list.
   *
   * @param version of the ConfigMap that it is about
   */
  private record Known(String version, LoadedList list) {}

  /**
   * The watch.
   *
   * @param budget memory budget for foreign objects
   * @param faults told of what can't be read
   */
  public CidrLists(
      EventSourceContext<SecureMemcached> context, ForeignBudget budget, WatchFaults faults) {
    super("cidr-lists");
    this.context = context;
    this.client = context.getClient();
    labelled =
        new LabelledObjects(
            new LabelledObjects.Selection(
                "ConfigMap with CIDRs",
                "ConfigMap",
                "configmaps",
                Labels.CIDRS,
                LabelledObjects::key),
            new Zones(),
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
    labelled.every(RETRY, this::retry);
  }

  @Override
  public void stop() {
    labelled.stop();
    super.stop();
  }

  /** The lists that a resource uses, as they are now or were last good. */
  public List<LoadedList> load(SecureMemcached primary) {
    String uid = primary.getMetadata().getUid();
    List<CidrsFrom> used = LoadedList.of(primary);
    if (used.isEmpty()) {
      known.remove(uid);
      return List.of();
    }
    Map<CidrsFrom, Known> before = known.getOrDefault(uid, Map.of());
    Map<CidrsFrom, Known> now = new HashMap<>();
    for (CidrsFrom from : used) {
      Known last =
          Optional.ofNullable(before.get(from))
              .orElseGet(() -> new Known(UNREAD, LoadedList.remembered(primary, from)));
      Known next = load(primary, from, last);
      log(primary, last.list(), next.list());
      now.put(from, next);
    }
    known.put(uid, Map.copyOf(now));
    return used.stream().map(from -> now.get(from).list()).toList();
  }

  @Override
  public void onResourceDeleted(SecureMemcached primary) {
    known.remove(primary.getMetadata().getUid());
  }

  private Known load(SecureMemcached primary, CidrsFrom from, Known last) {
    String namespace = primary.getMetadata().getNamespace();
    if (labelled.isStarting(namespace) && last.list().cidrs().isPresent()) {
      return last;
    }
    Optional<String> fault = labelled.fault(namespace);
    if (fault.isPresent()) {
      return failed(last, "the operator can't list or watch ConfigMaps with CIDRs: " + fault.get());
    }
    Optional<GenericKubernetesResource> seen =
        labelled.concerning(namespace + "/" + from.configMap()).findFirst();
    if (seen.isEmpty()) {
      return failed(last, labelled.shortage(namespace).orElseGet(() -> missing(namespace, from)));
    }
    if (seen.get().getMetadata().getResourceVersion().equals(last.version())) {
      return last;
    }
    try {
      // The label is checked again, as it may have been removed since the watch event.
      return Optional.ofNullable(
              client.configMaps().inNamespace(namespace).withName(from.configMap()).get())
          .filter(map -> map.getMetadata().getLabels() != null)
          .filter(map -> map.getMetadata().getLabels().containsKey(Labels.CIDRS))
          .map(map -> read(from, map, last))
          .orElseGet(() -> failed(last, missing(namespace, from)));
    } catch (KubernetesClientException e) {
      again.add(ResourceID.fromResource(primary));
      return failed(last, "Kubernetes API request failed: " + ApiErrors.message(e));
    }
  }

  private static Known failed(Known last, String why) {
    return new Known(UNREAD, last.list().failed(why));
  }

  private static Known read(CidrsFrom from, ConfigMap map, Known last) {
    String version = map.getMetadata().getResourceVersion();
    String text = map.getData() == null ? null : map.getData().get(from.key());
    if (text == null) {
      return new Known(
          version, last.list().failed("the key does not exist; add it, empty to admit nobody"));
    }
    try {
      return new Known(
          version, new LoadedList(from, Optional.of(CidrList.parse(text)), Optional.empty()));
    } catch (CidrListException e) {
      return new Known(version, last.list().failed(e.getMessage()));
    }
  }

  private static String missing(String namespace, CidrsFrom from) {
    return "it does not exist or lacks the label %3$s; create it with this label, or run: kubectl --namespace %1$s label configmap %2$s %3$s="
        .formatted(namespace, from.configMap(), Labels.CIDRS);
  }

  private static void log(SecureMemcached primary, LoadedList last, LoadedList now) {
    if (!now.cidrs().equals(last.cidrs())) {
      LOG.atInfo()
          .addKeyValue("namespace", primary.getMetadata().getNamespace())
          .addKeyValue("name", primary.getMetadata().getName())
          .addKeyValue("configMap", now.from().configMap())
          .addKeyValue("key", now.from().key())
          .addKeyValue("cidrs", now.cidrs().map(List::size).orElse(0))
          .log("Loaded list of CIDRs");
    }
  }

  private void retry() {
    for (ResourceID resource : Set.copyOf(again)) {
      again.remove(resource);
      propagateEvent(resource);
    }
  }

  private final class Zones implements LabelledObjects.Users {

    @Override
    public Stream<SecureMemcached> of(GenericKubernetesResource map) {
      return context
          .getPrimaryCache()
          .list(map.getMetadata().getNamespace())
          .filter(primary -> LoadedList.isUsed(primary, map.getMetadata().getName()));
    }

    @Override
    public Stream<SecureMemcached> ofAllIn(String namespace) {
      return (namespace.isEmpty()
              ? context.getPrimaryCache().list()
              : context.getPrimaryCache().list(namespace))
          .filter(primary -> !LoadedList.of(primary).isEmpty());
    }
  }
}
