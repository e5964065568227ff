package io.securememcached.operator.zones;

import io.securememcached.operator.api.v1beta1.CidrsFrom;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.Source;
import io.securememcached.operator.api.v1beta1.SourceListStatus;
import io.securememcached.operator.api.v1beta1.SourceZone;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A list as a resource uses it.
 *
 * @param from where it is
 * @param cidrs the last good list; empty if none was seen yet
 * @param problem why its ConfigMap can't be used, if so
 */
public record LoadedList(CidrsFrom from, Optional<List<String>> cidrs, Optional<String> problem) {

  public LoadedList {
    cidrs = cidrs.map(List::copyOf);
  }

  /** The lists that a resource uses, each once. */
  public static List<CidrsFrom> of(SecureMemcached primary) {
    return primary.getSpec().sourceZones().stream()
        .flatMap(zone -> zone.sources().stream())
        .flatMap(source -> source.list().stream())
        .distinct()
        .toList();
  }

  /** Whether a resource uses a ConfigMap. */
  public static boolean isUsed(SecureMemcached primary, String configMap) {
    return of(primary).stream().anyMatch(from -> from.configMap().equals(configMap));
  }

  /**
   * The last good list and what was wrong since, by the status, which the operator alone may write:
   * it outlives the operator and the ConfigMap.
   */
  public static LoadedList remembered(SecureMemcached primary, CidrsFrom from) {
    return primary.getStatus().sourceLists().stream()
        .filter(list -> list.configMap().equals(from.configMap()) && list.key().equals(from.key()))
        .findFirst()
        .map(
            list ->
                new LoadedList(
                    from,
                    list.known(),
                    Optional.of(list.problem()).filter(problem -> !problem.isEmpty())))
        .orElseGet(() -> new LoadedList(from, Optional.empty(), Optional.empty()));
  }

  /** The same, after its ConfigMap can't be used. */
  public LoadedList failed(String why) {
    return new LoadedList(from, cidrs, Optional.of(why));
  }

  /**
   * The resource with its lists' CIDRs as sources in place of the lists. One that was never good
   * admits nobody. It is what policies are made of, and never written.
   */
  public static SecureMemcached resolved(SecureMemcached primary, List<LoadedList> lists) {
    if (lists.isEmpty()) {
      return primary;
    }
    SecureMemcached resolved = new SecureMemcached();
    resolved.setMetadata(primary.getMetadata());
    resolved.setUnreadable(primary.getUnreadable());
    resolved.setStatus(primary.getStatus());
    resolved.setSpec(
        primary
            .getSpec()
            .withSourceZones(
                primary.getSpec().sourceZones().stream()
                    .map(zone -> resolved(zone, lists))
                    .toList()));
    return resolved;
  }

  private static SourceZone resolved(SourceZone zone, List<LoadedList> lists) {
    return new SourceZone(
        zone.name(),
        zone.sources().stream()
            .flatMap(
                source ->
                    source
                        .list()
                        .map(from -> sources(from, lists))
                        .orElseGet(() -> Stream.of(source)))
            .distinct()
            .toList());
  }

  private static Stream<Source> sources(CidrsFrom from, List<LoadedList> lists) {
    return lists.stream()
        .filter(list -> list.from().equals(from))
        .flatMap(list -> list.cidrs().stream())
        .flatMap(List::stream)
        .map(Source::ofCidr);
  }

  /** Problem and what follows from it, for a message. */
  public Optional<String> describe() {
    return problem.map(
        why ->
            "ConfigMap %s, key %s: %s. %s"
                .formatted(
                    from.configMap(),
                    from.key(),
                    why,
                    cidrs
                        .map(
                            last ->
                                "The last good list stays in force: %d %s."
                                    .formatted(last.size(), last.size() == 1 ? "CIDR" : "CIDRs"))
                        .orElse("No good list was seen yet, so it admits nobody.")));
  }

  /** For the status of the resource. */
  public SourceListStatus toStatus() {
    return new SourceListStatus(
        from.configMap(),
        from.key(),
        cidrs.map(List::size).orElse(0),
        cidrs.orElse(null),
        problem.orElse(""));
  }
}
