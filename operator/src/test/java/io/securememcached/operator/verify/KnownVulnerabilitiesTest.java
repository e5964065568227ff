package io.securememcached.operator.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownVulnerabilitiesTest {

  @Test
  void whatTheImagesHave() {
    assertThat(names("1.4.15", Distribution.CENTOS_7))
        .containsExactly(
            "CVE-2018-1000127",
            "CVE-2017-9951",
            "SASL_STEP before SASL_AUTH",
            "body length over 2 GiB",
            "reference count overflow");
    assertThat(names("1.6.18", Distribution.DEBIAN_12))
        .containsExactly("body length over 2 GiB", "reference count overflow");
    assertThat(names("1.6.45", Distribution.DEBIAN_13)).isEmpty();
    // What Debian 13 itself has, and why its image has another one.
    assertThat(names("1.6.38", Distribution.DEBIAN_13))
        .containsExactly("body length over 2 GiB", "reference count overflow");
  }

  @Test
  void seriousOnesOfThePlainVersion() {
    assertThat(KnownVulnerabilities.of("1.4.15", Distribution.UNKNOWN))
        .filteredOn(Vulnerability::isSerious)
        .extracting(Vulnerability::name)
        .containsExactly("CVE-2013-7239", "CVE-2016-8706");
    assertThat(KnownVulnerabilities.of("1.4.15", Distribution.CENTOS_7))
        .noneMatch(Vulnerability::isSerious);
    assertThat(KnownVulnerabilities.of("1.4.33", Distribution.UNKNOWN))
        .noneMatch(Vulnerability::isSerious);
  }

  @Test
  void rangeHasItsFirstVersionAndNotTheFixedOne() {
    assertThat(names("1.5.22", Distribution.UNKNOWN)).doesNotContain("CVE-2020-10931");
    assertThat(names("1.6.0", Distribution.UNKNOWN)).contains("CVE-2020-10931");
    assertThat(names("1.6.1-beta2", Distribution.UNKNOWN)).contains("CVE-2020-10931");
    assertThat(names("1.6.2", Distribution.UNKNOWN)).doesNotContain("CVE-2020-10931");
    assertThat(names("1.6.45", Distribution.UNKNOWN)).isEmpty();
    assertThat(names("2.0.0", Distribution.UNKNOWN)).isEmpty();
  }

  @Test
  void whatTheArgumentsAvoidIsNotOpenAnywhere() {
    assertThat(KnownVulnerabilities.all())
        .filteredOn(vulnerability -> !vulnerability.avoidedBy().isEmpty())
        .extracting(Vulnerability::name)
        .contains("CVE-2018-1000115", "UDP without SASL", "CVE-2026-47783")
        .doesNotContainAnyElementsOf(names("1.4.15", Distribution.UNKNOWN))
        .doesNotContainAnyElementsOf(names("1.6.7", Distribution.UNKNOWN));
  }

  @Test
  void tableIsConsistent() {
    assertThat(KnownVulnerabilities.all()).extracting(Vulnerability::name).doesNotHaveDuplicates();
    assertThat(KnownVulnerabilities.all())
        .extracting(Vulnerability::fixed)
        .isSorted()
        .allSatisfy(fixed -> assertThat(fixed).isGreaterThan(new Version(1, 4, 15)));
    assertThat(KnownVulnerabilities.all())
        .allSatisfy(
            vulnerability -> {
              assertThat(vulnerability.from()).isLessThan(vulnerability.fixed());
              assertThat(vulnerability.source()).isNotBlank();
            });
    // A fix that was back-ported is one that the package's own version lacks.
    assertThat(KnownVulnerabilities.all())
        .filteredOn(vulnerability -> vulnerability.backported().contains(Distribution.CENTOS_7))
        .hasSize(6)
        .allMatch(vulnerability -> has(vulnerability, new Version(1, 4, 15)));
    assertThat(KnownVulnerabilities.all())
        .filteredOn(vulnerability -> vulnerability.backported().contains(Distribution.DEBIAN_12))
        .hasSize(4)
        .allMatch(vulnerability -> has(vulnerability, new Version(1, 6, 18)));
  }

  @ParameterizedTest
  @CsvSource({
    "CENTOS_7, 2024-06-30, SUPPORTED",
    "CENTOS_7, 2024-07-01, ENDED",
    "DEBIAN_12, 2026-11-22, SUPPORTED",
    "DEBIAN_12, 2028-07-01, ENDED",
    "DEBIAN_13, 2030-06-30, SUPPORTED",
    "DEBIAN_13, 2030-07-01, ENDED",
    "UNKNOWN, 2026-11-22, UNKNOWN"
  })
  void supportEndsAfterTheLastDay(Distribution distribution, LocalDate today, Support support) {
    assertThat(Support.of(distribution, today)).isEqualTo(support);
  }

  @ParameterizedTest
  @CsvSource(value = {"''", "1.6", "x1.6.18", "1.6.99999", "unknown"})
  void textThatIsNoVersion(String text) {
    assertThat(Version.parse(text)).isEmpty();
    assertThat(KnownVulnerabilities.of(text, Distribution.UNKNOWN)).isEmpty();
  }

  private static boolean has(Vulnerability vulnerability, Version version) {
    return version.compareTo(vulnerability.from()) >= 0
        && version.compareTo(vulnerability.fixed()) < 0;
  }

  private static List<String> names(String version, Distribution distribution) {
    return KnownVulnerabilities.of(version, distribution).stream()
        .map(Vulnerability::name)
        .toList();
  }
}
