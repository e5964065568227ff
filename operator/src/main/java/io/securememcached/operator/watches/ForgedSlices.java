package io.securememcached.operator.watches;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceList;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.exposure.ServerPods;
import io.securememcached.operator.exposure.Slices;
import io.securememcached.operator.memory.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * EndpointSlices that add servers to a Service without a selector, under the name of Kubernetes'
 * own controller. It creates none for such a Service and deletes none, so anyone who may create
 * slices can forge them.
 *
 * <p>A watch would have the slices of all Services of the cluster, so they are listed, and only
 * while the namespace has a server and a Service without a selector. No event reports a new one.
 * Pages are small and their number is limited, as whoever creates slices decides on both.
 *
 * @param slices those with the address of a pod that has the servers' label
 * @param unread why not all are known, if so, as lines of limited number
 */
record ForgedSlices(List<EndpointSlice> slices, List<String> unread) {

  /** Services in the request, which has their names in its address. */
  private static final int MOST_SERVICES = 100;

  /** Slices in one page. */
  private static final long PAGE = 5;

  private static final int MOST_PAGES = 20;

  /** Slices with a server's address, or reasons, after which no further page is read. */
  private static final int ENOUGH = 3;

  private static final ForgedSlices NONE = new ForgedSlices(List.of(), List.of());

  ForgedSlices {
    slices = List.copyOf(slices);
    unread = List.copyOf(unread);
  }

  /**
   * Those of a resource's namespace.
   *
   * @param services of the namespace; one that is cached by name only is audited by nobody, and is
   *     reported elsewhere
   */
  static ForgedSlices of(ReconcileContext context, List<Service> services) {
    Set<String> addresses = ServerPods.addresses(context.labelledPods());
    List<String> names =
        services.stream()
            .filter(service -> Payload.cutFrom(service).isEmpty())
            .filter(Slices::isFedByOthers)
            .map(service -> service.getMetadata().getName())
            .sorted()
            .toList();
    return names.isEmpty() || addresses.isEmpty() ? NONE : list(context, names, addresses);
  }

  private static ForgedSlices list(
      ReconcileContext context, List<String> services, Set<String> addresses) {
    List<EndpointSlice> found = new ArrayList<>();
    List<String> unread = new ArrayList<>();
    if (services.size() > MOST_SERVICES) {
      unread.add(
          "only those of %d of %d Services without a selector are audited; delete some of these Services"
              .formatted(MOST_SERVICES, services.size()));
    }
    List<String> audited = services.stream().limit(MOST_SERVICES).toList();
    try {
      String next = "";
      int pages = 0;
      do {
        EndpointSliceList page = page(context, audited, next);
        for (EndpointSlice slice : page.getItems()) {
          ForeignWatch.cut(slice).forEach(unread::add);
          if (Slices.hasAny(slice, addresses)) {
            found.add(slice);
          }
        }
        String more = page.getMetadata().getContinue();
        next = more == null ? "" : more;
        pages++;
      } while (!next.isEmpty()
          && pages < MOST_PAGES
          && found.size() < ENOUGH
          && unread.size() < ENOUGH);
      if (!next.isEmpty()) {
        unread.add(
            "not all slices of Services without a selector are audited that have the label %s=%s; delete them"
                .formatted(Slices.MANAGED_BY, Slices.CONTROLLER));
      }
    } catch (KubernetesClientException e) {
      unread.add(WatchFaults.message(e));
    }
    return new ForgedSlices(found, unread.stream().map(text -> "EndpointSlice: " + text).toList());
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
