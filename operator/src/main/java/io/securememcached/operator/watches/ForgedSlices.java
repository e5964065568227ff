package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceList;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.securememcached.operator.exposure.ServerPods;
import io.securememcached.operator.exposure.Slices;
import io.securememcached.operator.memory.Payload;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * EndpointSlices that add servers to a Service without a selector, under the name of Kubernetes'
 * own controller. It creates none for such a Service and deletes none, so anyone who may create
 * slices can forge them.
 *
 * <p>A watch would have the slices of all Services of the cluster, so they are listed, and only
 * while the namespace has a server and a Service without a selector. No event reports a new one.
 * Pages are small and their number is limited, as whoever creates slices decides on both.
 */
public final class ForgedSlices {

  /**
   * How long a list counts. Other slices change often, such as those by which databases elect a
   * leader, and each change causes reconciliations.
   */
  private static final Duration PERIOD = Duration.ofSeconds(10);

  /** Services in one request, which has their names in its address. */
  private static final int MOST_SERVICES = 100;

  /** Slices in one page. */
  private static final long PAGE = 5;

  /** Pages of one resource's list. */
  private static final int MOST_PAGES = 20;

  /** Slices with a server's address, or reasons, after which no further page is read. */
  private static final int ENOUGH = 3;

  /**
   * What a list has found.
   *
   * @param slices those with the address of a pod that has the servers' label
   * @param unread why not all are known, if so, as lines of limited number
   */
  record Found(List<EndpointSlice> slices, List<String> unread) {

    private static final Found NOTHING = new Found(List.of(), List.of());

    Found {
      slices = List.copyOf(slices);
      unread = List.copyOf(unread);
    }
  }

  private record Known(List<String> services, Set<String> addresses, Found found, Instant at) {

    boolean isOf(List<String> services, Set<String> addresses, Instant now) {
      return this.services.equals(services)
          && this.addresses.equals(addresses)
          && !now.isBefore(at)
          && now.isBefore(at.plus(PERIOD));
    }
  }

  private final Map<ResourceID, Known> known = new ConcurrentHashMap<>();

  /**
   * Those of a resource's namespace.
   *
   * @param services of the namespace; one that is cached by name only is audited by nobody, and is
   *     reported elsewhere
   */
  Found of(ReconcileContext context, List<Service> services) {
    ResourceID resource = ResourceID.fromResource(context.primary());
    Set<String> addresses = ServerPods.addresses(context.labelledPods());
    List<String> names =
        services.stream()
            .filter(service -> Payload.cutFrom(service).isEmpty())
            .filter(Slices::isFedByOthers)
            .map(service -> service.getMetadata().getName())
            .sorted()
            .toList();
    if (names.isEmpty() || addresses.isEmpty()) {
      known.remove(resource);
      return Found.NOTHING;
    }
    Known last = known.get(resource);
    if (last != null && last.isOf(names, addresses, context.now())) {
      return last.found();
    }
    Found found = list(context, names, addresses);
    known.put(resource, new Known(names, addresses, found, context.now()));
    return found;
  }

  /** When to look again for what was found or could not be read: no event says that it is gone. */
  public Optional<Instant> due(ResourceID resource) {
    return Optional.ofNullable(known.get(resource))
        .filter(last -> !last.found().equals(Found.NOTHING))
        .map(last -> last.at().plus(PERIOD));
  }

  /** Forgets a deleted resource. */
  public void forget(ResourceID resource) {
    known.remove(resource);
  }

  private static Found list(
      ReconcileContext context, List<String> services, Set<String> addresses) {
    List<EndpointSlice> found = new ArrayList<>();
    List<String> unread = new ArrayList<>();
    int pages = 0;
    try {
      for (int from = 0; from < services.size(); from += MOST_SERVICES) {
        List<String> some = services.subList(from, Math.min(from + MOST_SERVICES, services.size()));
        String next = "";
        do {
          if (pages == MOST_PAGES) {
            unread.add(
                "not all slices of Services without a selector are audited that have the label %s=%s; delete them"
                    .formatted(Slices.MANAGED_BY, Slices.CONTROLLER));
          }
          if (pages == MOST_PAGES || found.size() >= ENOUGH || unread.size() >= ENOUGH) {
            return found(found, unread);
          }
          EndpointSliceList page = page(context, some, next);
          pages++;
          for (EndpointSlice slice : page.getItems()) {
            ForeignWatch.cut(slice).forEach(unread::add);
            if (Slices.hasAny(slice, addresses)) {
              found.add(slice);
            }
          }
          next = Objects.requireNonNullElse(page.getMetadata().getContinue(), "");
        } while (!next.isEmpty());
      }
    } catch (KubernetesClientException e) {
      unread.add(WatchFaults.message(e));
    }
    return found(found, unread);
  }

  private static Found found(List<EndpointSlice> slices, List<String> unread) {
    return new Found(slices, unread.stream().map(text -> "EndpointSlice: " + text).toList());
  }

  private static EndpointSliceList page(
      ReconcileContext context, List<String> services, String next) {
    return context
        .client()
        .discovery()
        .v1()
        .endpointSlices()
        .inNamespace(context.namespace())
        .withLabel(Slices.MANAGED_BY, Slices.CONTROLLER)
        .withLabelIn(Slices.SERVICE, services.toArray(String[]::new))
        .list(
            new ListOptionsBuilder()
                .withLimit(PAGE)
                .withContinue(next.isEmpty() ? null : next)
                .build());
  }
}
