package io.securememcached.operator.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllowedImagesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          *                             | evil.example/a:1                  | true
          ''                            | registry.example/a:1              | false
          registry.example/caches/      | registry.example/caches/a:1       | true
          registry.example/caches/      | registry.example/caches/b/a@sha256:1 | true
          registry.example/caches/      | registry.example/cachesevil/a     | false
          registry.example/             | registry.example.evil/a           | false
          registry.example/             | registry.example:5000/a           | false
          registry.example/             | evil/registry.example/a           | false
          registry.example/a            | registry.example/a                | true
          registry.example/a            | registry.example/a:1              | true
          registry.example/a            | registry.example/a@sha256:1       | true
          registry.example/a            | registry.example/a:1@sha256:1     | true
          registry.example/a            | registry.example/a/b              | false
          registry.example/a            | registry.example/ab               | false
          registry.example/a            | registry.example/a-evil:1         | false
          registry.example              | registry.example:5000/evil        | false
          memcached                     | memcached:1.6                     | true
          memcached                     | memcached/evil                    | false
          memcached                     | docker.io/library/memcached       | false
          registry.example/a:1          | registry.example/a:1              | true
          registry.example/a:1          | registry.example/a:1@sha256:1     | true
          registry.example/a:1          | registry.example/a:10             | false
          registry.example/a:1          | registry.example/a                | false
          registry.example/b,registry.example/a | registry.example/a        | true
          """)
  void allowsWhatIsListedAndNothingElse(String entries, String reference, boolean allowed) {
    AllowedImages images =
        new AllowedImages(
            Arrays.stream(entries.split(",")).filter(entry -> !entry.isEmpty()).toList());
    assertThat(images.allows(reference)).isEqualTo(allowed);
  }
}
