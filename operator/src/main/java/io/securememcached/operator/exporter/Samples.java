package io.securememcached.operator.exporter;

import io.securememcached.operator.endpoint.MetricsScope;
import io.securememcached.operator.metrics.ScrapeOutcome;
import io.securememcached.operator.metrics.ServerSample;
import io.securememcached.operator.scrape.Scraper;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Samples of servers, also of those that can't be asked. */
final class Samples {

  private Samples() {}

  /** Asks all that can be asked; a sample for each server, in the same order. */
  static List<ServerSample> of(List<Discovery.Server> servers, Scraper scraper) {
    Iterator<ScrapeOutcome> outcomes =
        scraper
            .scrape(servers.stream().flatMap(server -> server.target().stream()).toList())
            .iterator();
    List<ServerSample> samples = new ArrayList<>(servers.size());
    for (Discovery.Server server : servers) {
      samples.add(
          new ServerSample(
              server.namespace(),
              server.name(),
              server.pod(),
              server.target().isPresent() ? outcomes.next() : server.otherwise()));
    }
    return samples;
  }

  /** What a scope is of, as a part of a sentence. */
  static String whose(MetricsScope scope) {
    return switch (scope) {
      case MetricsScope.All all -> "SecureMemcached";
      case MetricsScope.Namespace own -> "SecureMemcached in namespace " + own.namespace();
      case MetricsScope.Resource one ->
          "SecureMemcached %s in namespace %s".formatted(one.name(), one.namespace());
    };
  }
}
