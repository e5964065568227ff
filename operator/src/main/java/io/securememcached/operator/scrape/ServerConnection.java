package io.securememcached.operator.scrape;

import io.securememcached.operator.memcached.Deadline;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.memcached.Statistics;
import io.securememcached.operator.memcached.Status;
import io.securememcached.operator.memcached.Timeouts;
import io.securememcached.operator.metrics.ScrapeOutcome;
import io.securememcached.operator.metrics.ServerStatistics;
import io.securememcached.operator.metrics.StatisticsGroup;
import io.securememcached.operator.metrics.Unavailable;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.text.Quoted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** The kept connection to one server. Not for use by several threads at once. */
final class ServerConnection {

  private final ServerAddress address;
  private final Duration limit;
  private final UnaryOperator<Map<String, Quoted>> shared;

  private Optional<MemcachedClient> client = Optional.empty();

  /** Of the connection: no setting that is a metric changes while a server runs. */
  private Map<String, Quoted> settings = Map.of();

  /** Name of the login that the server accepted last. */
  private String accepted = "";

  /**
   * Not connected.
   *
   * @param limit for all that is asked at once
   * @param shared gives one object for equal settings, as most servers have the same
   */
  ServerConnection(
      ServerAddress address, Duration limit, UnaryOperator<Map<String, Quoted>> shared) {
    this.address = address;
    this.limit = limit;
    this.shared = shared;
  }

  /** Why a server gave no statistics. */
  static final class RefusedException extends Exception {

    private static final long serialVersionUID = 1;

    private final Unavailable reason;

    RefusedException(Unavailable reason, String message) {
      super(message);
      this.reason = reason;
    }

    Unavailable reason() {
      return reason;
    }
  }

  /**
   * Asks for all statistics, and connects and logs in before if there is no connection.
   *
   * @param logins newest first, for a new connection
   */
  ScrapeOutcome ask(Supplier<List<Login>> logins) throws MemcachedException, RefusedException {
    Deadline deadline = Deadline.after(limit);
    boolean wasKept = client.isPresent();
    try {
      return ask(logins, deadline);
    } catch (MemcachedException e) {
      close();
      // A server ends connections that are idle, and all of them when it restarts.
      if (!wasKept || e.reason() != MemcachedException.Reason.CLOSED) {
        throw e;
      }
    }
    try {
      return ask(logins, deadline);
    } catch (MemcachedException e) {
      close();
      throw e;
    }
  }

  void close() {
    client.ifPresent(MemcachedClient::close);
    client = Optional.empty();
    settings = Map.of();
  }

  private ScrapeOutcome ask(Supplier<List<Login>> logins, Deadline deadline)
      throws MemcachedException, RefusedException {
    if (client.isEmpty()) {
      client = Optional.of(connect(logins.get(), deadline));
      settings = shared.apply(read(StatisticsGroup.SETTINGS));
    }
    client.get().until(deadline);
    return ServerStatistics.of(
        read(StatisticsGroup.GENERAL),
        settings,
        read(StatisticsGroup.ITEMS),
        read(StatisticsGroup.SLABS));
  }

  private Map<String, Quoted> read(StatisticsGroup group)
      throws MemcachedException, RefusedException {
    Statistics statistics = client.orElseThrow().statistics(group.key());
    if (!statistics.ok()) {
      close();
      throw new RefusedException(
          Unavailable.STATISTICS_REFUSED,
          "STAT %s was answered with status %#x".formatted(group.key(), statistics.code()));
    }
    return statistics.values();
  }

  /** Each login on a connection of its own: SASL has no second try on the same one. */
  private MemcachedClient connect(List<Login> logins, Deadline deadline)
      throws MemcachedException, RefusedException {
    if (logins.isEmpty()) {
      throw new RefusedException(Unavailable.NO_LOGIN, "the exporter has no key yet");
    }
    List<Login> likeliestFirst = new ArrayList<>(logins);
    likeliestFirst.sort(Comparator.comparing(login -> !login.name().equals(accepted)));
    int code = 0;
    for (Login login : likeliestFirst) {
      MemcachedClient fresh =
          MemcachedClient.connect(
              address.socket(), new Timeouts(limit.dividedBy(2), limit, limit), deadline);
      boolean isKept = false;
      try {
        var answer = fresh.authenticate(new PlainCredentials(login.name(), login.password()));
        if (answer.ok()) {
          accepted = login.name();
          isKept = true;
          return fresh;
        }
        code = answer.code();
        if (answer.status() != Status.AUTH_ERROR) {
          break;
        }
      } finally {
        if (!isKept) {
          fresh.close();
        }
      }
    }
    throw new RefusedException(
        Unavailable.LOGIN_REJECTED, "SASL_AUTH was answered with status %#x".formatted(code));
  }
}
