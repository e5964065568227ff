package io.securememcached.operator.verify;

import java.util.Arrays;
import java.util.Optional;

/** What is checked, in the order of reports. */
public enum Check {
  REACHABLE(
      "reachable",
      "firewall-cmd --add-source; memstat from that source",
      "VERSION",
      "a response in memcached's binary protocol"),
  UNAUTHENTICATED_REFUSED(
      "unauthenticated-refused",
      "memstat --servers=<address>; echo $?",
      "NOOP, GET, SET and STAT without a login, each on its own connection",
      "status 0x20 for each"),
  MECHANISMS("mechanisms", "mech_list: plain", "SASL_LIST", "PLAIN only"),
  ANONYMOUS_REFUSED("anonymous-refused", "mech_list: plain", "SASL_AUTH ANONYMOUS", "status 0x20"),
  UNKNOWN_USER_REFUSED(
      "unknown-user-refused",
      "saslpasswd2 -a memcached -c <user>",
      "SASL_AUTH PLAIN with a random user name",
      "status 0x20"),
  WRONG_PASSWORD_REFUSED(
      "wrong-password-refused",
      "memstat --username=<user> --password=<wrong>",
      "SASL_AUTH PLAIN with a random password",
      "status 0x20"),
  REFUSED_LOGIN_STAYS_OUT(
      "refused-login-stays-out",
      "memstat --username=<user> --password=<wrong>",
      "GET on a connection after a rejected login",
      "status 0x20"),
  LOGIN(
      "login",
      "memstat --username=<user> --password=<its own>",
      "SASL_AUTH PLAIN as each user",
      "status 0x00 for each"),
  TEXT_PROTOCOL_REFUSED(
      "text-protocol-refused",
      "-S",
      "version, get and stats in the text protocol",
      "the connection is closed without a response"),
  UDP_OFF(
      "udp-off",
      "-U 0; sudo netstat -plunt",
      "text version and binary NOOP over UDP on the same port; STAT settings",
      "no response, and udpport 0 in the settings"),
  NO_OTHER_PORT(
      "no-other-port",
      "sudo netstat -plunt",
      "TCP connections to the two adjacent ports and to ports 11210 to 11215",
      "connection refused, or no response"),
  KNOWN_VULNERABILITIES(
      "known-vulnerabilities",
      "sudo yum install memcached",
      "VERSION, looked up in the operator's vulnerability table",
      "no vulnerability that allows unauthenticated access or code execution"),
  POLICIES_ENFORCED(
      "policies-enforced",
      "firewall-cmd --set-default-zone=drop",
      "TCP connections to ports 1 and 9, which no NetworkPolicy allows",
      "no response, or an ICMP error");

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

  /** The step of the manual guide for CentOS 7 that the check replaces. */
  public String byHand() {
    return byHand;
  }

  /** What the check runs. */
  public String ran() {
    return ran;
  }

  /** The response of a hardened server. */
  public String expected() {
    return expected;
  }
}
