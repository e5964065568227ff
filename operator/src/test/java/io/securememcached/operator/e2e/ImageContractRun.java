package io.securememcached.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The memcached images against their contract, in a container engine and without a cluster.
 *
 * <p>Its name keeps it out of {@code mvn verify}, where the servers of all other tests run the same
 * images; {@code -Dit.test=ImageContractRun} runs it.
 */
class ImageContractRun {

  private static final Duration LONGEST = Duration.ofMinutes(20);

  @ParameterizedTest
  @ValueSource(strings = {"memcached-debian12", "memcached-debian13"})
  void imageKeepsTheContract(String image) {
    assertThat(contractTest(archive(image))).contains("ok ").doesNotContain("not ok");
  }

  /** Each of the known faults is found, so that the test above says something. */
  @Test
  void brokenImagesDoNot() {
    assertThat(contractTest("--self-test", archive("memcached-debian13")))
        .contains("ok 6 ")
        .doesNotContain("\nnot ok");
  }

  private static String archive(String image) {
    return Shell.run(Guarded.ROOT, Map.of(), LONGEST, "images/build", image).strip();
  }

  private static String contractTest(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = "images/memcached/contract-test";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    return Shell.run(Guarded.ROOT, Map.of(), LONGEST, command);
  }
}
