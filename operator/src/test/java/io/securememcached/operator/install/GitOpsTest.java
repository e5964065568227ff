package io.securememcached.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.status.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Argo CD's health check speaks of reasons that exist. */
class GitOpsTest {

  private static final Pattern REASON = Pattern.compile("(\\w+) = true");

  @Test
  void healthCheckNamesReasons() {
    List<String> named =
        REASON
            .matcher(Yaml.text("examples/gitops/argo-cd/health.yaml"))
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(named)
        .isNotEmpty()
        .isSubsetOf(Arrays.stream(Reason.values()).map(Enum::name).toList());
  }
}
