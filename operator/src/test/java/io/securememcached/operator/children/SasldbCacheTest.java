package io.securememcached.operator.children;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.resource.Credentials;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.UserLogins;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SasldbCacheTest {

  private final SasldbCache cache = new SasldbCache();

  @Test
  void isEncodedAgainWhenItsInputHasChangedOnly() {
    byte[] first = cache.get(resource("a"), logins("secret"), List.of(), 1);
    assertThat(first).isEqualTo(Credentials.sasldb(resource("a"), logins("secret"), List.of(), 1));
    assertThat(cache.get(resource("a"), logins("secret"), List.of(), 1)).isSameAs(first);

    assertThat(cache.get(resource("a"), logins("other"), List.of(), 1)).isNotEqualTo(first);
    assertThat(cache.get(resource("a"), logins("secret"), List.of(), 40)).isNotEqualTo(first);
    assertThat(cache.get(resource("b"), logins("secret"), List.of(), 1)).isNotEqualTo(first);
  }

  @Test
  void thoseUsedLastAreKept() {
    byte[] first = cache.get(resource("first"), logins("secret"), List.of(), 1);
    byte[] second = cache.get(resource("second"), logins("secret"), List.of(), 1);
    for (int i = 0; i < 31; i++) {
      cache.get(resource("other-" + i), logins("secret"), List.of(), 1);
      assertThat(cache.get(resource("second"), logins("secret"), List.of(), 1)).isSameAs(second);
    }
    assertThat(cache.get(resource("first"), logins("secret"), List.of(), 1)).isNotSameAs(first);
  }

  private static SecureMemcached resource(String name) {
    SecureMemcached resource = new SecureMemcached();
    resource.setMetadata(
        new ObjectMetaBuilder().withName(name).withNamespace("shop").withUid(name).build());
    return resource;
  }

  private static Logins logins(String password) {
    return Logins.none(Map.of())
        .withUsers(Map.of("sammy", UserLogins.of(new Login("sammy", password), 1, Instant.EPOCH)));
  }
}
