package io.securememcached.operator.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.SecureMemcachedSpec;
import io.securememcached.operator.testing.KubectlYaml;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is said of user-provided Secrets that are not known. */
class UserProvidedLoginsTest {

  private final SecureMemcached primary = new SecureMemcached();

  UserProvidedLoginsTest() {
    primary.getMetadata().setNamespace("shop");
    primary.getMetadata().setName("sessions");
    primary.setSpec(
        Serialization.unmarshal(
            KubectlYaml.json("{users: [{name: sammy, secret: {name: own}}]}"),
            SecureMemcachedSpec.class));
  }

  /** Nobody should create a Secret that exists. */
  @Test
  void secretThatTheMemoryBudgetLeavesOutIsNotCalledMissing() {
    assertThat(problem(Optional.of("the operator has left out some objects")))
        .isEqualTo("Secret own of user sammy is not read: the operator has left out some objects");
    assertThat(problem(Optional.empty()))
        .startsWith("Secret own of user sammy does not exist or lacks the label");
  }

  private String problem(Optional<String> shortage) {
    UserProvidedLogins.Read read = UserProvidedLogins.read(primary, Map.of(), shortage);
    assertThat(read.logins()).isEqualTo(Map.of("sammy", Optional.empty()));
    return read.problems().get("sammy");
  }
}
