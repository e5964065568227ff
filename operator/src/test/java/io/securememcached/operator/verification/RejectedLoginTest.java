package io.securememcached.operator.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.memcached.TestingMemcached;
import io.securememcached.operator.memcached.TestingMemcached.Received;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.verify.Check;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that rejects the login of one of three users. */
@Timeout(60)
class RejectedLoginTest {

  private static final int SASL_AUTH = 0x21;
  private static final int OK = 0;
  private static final int AUTH_ERROR = 0x20;
  private static final String PASSWORD = "correct-horse";
  private static final Instant CHANGE = Instant.parse("2026-11-23T12:00:00Z");

  /** Since the last check began. */
  private final Set<String> accepted = new ConcurrentSkipListSet<>();

  private final Set<String> locked = new ConcurrentSkipListSet<>();
  private final TestingMemcached server =
      TestingMemcached.behaving((memcached, in, out) -> answer(in, out));
  private final CheckedServer checked = new CheckedServer(server, CHANGE);

  RejectedLoginTest() throws IOException {}

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  /** Else it is forgotten by the next check, and no alert fires. */
  @Test
  void isFoundUntilItIsAccepted() {
    locked.add("sammy");
    List<String> found = IntStream.range(0, 8).mapToObj(run -> check()).toList();
    List<String> afterwards = found.stream().dropWhile(String::isEmpty).toList();
    assertThat(afterwards).hasSizeBetween(6, 8).allMatch(text -> text.contains("sammy 0x20"));

    locked.clear();
    assertThat(check()).isEmpty();
    assertThat(accepted).as("all, as one was rejected").hasSize(4);
  }

  /** Each costs a connection. */
  @Test
  void acceptedOnesTakeTurns() {
    Set<String> tried =
        IntStream.range(0, 3)
            .mapToObj(
                run -> {
                  assertThat(check()).isEmpty();
                  assertThat(accepted).hasSize(2).contains("checks");
                  return List.copyOf(accepted);
                })
            .flatMap(List::stream)
            .collect(Collectors.toSet());
    assertThat(tried).containsExactlyInAnyOrder("checks", "anna", "sammy", "worker");
  }

  /** Evidence of the check of the logins, empty if it passed; the sasldb was delivered long ago. */
  private String check() {
    checked.now = checked.now.plus(Duration.ofHours(1));
    accepted.clear();
    Logins logins =
        new Logins(
            CHANGE,
            0,
            Map.of(),
            Stream.of("anna", "sammy", "worker", Credentials.OPERATOR_USER)
                .collect(Collectors.toMap(user -> user, RejectedLoginTest::login)));
    return checked
        .check(CheckedServer.pod("False"), logins)
        .finding(Check.LOGIN)
        .map(finding -> finding.evidence().text())
        .orElse("");
  }

  private static UserLogins login(String user) {
    String name = user.equals(Credentials.OPERATOR_USER) ? "checks" : user;
    return UserLogins.of(new Login(name, PASSWORD), 1, CHANGE);
  }

  /** Rejects all but a login, which is NUL, user, NUL, password (RFC 4616) after the mechanism. */
  private void answer(DataInputStream in, DataOutputStream out) throws IOException {
    while (true) {
      Received request = TestingMemcached.receive(in);
      String[] login = new String(request.body(), StandardCharsets.UTF_8).split("\0", -1);
      boolean isAccepted =
          request.opcode() == SASL_AUTH
              && login.length == 3
              && login[2].equals(PASSWORD)
              && Set.of("checks", "anna", "sammy", "worker").contains(login[1])
              && !locked.contains(login[1]);
      if (isAccepted) {
        accepted.add(login[1]);
      }
      boolean isVersion = request.opcode() == 0x0b;
      out.write(
          TestingMemcached.response(
              request.opcode(),
              request.opaque(),
              isAccepted || isVersion ? OK : AUTH_ERROR,
              "",
              isVersion ? "1.6.45" : ""));
    }
  }
}
