package io.securememcached.operator.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizesTest {

  @ParameterizedTest
  @CsvSource({"1Ki, 1024", "64Mi, 67108864", "256Gi, 274877906944", "131072Ki, 134217728"})
  void bytes(String size, long bytes) {
    assertThat(Sizes.bytes(size)).isEqualTo(bytes);
  }

  @Test
  void halfByteIsNoSize() {
    assertThatThrownBy(() -> Sizes.bytes("100m")).isInstanceOf(ArithmeticException.class);
  }

  /** 64Mi * 9/8 + 1024 * 32Ki, and 1Mi * 40 + 24Mi or 48Mi. */
  @Test
  void memoryOfDefaults() {
    assertThat(Sizes.serverMemory(SecureMemcachedSpec.defaults(), Image.Flavor.CentOS7))
        .isEqualTo(168L << 20);
    assertThat(Sizes.serverMemory(SecureMemcachedSpec.defaults(), Image.Flavor.Debian12))
        .isEqualTo(152L << 20);
  }

  @Test
  void memoryOfLargestServer() {
    SecureMemcachedSpec largest =
        Serialization.unmarshal(
            "{\"cacheSize\": \"256Gi\", \"maxItemSize\": \"128Mi\", \"maxConnections\": 65536}",
            SecureMemcachedSpec.class);
    assertThat(Sizes.serverMemory(largest, Image.Flavor.CentOS7))
        .isEqualTo((288L << 30) + (5L << 30) + (2L << 30) + (24L << 20));
  }

  /** A page of 1.6 is 1 Mi, whatever maxItemSize says. */
  @Test
  void memoryOfLargeItemsDependsOnTheFlavor() {
    SecureMemcachedSpec chunks =
        Serialization.unmarshal(
            "{\"cacheSize\": \"64Mi\", \"maxItemSize\": \"5Mi\"}", SecureMemcachedSpec.class);
    assertThat(Sizes.serverMemory(chunks, Image.Flavor.CentOS7)).isEqualTo(328L << 20);
    assertThat(Sizes.serverMemory(chunks, Image.Flavor.Debian12)).isEqualTo(152L << 20);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1025, 1025",
    "1024, 1Ki",
    "176160768, 168Mi",
    "302795194368, 282Gi",
    "1099511627776, 1024Gi"
  })
  void quantityIsTheSameNumberOfBytes(long bytes, String quantity) {
    assertThat(Sizes.quantity(bytes)).hasToString(quantity);
    assertThat(Sizes.quantity(bytes).getNumericalAmount().longValueExact()).isEqualTo(bytes);
  }
}
