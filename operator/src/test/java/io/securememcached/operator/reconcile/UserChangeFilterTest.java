package io.securememcached.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import org.junit.jupiter.api.Test;

class UserChangeFilterTest {

  private final UserChangeFilter filter = new UserChangeFilter();

  @Test
  void statusOfTheOperatorIsNoChange() {
    assertThat(filter.accept(resource("a", 1, "2"), resource("a", 1, "1"))).isFalse();
  }

  @Test
  void specIsAChange() {
    assertThat(filter.accept(resource("a", 2, "2"), resource("a", 1, "1"))).isTrue();
  }

  /** The watch was down, and its list has another resource of the same name. */
  @Test
  void resourceThatReplacedAnotherUnseenIsAChange() {
    assertThat(filter.accept(resource("b", 1, "2"), resource("a", 1, "1"))).isTrue();
  }

  private static SecureMemcached resource(String uid, long generation, String version) {
    SecureMemcached resource = new SecureMemcached();
    resource.setMetadata(
        new ObjectMetaBuilder()
            .withUid(uid)
            .withGeneration(generation)
            .withResourceVersion(version)
            .build());
    return resource;
  }
}
