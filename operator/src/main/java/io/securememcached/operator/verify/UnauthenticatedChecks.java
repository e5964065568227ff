package io.securememcached.operator.verify;

import static io.securememcached.operator.verify.ServerChecks.PROBE_KEY;

import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.MemcachedException.Reason;
import io.securememcached.operator.memcached.Reply;
import io.securememcached.operator.memcached.Response;
import io.securememcached.operator.memcached.Statistics;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** What an unauthenticated client gets: four connections. */
final class UnauthenticatedChecks {

  private static final Duration EXPIRY = Duration.ofSeconds(1);

  private final Target target;
  private final Connections connections;
  private final Findings findings;
  private final ServerSettings settings;

  UnauthenticatedChecks(
      Target target, Connections connections, Findings findings, ServerSettings settings) {
    this.target = target;
    this.connections = connections;
    this.findings = findings;
    this.settings = settings;
  }

  /** Whether the other checks can run: a connection was made. */
  boolean run() {
    try (MemcachedClient client = connections.open()) {
      if (greets(client)) {
        findings.add(Check.MECHANISMS, mechanisms(client));
        List<Answer> answers =
            List.of(
                Answer.to("NOOP", client::noop),
                onItsOwn("GET", other -> other.get(PROBE_KEY)),
                onItsOwn("SET", other -> other.set(PROBE_KEY, new byte[1], EXPIRY)),
                onItsOwn("STAT", this::statistics));
        findings.add(Check.UNAUTHENTICATED_REFUSED, Answer.verdict(answers));
      }
      return true;
    } catch (MemcachedException e) {
      findings.add(Check.REACHABLE, Verdict.unknown(e.getMessage()));
      return false;
    }
  }

  private boolean greets(MemcachedClient client) {
    try {
      Response response = client.version();
      String version = findings.quote(response);
      if (!response.ok()) {
        findings.add(Check.REACHABLE, Verdict.failed("VERSION 0x%02x".formatted(response.code())));
        return false;
      }
      findings.version(version);
      findings.add(Check.REACHABLE, Verdict.passed("version " + version));
      findings.add(Check.KNOWN_VULNERABILITIES, vulnerabilities(version));
      return true;
    } catch (MemcachedException e) {
      findings.add(
          Check.REACHABLE,
          new Verdict(e.reason() == Reason.PROTOCOL ? Outcome.FAILED : Outcome.UNKNOWN, why(e)));
      return false;
    }
  }

  /**
   * memcached 1.4 does not respond beyond its connection limit: it leaves connections in the
   * kernel's queue.
   */
  private String why(MemcachedException e) {
    boolean mayBeFull =
        e.reason() == Reason.TIMEOUT && target.distribution() == Distribution.CENTOS_7;
    return mayBeFull
        ? "%s; the server hangs, or %s, which memcached 1.4 signals by silence"
            .formatted(e.getMessage(), MemcachedException.NO_MORE_CONNECTIONS)
        : e.getMessage();
  }

  private Verdict vulnerabilities(String version) {
    if (Version.parse(version).isEmpty()) {
      return Verdict.unknown("not a memcached version: " + version);
    }
    List<Vulnerability> open = KnownVulnerabilities.of(version, target.distribution());
    String names = open.stream().map(Vulnerability::toText).collect(Collectors.joining(", "));
    String evidence =
        "%s (%s): %s"
            .formatted(
                version, target.distribution(), names.isEmpty() ? "no known vulnerability" : names);
    return open.stream().anyMatch(Vulnerability::isSerious)
        ? Verdict.failed(evidence)
        : Verdict.passed(evidence);
  }

  private Verdict mechanisms(MemcachedClient client) {
    try {
      Response response = client.mechanisms();
      if (!response.ok()) {
        return Verdict.failed("SASL is off: SASL_LIST 0x%02x".formatted(response.code()));
      }
      String offered = findings.quote(response);
      return offered.equals("PLAIN") ? Verdict.passed(offered) : Verdict.failed(offered);
    } catch (MemcachedException e) {
      return Verdict.unknown(e.getMessage());
    }
  }

  /** The group shows whether UDP is on, if the server responds. */
  private Reply statistics(MemcachedClient client) throws MemcachedException {
    Statistics statistics = client.statistics(ServerSettings.GROUP);
    settings.learn(statistics);
    return statistics;
  }

  @FunctionalInterface
  private interface Use {
    Reply of(MemcachedClient client) throws MemcachedException;
  }

  private Answer onItsOwn(String name, Use use) {
    return Answer.to(
        name,
        () -> {
          try (MemcachedClient client = connections.open()) {
            return use.of(client);
          }
        });
  }
}
