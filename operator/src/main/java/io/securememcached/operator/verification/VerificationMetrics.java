package io.securememcached.operator.verification;

import io.fabric8.kubernetes.api.model.Pod;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.status.Verification;
import io.securememcached.operator.verify.Check;
import io.securememcached.operator.verify.Outcome;
import io.securememcached.operator.verify.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The checks as gauges: {@code securememcached_check} is 1 for passed, 0 for failed, NaN for
 * unknown; {@code securememcached_proof_age_seconds} is the time since the last run.
 */
final class VerificationMetrics {

  private final MeterRegistry registry;
  private final InstantSource clock;

  /** By pod uid. */
  private final Map<String, Server> servers = new ConcurrentHashMap<>();

  private static final class Server {
    private final Tags tags;
    private final List<Meter> meters = new ArrayList<>();
    private final Map<Check, Outcome> outcomes = new ConcurrentHashMap<>();
    private volatile Instant at = Instant.EPOCH;

    private Server(Tags tags) {
      this.tags = tags;
    }
  }

  VerificationMetrics(MeterRegistry registry, InstantSource clock) {
    this.registry = registry;
    this.clock = clock;
  }

  /**
   * Records what was found before the operator was restarted, so that an alert on it goes on: only
   * of checks that did not pass it is known that they were made.
   */
  void remember(SecureMemcached primary, Pod pod, Verification found) {
    Map<Check, Verdict> verdicts = new EnumMap<>(Check.class);
    found
        .findings()
        .forEach(of -> verdicts.put(of.check(), new Verdict(of.outcome(), of.evidence().text())));
    record(primary, pod, verdicts, found.at());
  }

  /** Records the results of a run; checks without a new result keep the last one. */
  void record(SecureMemcached primary, Pod pod, Map<Check, Verdict> verdicts, Instant at) {
    Server server =
        servers.computeIfAbsent(pod.getMetadata().getUid(), uid -> register(primary, pod));
    verdicts.forEach(
        (check, verdict) -> {
          if (server.outcomes.put(check, verdict.outcome()) == null) {
            register(server, check);
          }
        });
    server.at = at;
  }

  /** Removes the gauges of a deleted pod. */
  void forget(Pod pod) {
    Server server = servers.remove(pod.getMetadata().getUid());
    if (server != null) {
      server.meters.forEach(registry::remove);
    }
  }

  private Server register(SecureMemcached primary, Pod pod) {
    Server server =
        new Server(
            Tags.of(
                "namespace",
                pod.getMetadata().getNamespace(),
                "name",
                primary.getMetadata().getName(),
                "server",
                pod.getMetadata().getName()));
    server.meters.add(
        Gauge.builder(
                "securememcached.proof.age",
                server,
                of -> Duration.between(of.at, clock.instant()).toMillis() / 1000.0)
            .description("Time since the server was last checked")
            .baseUnit("seconds")
            .tags(server.tags)
            .register(registry));
    return server;
  }

  private void register(Server server, Check check) {
    server.meters.add(
        Gauge.builder("securememcached.check", server, of -> value(of.outcomes.get(check)))
            .description("1 if the check of the server passed, 0 if it failed")
            .tags(server.tags.and("check", check.id()))
            .register(registry));
  }

  private static double value(Outcome outcome) {
    if (outcome == Outcome.PASSED) {
      return 1;
    }
    return outcome == Outcome.FAILED ? 0 : Double.NaN;
  }
}
