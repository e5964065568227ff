package io.securememcached.operator.verify;

import java.util.Arrays;
import java.util.Optional;

/** What is checked, in the order of reports. */
public enum Check {
  REACHABLE(
      "reachable",
      "firewall-cmd --add-source; memstat from that source",
      "VERSION",
      "an answer in memcached's binary protocol"),
  UNAUTHENTICATED_REFUSED(
      "unauthenticated-refused",
      "memstat --servers=<address>; echo $?",
      "NOOP, GET, SET and STAT without a login, each on a connection of its own",
      "status 0x20 to each"),
  MECHANISMS("mechanisms", "mech_list: plain", "SASL_LIST", "PLAIN alone"),
  ANONYMOUS_REFUSED("anonymous-refused", "mech_list: plain", "SASL_AUTH ANONYMOUS", "status 0x20"),
  UNKNOWN_USER_REFUSED(
      "unknown-user-refused",
      "saslpasswd2 -a memcached -c <user>",
      "SASL_AUTH PLAIN with a random name",
      "status 0x20"),
  WRONG_PASSWORD_REFUSED(
      "wrong-password-refused",
      "memstat --username=<user> --password=<wrong>",
      "SASL_AUTH PLAIN with a random password",
      "status 0x20"),
  REFUSED_LOGIN_STAYS_OUT(
      "refused-login-stays-out",
      "memstat --username=<user> --password=<wrong>",
      "GET on the connection whose login was refused",
      "status 0x20"),
  LOGIN(
      "login",
      "memstat --username=<user> --password=<its own>",
      "SASL_AUTH PLAIN as each user",
      "status 0x00 to each"),
  TEXT_PROTOCOL_REFUSED(
      "text-protocol-refused",
      "-S",
      "version, get and stats in the text protocol",
      "the server hangs up without a byte"),
  UDP_OFF(
      "udp-off",
      "-U 0; sudo netstat -plunt",
      "version as text and NOOP, by UDP on the same port; STAT settings",
      "no answer, and udpport 0 in the settings"),
  NO_OTHER_PORT(
      "no-other-port",
      "sudo netstat -plunt",
      "TCP connections to the ports beside its own and to those that memcached is often given",
      "refused, or no answer"),
  KNOWN_WEAKNESSES(
      "known-weaknesses",
      "sudo yum install memcached",
      "VERSION, looked up in the operator's table",
      "none by which somebody without a login gets in or runs code"),
  POLICIES_ENFORCED(
      "policies-enforced",
      "firewall-cmd --set-default-zone=drop",
      "TCP connections to ports 1 and 9, to which no policy lets anybody in",
      "no answer, or an ICMP error on the way");

  private final String id;
  private final String byHand;
  private final String ran;
  private final String expected;

  Check(String id, String byHand, String ran, String expected) {
    this.id = id;
    this.byHand = byHand;
    this.ran = ran;
    this.expected = expected;
  }

  /** The check of a name. */
  public static Optional<Check> named(String id) {
    return Arrays.stream(values()).filter(check -> check.id.equals(id)).findFirst();
  }

  /** Name in kebab-case, for labels of metrics and for messages; it never changes. */
  public String id() {
    return id;
  }

  /** The step of the manual guide for CentOS 7 that it stands for. */
  public String byHand() {
    return byHand;
  }

  /** What was run, for people. */
  public String ran() {
    return ran;
  }

  /** What a hardened server does, for people. */
  public String expected() {
    return expected;
  }
}
