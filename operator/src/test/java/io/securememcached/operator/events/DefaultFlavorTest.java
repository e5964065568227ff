package io.securememcached.operator.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.verify.Distribution;
import io.securememcached.operator.verify.KnownVulnerabilities;
import io.securememcached.operator.verify.Vulnerability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefaultFlavorTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                  | ''       | CentOS7  | true
          {}                                  | Debian13 | CentOS7  | true
          {}                                  | CentOS7  | CentOS7  | false
          {}                                  | ''       | ''       | false
          {}                                  | ''       | Debian13 | false
          {"image": {"flavor": "CentOS7"}}    | ''       | CentOS7  | false
          {"image": {"reference": "own"}}     | ''       | ''       | false
          """)
  void isToldWhenTheDefaultHasBecomeTheFlavor(
      String spec, String before, String after, boolean told) {
    SecureMemcached primary =
        Serialization.unmarshal("{\"spec\": %s}".formatted(spec), SecureMemcached.class);
    primary.setStatus(status(before));

    assertThat(DefaultFlavor.of(primary, status(after)).isPresent()).isEqualTo(told);
  }

  /** What the message says of the versions is what the table of vulnerabilities has. */
  @Test
  void messageSaysWhatIsKnown() {
    SecureMemcached primary = Serialization.unmarshal("{\"spec\": {}}", SecureMemcached.class);
    String message = DefaultFlavor.of(primary, status("CentOS7")).orElseThrow();

    assertThat(message).hasSizeLessThanOrEqualTo(1024).contains("1.4.15", "2024-06-30");
    assertThat(KnownVulnerabilities.of("1.4.15", Distribution.CENTOS_7))
        .anySatisfy(
            vulnerability -> {
              assertThat(vulnerability.needs()).isEqualTo(Vulnerability.Needs.A_LOGIN);
              assertThat(vulnerability.effect()).isEqualTo(Vulnerability.Effect.CODE);
              assertThat(message).contains("fixed in " + vulnerability.fixed());
            })
        .anySatisfy(
            vulnerability -> {
              assertThat(vulnerability.needs()).isEqualTo(Vulnerability.Needs.NOTHING);
              assertThat(vulnerability.effect()).isEqualTo(Vulnerability.Effect.CRASH);
              assertThat(message).contains("fixed in " + vulnerability.fixed());
            });
  }

  private static SecureMemcachedStatus status(String flavor) {
    return Serialization.unmarshal(
        "{\"flavor\": \"%s\"}".formatted(flavor), SecureMemcachedStatus.class);
  }
}
