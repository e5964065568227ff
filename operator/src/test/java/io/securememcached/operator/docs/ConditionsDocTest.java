package io.securememcached.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.status.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionsDocTest {

  @Test
  void everyReasonHasASectionAndNoOther() throws IOException {
    List<String> sections =
        lines().stream()
            .filter(line -> line.startsWith("## "))
            .map(line -> line.substring(3))
            .toList();

    assertThat(sections)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Reason.values()).map(Reason::name).toList());
  }

  @Test
  void everyConditionIsInTheTable() throws IOException {
    assertThat(lines())
        .extracting(line -> line.split(" \\| ")[0])
        .contains(
            "| " + Conditions.READY,
            "| " + Conditions.CREDENTIALS_READY,
            "| " + Conditions.NETWORK_POLICIES_APPLIED,
            "| " + Conditions.SERVERS_READY);
  }

  private static List<String> lines() throws IOException {
    return Files.readAllLines(Guarded.ROOT.resolve("docs/conditions.md"));
  }
}
