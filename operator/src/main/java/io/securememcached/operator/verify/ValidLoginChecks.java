package io.securememcached.operator.verify;

import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.Response;
import io.securememcached.operator.memcached.Status;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Valid logins, each on its own connection: after a successful login Cyrus SASL rejects any other
 * on the same connection.
 */
final class ValidLoginChecks {

  private ValidLoginChecks() {}

  static void run(
      Target target, Connections connections, Findings findings, ServerSettings settings) {
    if (target.logins().isEmpty()) {
      findings.add(Check.LOGIN, Verdict.unknown("no login available"));
    } else if (!findings.passed(Check.WRONG_PASSWORD_REFUSED)) {
      // A server that accepts any password, or does not respond like memcached, may exist to
      // collect passwords.
      findings.add(
          Check.LOGIN,
          Verdict.unknown("no password was sent, as a wrong password was not rejected"));
    } else {
      findings.add(Check.LOGIN, logIn(target.logins(), connections, findings, settings));
    }
  }

  private static Verdict logIn(
      List<PlainCredentials> logins,
      Connections connections,
      Findings findings,
      ServerSettings settings) {
    Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);
    List<String> accepted = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (PlainCredentials login : logins) {
      try (MemcachedClient client = connections.open()) {
        Response response = client.authenticate(login);
        outcomes.add(outcomeOf(response));
        (response.ok() ? accepted : others)
            .add("%s 0x%02x".formatted(findings.quote(login.user()), response.code()));
        if (response.ok() && settings.udpPort().isEmpty()) {
          settings.learnFrom(client);
        }
      } catch (MemcachedException e) {
        outcomes.add(Outcome.UNKNOWN);
        others.add(e.getMessage());
      }
    }
    // A status has no room for the evidence of many logins.
    return new Verdict(worst(outcomes), String.join(", ", others.isEmpty() ? accepted : others));
  }

  private static Outcome outcomeOf(Response response) {
    if (response.ok()) {
      return Outcome.PASSED;
    }
    return response.status() == Status.AUTH_ERROR ? Outcome.FAILED : Outcome.UNKNOWN;
  }

  private static Outcome worst(Set<Outcome> outcomes) {
    if (outcomes.contains(Outcome.FAILED)) {
      return Outcome.FAILED;
    }
    return outcomes.contains(Outcome.UNKNOWN) ? Outcome.UNKNOWN : Outcome.PASSED;
  }
}
