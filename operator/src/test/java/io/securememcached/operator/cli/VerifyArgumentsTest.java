package io.securememcached.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.securememcached.operator.report.Format;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifyArgumentsTest {

  @Test
  void onlyTheResourceIsNeeded() {
    assertThat(VerifyArguments.parse(List.of("shop/sessions")))
        .isEqualTo(new VerifyArguments("shop", "sessions", Format.TABLE, 120));
  }

  @Test
  void optionsMayStandAnywhere() {
    assertThat(VerifyArguments.parse(List.of("-o", "junit", "shop/sessions", "--width", "90")))
        .isEqualTo(new VerifyArguments("shop", "sessions", Format.JUNIT, 90));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -o json              | Expected NAMESPACE/NAME, not ''
          sessions             | Expected NAMESPACE/NAME, not 'sessions'
          /sessions            | Expected NAMESPACE/NAME, not '/sessions'
          shop/                | Expected NAMESPACE/NAME, not 'shop/'
          shop/a shop/b        | Unknown argument 'shop/b'
          shop/a --all         | Unknown argument '--all'
          shop/a -o            | Option -o needs a value
          shop/a -o yaml       | Invalid -o 'yaml': expected one of table, guide, json, junit
          shop/a --width wide  | Invalid --width 'wide': expected a whole number
          shop/a --width 0     | Invalid --width '0': expected a whole number
          shop/a --width 99999 | Invalid --width '99999': expected a whole number
          """)
  void wrongOnesAreNamed(String arguments, String message) {
    assertThatThrownBy(() -> VerifyArguments.parse(Arrays.asList(arguments.split(" "))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }
}
