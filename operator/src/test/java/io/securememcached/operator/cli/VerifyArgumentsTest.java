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
          -o json              | '' is no NAMESPACE/NAME
          sessions             | 'sessions' is no NAMESPACE/NAME
          /sessions            | '/sessions' is no NAMESPACE/NAME
          shop/                | 'shop/' is no NAMESPACE/NAME
          shop/a shop/b        | 'shop/b' has no meaning here
          shop/a --all         | '--all' has no meaning here
          shop/a -o            | -o needs a value
          shop/a -o yaml       | -o yaml: write table, json, junit
          shop/a --width wide  | --width wide: write a whole number
          shop/a --width 0     | --width 0: write a whole number
          shop/a --width 99999 | --width 99999: write a whole number
          """)
  void wrongOnesAreNamed(String arguments, String message) {
    assertThatThrownBy(() -> VerifyArguments.parse(Arrays.asList(arguments.split(" "))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }
}
