package io.securememcached.operator.verify;

import io.securememcached.operator.memcached.Deadline;
import java.io.IOException;
import java.time.Duration;

/**
 * All checks of one server.
 *
 * <p>A run makes six connections and one for each login, one after another: four without a login,
 * one for the rejected logins, one in text, and those of the valid logins. In parallel go two
 * datagrams over UDP and one connection attempt to each of a few other ports. No key of a user is
 * touched: the GETs and the SET use {@link #PROBE_KEY}, and a hardened server rejects the SET; if
 * it does not, the stored byte expires after a second. SASL_STEP is never sent, as it crashes
 * servers before 1.5.9.
 *
 * <p>Each run counts in the server's statistics: three {@code auth_errors}, and as many {@code
 * auth_cmds} and one for each login.
 */
public final class ServerChecks {

  /** The only key that is used. */
  public static final String PROBE_KEY = "securememcached.io/probe";

  private final Target target;
  private final Limits limits;
  private final Connections connections;
  private final Findings findings;
  private final ServerSettings settings = new ServerSettings();

  private ServerChecks(Target target, Limits limits) {
    this.target = target;
    this.limits = limits;
    connections = new Connections(target.address(), limits, Deadline.after(limits.total()));
    findings = new Findings(target.logins());
  }

  /** Runs all checks, on the caller's thread. */
  public static ServerResult run(Target target, Limits limits) {
    return new ServerChecks(target, limits).run();
  }

  private ServerResult run() {
    try (PolicyProbe policies = PolicyProbe.start(target, quiet());
        UdpProbe udp = UdpProbe.start(target.address(), quiet());
        OtherPorts others =
            OtherPorts.start(target.address().getAddress(), target.otherPorts(), quiet())) {
      askOverTcp();
      findings.add(Check.UDP_OFF, udp(udp.seen()));
      boolean reachable = findings.passed(Check.REACHABLE);
      findings.add(Check.NO_OTHER_PORT, others.verdict(reachable));
      findings.add(Check.POLICIES_ENFORCED, policies.verdict(reachable));
    } catch (IOException e) {
      // A local error, not the server's; the checks stay unknown.
      findings.add(Check.POLICIES_ENFORCED, Verdict.unknown(String.valueOf(e.getMessage())));
    }
    return findings.all();
  }

  private void askOverTcp() {
    UnauthenticatedChecks unauthenticated =
        new UnauthenticatedChecks(target, connections, findings, settings);
    if (!unauthenticated.run()) {
      return;
    }
    if (findings.passed(Check.REACHABLE)) {
      RejectedLoginChecks.run(target, connections, findings);
      ValidLoginChecks.run(target, connections, findings, settings);
    }
    TextProtocol.run(connections, findings);
  }

  private Verdict udp(UdpProbe.Seen seen) {
    return seen.answered() ? Verdict.failed(seen.text()) : udp(seen.text());
  }

  /**
   * No response is not enough: a policy may drop the datagrams today and be deleted tomorrow. So
   * the server's settings must confirm it.
   */
  private Verdict udp(String seen) {
    return settings
        .udpPort()
        .map(findings::quote)
        .map(
            port -> {
              String evidence = "%s; udpport %s in the settings".formatted(seen, port);
              return port.equals("0") ? Verdict.passed(evidence) : Verdict.failed(evidence);
            })
        .orElseGet(() -> Verdict.unknown(seen + "; settings unknown"));
  }

  private Duration quiet() {
    return limits.quiet().compareTo(limits.total()) < 0 ? limits.quiet() : limits.total();
  }
}
