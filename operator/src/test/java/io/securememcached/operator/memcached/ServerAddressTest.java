package io.securememcached.operator.memcached;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerAddressTest {

  /** The examples of RFC 5952, 4. */
  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 10.0.0.1:11211",
    "fd00::1, [fd00::1]:11211",
    "FD00:0:0::0001, [fd00::1]:11211",
    "2001:db8:0:1:1:1:1:1, [2001:db8:0:1:1:1:1:1]:11211",
    "2001:0:0:1:0:0:0:1, [2001:0:0:1::1]:11211",
    "2001:db8:0:0:1:0:0:1, [2001:db8::1:0:0:1]:11211",
    "::, [::]:11211",
    "::1, [::1]:11211",
    "1::, [1::]:11211",
    "::ffff:10.0.0.1, 10.0.0.1:11211"
  })
  void isWrittenInOneForm(String ip, String text) {
    ServerAddress address = ServerAddress.of(ip, 11211).orElseThrow();
    assertThat(address).hasToString(text);
    assertThat(ServerAddress.parse(text)).contains(address);
    assertThat(address.socket().getPort()).isEqualTo(11211);
    assertThat(ServerAddress.canonical(ip)).isEqualTo(address.host());
  }

  @Property
  void readsWhatItWrote(
      @ForAll @Size(16) byte[] ip, @ForAll @IntRange(max = 65_535) int port, @ForAll boolean is6)
      throws UnknownHostException {
    byte[] bytes = is6 ? ip : Arrays.copyOf(ip, 4);
    ServerAddress address = new ServerAddress(InetAddress.getByAddress(bytes), port);
    assertThat(ServerAddress.parse(address.toString())).contains(address);
  }

  /** Runs of zeros are where the forms differ. */
  @Property
  void readsWhatItWroteOfManyZeros(@ForAll @Size(8) boolean[] groups) throws UnknownHostException {
    byte[] bytes = new byte[16];
    for (int i = 0; i < groups.length; i++) {
      bytes[2 * i + 1] = (byte) (groups[i] ? 1 : 0);
    }
    ServerAddress address = new ServerAddress(InetAddress.getByAddress(bytes), 1);
    assertThat(ServerAddress.parse(address.toString())).contains(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.0.1",
        ":11211",
        "fd00::1:11211",
        "localhost:1",
        "[10.0.0.1",
        "10.0.0.1:123456"
      })
  void otherTextIsNoAddress(String text) {
    assertThat(ServerAddress.parse(text)).isEmpty();
  }

  @Test
  void nobodyIsAskedForANameAndTextThatIsNoAddressStays() {
    assertThat(ServerAddress.of("localhost", 1)).isEmpty();
    assertThat(ServerAddress.of("", 1)).isEmpty();
    assertThat(ServerAddress.canonical("example.org")).isEqualTo("example.org");
  }
}
