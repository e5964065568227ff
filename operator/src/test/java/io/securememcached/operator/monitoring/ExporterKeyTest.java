package io.securememcached.operator.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.sasl.Passwords;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ExporterKeyTest {

  private static final String UID = "0b6f1c1e-5a44-4c57-9d0e-2f3b8f1d7a90";

  private static final ExporterKey FIRST =
      new ExporterKey(1, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  private static final ExporterKey SECOND =
      new ExporterKey(2, "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f");

  /** Computed with Python's hmac and hashlib. */
  @Test
  void derivesFixedVectors() {
    assertThat(FIRST.login("shop", "sessions", UID))
        .isEqualTo(
            new Login("securememcached-exporter", "TknVWxn5Z61rKMq65rDVKCy2adkTs74g0LbYHxaGHud"));
    assertThat(SECOND.login("shop", "sessions", UID))
        .isEqualTo(
            new Login("securememcached-exporter_2", "hVt0yEgja5K14Qrkzmck8HLi6m44tBW4gQhhQDqcO3o"));
    assertThat(FIRST.login("a", "b/c", "u").password())
        .isEqualTo("BSQhXR0Ca0v84Z6dcVCd4toz2pcKffryCn6TwaxDXy8");
    assertThat(FIRST.login("shop", "sessions", "694").password())
        .as("leading zeros are kept")
        .isEqualTo("00OdX0OaRuRCRbMvjpikg2MoPKV6HDTuMdlOSuERZvh");
  }

  @Test
  void fieldsCannotBeExchanged() {
    assertThat(
            Stream.of(
                    FIRST.login("a", "b/c", "u"),
                    FIRST.login("a/b", "c", "u"),
                    FIRST.login("a", "b", "/cu"),
                    FIRST.login("a", "bc", "u"),
                    FIRST.login("ab", "c", "u"),
                    FIRST.login("a\0", "b/c", "u"),
                    FIRST.login("a", "\0b/c", "u"),
                    FIRST.login("u", "b/c", "a"))
                .map(Login::password))
        .doesNotHaveDuplicates();
  }

  @Test
  void eachResourceHasAnother() {
    List<String> passwords =
        IntStream.range(0, 1000)
            .mapToObj(i -> FIRST.login("shop", "sessions", "uid-" + i).password())
            .toList();

    assertThat(passwords).doesNotHaveDuplicates();
    assertThat(passwords)
        .allSatisfy(
            password -> {
              assertThat(password).matches("[0-9A-Za-z]{43}");
              assertThat(Passwords.problem(password)).isEmpty();
            });
    // The number of bits of an HMAC-SHA-256, all of which the password holds.
    assertThat(ExporterKey.PASSWORD_LENGTH * Math.log(62) / Math.log(2)).isGreaterThan(256);
  }

  @Test
  void namesAlternate() {
    assertThat(IntStream.rangeClosed(1, 4).mapToObj(i -> ExporterKey.generate(i).loginName()))
        .containsExactly(
            "securememcached-exporter",
            "securememcached-exporter_2",
            "securememcached-exporter",
            "securememcached-exporter_2");
  }

  @Test
  void generatedOnesDiffer() {
    assertThat(Stream.generate(() -> ExporterKey.generate(1).secret()).limit(100))
        .doesNotHaveDuplicates()
        .allMatch(secret -> secret.matches("[0-9a-f]{64}"));
  }

  @Test
  void refusesWhatIsNoKey() {
    assertThatThrownBy(() -> new ExporterKey(1, "secret"))
        .hasMessage("key is not 64 lower-case hexadecimal digits");
    assertThatThrownBy(() -> new ExporterKey(0, FIRST.secret()))
        .hasMessage("generation is 0, the least is 1");
    assertThatThrownBy(() -> FIRST.login("shop", "sessions", ""))
        .hasMessage(
            "A login needs namespace, name and uid of a resource, but got 'shop', 'sessions' and ''");
  }

  @Test
  void textNeverHasTheKey() {
    ExporterKeys keys = ExporterKeys.first(FIRST, Instant.EPOCH);

    assertThat(FIRST).hasToString("ExporterKey[1]");
    assertThat(keys.toString()).doesNotContain(FIRST.secret());
  }
}
