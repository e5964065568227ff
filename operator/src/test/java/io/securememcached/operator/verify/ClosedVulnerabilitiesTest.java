package io.securememcached.operator.verify;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An update says that it closes a vulnerability only where that is known. */
class ClosedVulnerabilitiesTest {

  private static final String OLD = "ghcr.io/securememcached/memcached:1.6.18-debian12";
  private static final String NEW = "ghcr.io/securememcached/memcached:1.6.43-debian12";

  @Test
  void newVersionClosesWhatItHasFixed() {
    assertThat(ClosedVulnerabilities.text("1.6.18", OLD, NEW))
        .isEqualTo(
            "closes reference count overflow, which a client with a login can use to run code, and 1 more");
    assertThat(ClosedVulnerabilities.text("1.6.42", OLD, NEW))
        .isEqualTo(
            "closes reference count overflow, which a client with a login can use to run code");
  }

  /** What its distribution has fixed in the older version is not closed again. */
  @Test
  void otherDistributionClosesWhatTheFirstHasNotFixed() {
    assertThat(ClosedVulnerabilities.text("1.4.15", "memcached:1.4.15-centos7", OLD))
        .isEqualTo(
            "closes CVE-2018-1000127, which a client with a login can use to run code, and 2 more");
    assertThat(ClosedVulnerabilities.text("1.6.18", OLD, "memcached:1.4.15-centos7")).isEmpty();
  }

  /** The counter-example. */
  @Test
  void sameVersionClosesNothing() {
    assertThat(
            ClosedVulnerabilities.text(
                "1.6.18", OLD, "registry.example.com:5000/memcached:1.6.18-debian12"))
        .isEmpty();
  }

  @Test
  void serverThatReportsNoVersionHasNothingToClose() {
    assertThat(ClosedVulnerabilities.text("", OLD, NEW)).isEmpty();
    assertThat(ClosedVulnerabilities.text("mine", OLD, NEW)).isEmpty();
    assertThat(ClosedVulnerabilities.text("1.6.43", OLD, NEW)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "memcached",
        "memcached:latest",
        "memcached:1.6.43",
        "memcached:1.6-debian12",
        "memcached:1.6.43-debian14",
        "memcached:1.6.43-debian12-2",
        "memcached:v1.6.43-debian12",
        "memcached:1.6.43-Debian12",
        "memcached:1.6.43.1-debian12",
        "memcached:11111.6.43-debian12",
        "1.6.43-debian12",
        " memcached:1.6.43-debian12",
        "memcached@sha256:1.6.43-debian12",
        "memcached:1.6.43-debian12@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
      })
  void imageOfAnotherFormIsUnknown(String image) {
    assertThat(ReleaseImage.parse(image)).isEmpty();
    assertThat(ClosedVulnerabilities.text("1.6.18", OLD, image)).isEmpty();
    assertThat(ClosedVulnerabilities.text("1.6.18", image, NEW)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "memcached:1.4.15-centos7, 1.4.15, CENTOS_7",
    "ghcr.io/securememcached/memcached:1.6.18-debian12, 1.6.18, DEBIAN_12",
    "localhost:5000/memcached:1.6.18-debian12, 1.6.18, DEBIAN_12",
    "ghcr.io/securememcached/memcached:1.6.45-debian13, 1.6.45, DEBIAN_13"
  })
  void tagOfAReleaseIsRead(String image, String version, Distribution distribution) {
    assertThat(ReleaseImage.parse(image))
        .contains(new ReleaseImage(Version.parse(version).orElseThrow(), distribution));
  }
}
