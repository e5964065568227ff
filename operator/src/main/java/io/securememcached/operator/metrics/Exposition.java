package io.securememcached.operator.metrics;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Samples of servers in Prometheus' text format 0.0.4, in UTF-8. All samples of a metric follow its
 * HELP and TYPE; a metric without a sample is left out.
 *
 * <p>Source: Prometheus' documentation, "Exposition formats".
 */
public final class Exposition {

  /** Characters that are collected before they are passed on. */
  private static final int CHUNK = 8192;

  private final List<Server> servers;
  private final Appendable out;
  private final StringBuilder buffer = new StringBuilder(2 * CHUNK);

  /**
   * A server as its samples have it.
   *
   * @param labels the labels of each of its samples, with the brace that begins them
   */
  private record Server(String labels, ScrapeOutcome outcome) {

    static Server of(ServerSample sample) {
      StringBuilder labels = new StringBuilder("{");
      label("namespace", sample.namespace(), labels);
      label("name", sample.name(), labels.append(','));
      label("pod", sample.pod(), labels.append(','));
      return new Server(labels.toString(), sample.outcome());
    }

    Optional<Unavailable> unavailable() {
      return switch (outcome) {
        case Unavailable reason -> Optional.of(reason);
        case ServerStatistics statistics ->
            statistics.error().map(error -> Unavailable.INVALID_STATISTICS);
      };
    }
  }

  private Exposition(Collection<ServerSample> samples, Appendable out) {
    servers = samples.stream().map(Server::of).toList();
    this.out = out;
  }

  /**
   * Writes all metrics of servers, of which no two have the same namespace, name and pod. Only some
   * KiB of the text are in memory at a time.
   *
   * @throws IOException of the target
   */
  public static void write(Collection<ServerSample> servers, Appendable out) throws IOException {
    new Exposition(servers, out).write();
  }

  private void write() throws IOException {
    int next = 0;
    for (Metric metric : Metrics.ALL) {
      int first = next;
      next += metric.series().size();
      int start = buffer.length();
      header(metric, type(metric, first));
      boolean hasSamples = false;
      for (Server server : servers) {
        int before = buffer.length();
        if (metric.series().isEmpty()) {
          availability(metric, server);
        } else if (server.outcome() instanceof ServerStatistics statistics) {
          for (int series = first; series < next; series++) {
            samples(metric, series, server, statistics);
          }
        }
        hasSamples |= buffer.length() > before;
        if (hasSamples && buffer.length() > CHUNK) {
          flush();
        }
      }
      if (!hasSamples) {
        buffer.setLength(start);
      }
    }
    flush();
  }

  /**
   * A metric has one type for all servers, also where versions of memcached differ: a gauge, then,
   * as a counter's functions would take each decrease for a restart.
   */
  private MetricType type(Metric metric, int first) {
    List<MetricType> types = metric.types();
    if (types.size() == 1) {
      return types.getFirst();
    }
    for (int i = 0; i < metric.series().size(); i++) {
      int series = first + i;
      if (metric.series().get(i).type() == MetricType.GAUGE
          && servers.stream()
              .anyMatch(
                  server ->
                      server.outcome() instanceof ServerStatistics statistics
                          && statistics.has(series))) {
        return MetricType.GAUGE;
      }
    }
    return MetricType.COUNTER;
  }

  private void header(Metric metric, MetricType type) {
    buffer.append("# HELP ").append(metric.name()).append(' ').append(metric.help()).append('\n');
    buffer.append("# TYPE ").append(metric.name()).append(' ').append(type.text()).append('\n');
  }

  private void availability(Metric metric, Server server) {
    Optional<Unavailable> unavailable = server.unavailable();
    if (metric.equals(GeneralMetrics.UP)) {
      buffer.append(metric.name()).append(server.labels());
      buffer.append(unavailable.isEmpty() ? "} 1\n" : "} 0\n");
    } else if (unavailable.isPresent()) {
      buffer.append(metric.name()).append(server.labels()).append(',');
      label(metric.labels().getFirst(), unavailable.get().label(), buffer);
      buffer.append("} 1\n");
    }
  }

  private void samples(Metric metric, int index, Server server, ServerStatistics statistics) {
    Series series = Metrics.SERIES.get(index);
    statistics.forEach(
        index,
        (slabClass, text, start, end) -> {
          buffer.append(metric.name()).append(server.labels());
          if (series.group().isPerSlabClass()) {
            buffer.append(",slab=\"").append(slabClass).append('"');
          }
          buffer.append(series.labels());
          if (series.form() == Form.LABEL) {
            label(metric.labels().getFirst(), text.substring(start, end), buffer.append(','));
            buffer.append("} 1\n");
          } else {
            buffer.append("} ").append(text, start, end).append('\n');
          }
        });
  }

  private void flush() throws IOException {
    out.append(buffer);
    buffer.setLength(0);
  }

  private static void label(String name, String value, StringBuilder to) {
    to.append(name).append("=\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\' -> to.append("\\\\");
        case '"' -> to.append("\\\"");
        case '\n' -> to.append("\\n");
        default -> to.append(c);
      }
    }
    to.append('"');
  }
}
