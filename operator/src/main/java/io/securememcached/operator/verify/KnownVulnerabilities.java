package io.securememcached.operator.verify;

import static io.securememcached.operator.verify.Distribution.CENTOS_7;
import static io.securememcached.operator.verify.Distribution.DEBIAN_12;
import static io.securememcached.operator.verify.Vulnerability.Effect.BYPASS;
import static io.securememcached.operator.verify.Vulnerability.Effect.CODE;
import static io.securememcached.operator.verify.Vulnerability.Effect.CRASH;
import static io.securememcached.operator.verify.Vulnerability.Effect.LEAK;
import static io.securememcached.operator.verify.Vulnerability.Needs.A_LOGIN;
import static io.securememcached.operator.verify.Vulnerability.Needs.NOTHING;

import io.securememcached.operator.verify.Vulnerability.Effect;
import io.securememcached.operator.verify.Vulnerability.Needs;
import java.util.List;
import java.util.Set;

/**
 * Vulnerabilities of memcached from 1.4.15 on, known as of 2026-11, oldest fix first.
 *
 * <p>First fixed versions are those of memcached's release notes and tags. What CentOS 7 has fixed
 * is in the changelog of its package 1.4.15-10.el7_3.1, what Debian 12 has in that of
 * 1.6.18-1+deb12u1. memcached 1.6.42 to 1.6.45 fix much without a CVE; the table has those fixes
 * that concern servers with the operator's arguments.
 */
public final class KnownVulnerabilities {

  /** Arguments that the operator always or never passes. */
  private static final String NO_UDP = "-U 0";

  private static final String NO_TEXT = "-S";
  private static final String NO_PASSWORD_FILE = "no -Y";
  private static final String NO_SOCKET = "no -s";
  private static final String NO_PROXY = "no proxy";
  private static final String SASLDB = "sasldb, not SASL_PWDB";

  private static final String NOTES = "memcached release notes ";
  private static final String COMMIT = "memcached commit ";

  private static final List<Vulnerability> ALL =
      List.of(
          open("CVE-2011-4971", "1.4.0", "1.4.16", NOTHING, CRASH, COMMIT + "6695ccbc5", CENTOS_7),
          open(
              "CVE-2013-0179, -7290, -7291",
              "1.4.0",
              "1.4.17",
              A_LOGIN,
              CRASH,
              NOTES + "1.4.17",
              CENTOS_7),
          open("CVE-2013-7239", "1.4.0", "1.4.17", NOTHING, BYPASS, NOTES + "1.4.17", CENTOS_7),
          open("CVE-2016-8704", "1.4.0", "1.4.33", A_LOGIN, CODE, NOTES + "1.4.33", CENTOS_7),
          open("CVE-2016-8705", "1.4.0", "1.4.33", A_LOGIN, CODE, NOTES + "1.4.33", CENTOS_7),
          open("CVE-2016-8706", "1.4.0", "1.4.33", NOTHING, CODE, NOTES + "1.4.33", CENTOS_7),
          open("CVE-2018-1000127", "1.4.0", "1.4.37", A_LOGIN, CODE, COMMIT + "a8c4a8278"),
          open("CVE-2017-9951", "1.4.0", "1.4.39", A_LOGIN, CRASH, NOTES + "1.4.39"),
          avoided("CVE-2018-1000115", "1.4.0", "1.5.6", NOTHING, LEAK, NO_UDP, NOTES + "1.5.6"),
          open(
              "SASL_STEP before SASL_AUTH", "1.4.0", "1.5.9", NOTHING, CRASH, COMMIT + "ced9e1730"),
          avoided(
              "CVE-2019-11596", "1.4.35", "1.5.14", NOTHING, CRASH, NO_TEXT, COMMIT + "d35334f36"),
          avoided(
              "CVE-2019-15026", "1.5.16", "1.5.17", NOTHING, LEAK, NO_SOCKET, COMMIT + "554b56687"),
          avoided(
              "UDP without SASL", "1.4.0", "1.5.20", NOTHING, BYPASS, NO_UDP, COMMIT + "e7c7a1089"),
          open("CVE-2020-10931", "1.6.0", "1.6.2", NOTHING, CRASH, NOTES + "1.6.2"),
          avoided("CVE-2020-22570", "1.6.0", "1.6.3", NOTHING, CRASH, NO_TEXT, "CVE record"),
          avoided("CVE-2022-48571", "1.6.0", "1.6.8", NOTHING, CRASH, NO_UDP, NOTES + "1.6.8"),
          avoided(
              "CVE-2021-37519",
              "1.5.15",
              "1.6.10",
              NOTHING,
              CRASH,
              NO_PASSWORD_FILE,
              COMMIT + "ddee3e27a"),
          avoided(
              "CVE-2023-46852",
              "1.6.0",
              "1.6.22",
              NOTHING,
              CODE,
              NO_PROXY,
              NOTES + "1.6.22",
              DEBIAN_12),
          avoided(
              "CVE-2023-46853",
              "1.6.0",
              "1.6.22",
              NOTHING,
              CODE,
              NO_PROXY,
              NOTES + "1.6.22",
              DEBIAN_12),
          avoided(
              "CVE-2026-47783", "1.4.0", "1.6.42", NOTHING, LEAK, SASLDB, "CVE record", DEBIAN_12),
          avoided(
              "CVE-2026-47784",
              "1.4.0",
              "1.6.42",
              NOTHING,
              LEAK,
              SASLDB,
              "Debian changelog",
              DEBIAN_12),
          open("body length over 2 GiB", "1.4.0", "1.6.42", NOTHING, CRASH, COMMIT + "229cf41be"),
          open("reference count overflow", "1.4.0", "1.6.43", A_LOGIN, CODE, COMMIT + "e3b7d33ce"),
          avoided(
              "CVE-2026-90698", "1.6.41", "1.6.44", NOTHING, LEAK, NO_PASSWORD_FILE, "CVE record"));

  private KnownVulnerabilities() {}

  /** All entries, including the avoided ones. */
  public static List<Vulnerability> all() {
    return ALL;
  }

  /**
   * Vulnerabilities of a server of this version that the operator's arguments don't mitigate; empty
   * for a version newer than the table.
   *
   * @param version as reported by the server; an invalid one has none
   */
  public static List<Vulnerability> of(String version, Distribution distribution) {
    return Version.parse(version).stream()
        .flatMap(
            parsed ->
                ALL.stream().filter(vulnerability -> vulnerability.isOpen(parsed, distribution)))
        .toList();
  }

  private static Vulnerability open(
      String name,
      String from,
      String fixed,
      Needs needs,
      Effect effect,
      String source,
      Distribution... backported) {
    return vulnerability(name, from, fixed, needs, effect, "", source, backported);
  }

  private static Vulnerability avoided(
      String name,
      String from,
      String fixed,
      Needs needs,
      Effect effect,
      String avoidedBy,
      String source,
      Distribution... backported) {
    return vulnerability(name, from, fixed, needs, effect, avoidedBy, source, backported);
  }

  private static Vulnerability vulnerability(
      String name,
      String from,
      String fixed,
      Needs needs,
      Effect effect,
      String avoidedBy,
      String source,
      Distribution... backported) {
    return new Vulnerability(
        name,
        Version.parse(from).orElseThrow(),
        Version.parse(fixed).orElseThrow(),
        needs,
        effect,
        avoidedBy,
        Set.of(backported),
        source);
  }
}
