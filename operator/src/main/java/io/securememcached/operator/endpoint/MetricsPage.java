package io.securememcached.operator.endpoint;

import java.io.IOException;

/**
 * Response to a request for metrics.
 *
 * @param status of HTTP: 200 for metrics, another one for a text that says why there are none
 */
public record MetricsPage(int status, Content content) {

  /** A text that is written as it is made, as the metrics of many servers are large. */
  public interface Content {
    void writeTo(Appendable out) throws IOException;
  }

  /** Metrics in Prometheus' text format. */
  public static MetricsPage ok(Content metrics) {
    return new MetricsPage(200, metrics);
  }

  /** There is no such resource. */
  public static MetricsPage notFound(String why) {
    return new MetricsPage(404, text(why));
  }

  /** Not at the moment. */
  public static MetricsPage unavailable(String why) {
    return new MetricsPage(503, text(why));
  }

  private static Content text(String why) {
    return out -> out.append(why).append('\n');
  }
}
