package io.securememcached.operator.verify;

import static io.securememcached.operator.verify.ServerChecks.PROBE_KEY;

import io.securememcached.operator.memcached.MemcachedException;
import java.util.List;

/** Whether the server speaks the text protocol, which has no SASL. */
final class TextProtocol {

  /** With a quit, so that a server that responds does not leave both sides waiting. */
  private static final String REQUEST =
      "version\r\nget %s\r\nstats\r\nquit\r\n".formatted(PROBE_KEY);

  /** Prefixes of responses, from memcached's protocol.txt. */
  private static final List<String> ANSWERS =
      List.of("VERSION ", "VALUE ", "END", "STAT ", "ERROR", "CLIENT_ERROR", "SERVER_ERROR");

  private TextProtocol() {}

  static void run(Connections connections, Findings findings) {
    findings.add(Check.TEXT_PROTOCOL_REFUSED, ask(connections, findings));
  }

  private static Verdict ask(Connections connections, Findings findings) {
    try {
      String answer = connections.askInText(REQUEST);
      if (ANSWERS.stream().anyMatch(answer::startsWith)) {
        return Verdict.failed("response: " + findings.quote(answer));
      }
      if (!answer.isEmpty()) {
        return Verdict.unknown("response is not in memcached's text protocol");
      }
      return findings.passed(Check.REACHABLE)
          ? Verdict.passed("connection closed without a response")
          : Verdict.unknown("connection closed without a response, as for every request");
    } catch (MemcachedException e) {
      return Verdict.unknown(e.getMessage());
    }
  }
}
