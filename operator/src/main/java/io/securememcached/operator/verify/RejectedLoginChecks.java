package io.securememcached.operator.verify;

import static io.securememcached.operator.verify.ServerChecks.PROBE_KEY;

import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.Response;
import io.securememcached.operator.memcached.Status;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * Logins that must be rejected, and whether the connection is usable afterwards. One connection is
 * enough for a server that rejects them all; after an accepted login, the next needs a new one.
 */
final class RejectedLoginChecks implements AutoCloseable {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BITS = 128;

  private final Connections connections;

  /** Empty before the first login and after each accepted one. */
  private Optional<MemcachedClient> open = Optional.empty();

  private RejectedLoginChecks(Connections connections) {
    this.connections = connections;
  }

  static void run(Target target, Connections connections, Findings findings) {
    try (RejectedLoginChecks logins = new RejectedLoginChecks(connections)) {
      logins.run(target, findings);
    }
  }

  private void run(Target target, Findings findings) {
    findings.add(
        Check.ANONYMOUS_REFUSED,
        refused("ANONYMOUS", () -> client().authenticateAnonymously("probe")));
    findings.add(Check.UNKNOWN_USER_REFUSED, refused("random user", () -> asUser(random())));
    if (target.logins().isEmpty()) {
      findings.add(Check.WRONG_PASSWORD_REFUSED, Verdict.unknown("no login available"));
      return;
    }
    String user = target.logins().getFirst().user();
    Verdict wrongPassword = refused(findings.quote(user), () -> asUser(user));
    findings.add(Check.WRONG_PASSWORD_REFUSED, wrongPassword);
    findings.add(
        Check.REFUSED_LOGIN_STAYS_OUT,
        wrongPassword.outcome() == Outcome.PASSED
            ? Answer.verdict(List.of(Answer.to("GET", () -> client().get(PROBE_KEY))))
            : Verdict.unknown("no login was rejected before"));
  }

  private Response asUser(String user) throws MemcachedException {
    return client().authenticate(new PlainCredentials(user, random()));
  }

  private interface Login {
    Response send() throws MemcachedException;
  }

  private Verdict refused(String who, Login login) {
    Response response;
    try {
      response = login.send();
    } catch (MemcachedException e) {
      return Verdict.unknown(e.getMessage());
    }
    String evidence = "%s 0x%02x".formatted(who, response.code());
    if (response.status() == Status.AUTH_ERROR) {
      return Verdict.passed(evidence);
    }
    if (response.ok() || response.status() == Status.AUTH_CONTINUE) {
      close();
      return Verdict.failed(evidence);
    }
    return Verdict.unknown("%s, which is not a valid response to a login".formatted(evidence));
  }

  private MemcachedClient client() throws MemcachedException {
    if (open.isEmpty()) {
      open = Optional.of(connections.open());
    }
    return open.get();
  }

  /** 128 random bits: no existing name or password. */
  private static String random() {
    return "probe-" + new BigInteger(BITS, RANDOM).toString(Character.MAX_RADIX);
  }

  @Override
  public void close() {
    open.ifPresent(MemcachedClient::close);
    open = Optional.empty();
  }
}
