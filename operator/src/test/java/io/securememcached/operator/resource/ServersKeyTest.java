package io.securememcached.operator.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.rotation.Login;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients find keys by their position in a list of servers, or by a ring of its names. */
class ServersKeyTest {

  private static final Login LOGIN = new Login("sammy", "first");

  @TempDir private Path folder;

  @Test
  void scalingChangesTheEndOnly() throws IOException {
    List<String> most = servers(12, LOGIN);
    // By number: server 10 comes after server 9, not after server 1.
    assertThat(most)
        .isEqualTo(
            IntStream.range(0, 12)
                .mapToObj("sessions-%d.sessions-nodes.shop.svc:11211"::formatted)
                .toList());
    for (int number = 1; number < 12; number++) {
      assertThat(servers(number, LOGIN)).isEqualTo(most.subList(0, number));
    }
  }

  @Test
  void rotationChangesNothing() throws IOException {
    assertThat(servers(3, new Login("sammy_2", "second"))).isEqualTo(servers(3, LOGIN));
  }

  private List<String> servers(int number, Login login) throws IOException {
    return List.of(
        BindingFiles.write(folder, "shop", "sessions", number, login).get("servers").split(","));
  }
}
