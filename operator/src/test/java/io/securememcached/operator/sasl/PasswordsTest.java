package io.securememcached.operator.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PasswordsTest {

  @Test
  void generatedOnesAreLongEnoughAndPlain() {
    assertThat(Passwords.generate()).matches("[0-9A-Za-z]{33}");
    assertThat(Passwords.LENGTH * Math.log(62) / Math.log(2)).isGreaterThan(192);
    assertThat(Stream.generate(Passwords::generate).limit(1000).distinct()).hasSize(1000);
    assertThat(Passwords.problem(Passwords.generate())).isEmpty();
  }

  /** 66,000 characters are 1,065 of each, with a standard deviation of 32: eight of those. */
  @Test
  void eachCharacterIsEquallyLikely() {
    Map<Integer, Long> counts =
        Stream.generate(Passwords::generate)
            .limit(2000)
            .flatMapToInt(String::chars)
            .boxed()
            .collect(Collectors.groupingBy(c -> c, Collectors.counting()));
    assertThat(counts).hasSize(62);
    assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(800L, 1330L));
  }

  @Test
  void problemsOfBroughtOnes() {
    assertThat(Passwords.problem("correct horse, ü")).isEmpty();
    assertThat(Passwords.problem("p".repeat(1024))).isEmpty();
    assertProblem("", "is empty");
    assertProblem("p\0", "contains a NUL, which terminates it in SASL PLAIN");
    assertProblem(
        "p\n",
        "ends with a line break, which clients would have to send too; write it with printf instead of echo");
    assertProblem("a\nb", "contains the control character U+000A");
    assertProblem("a\tb", "contains the control character U+0009");
    assertProblem("p".repeat(1025), "is 1025 bytes long, the limit is 1024");
    assertProblem("\ud800", "cannot be written as UTF-8");
  }

  private static void assertProblem(String password, String problem) {
    assertThat(Passwords.problem(password)).contains(problem);
  }
}
