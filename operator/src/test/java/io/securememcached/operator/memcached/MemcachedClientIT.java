package io.securememcached.operator.memcached;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import io.securememcached.operator.text.Quoted;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every operation of the client against a memcached with SASL. */
class MemcachedClientIT {

  private static final PlainCredentials SAMMY = new PlainCredentials("sammy@fixed", "hunter2");

  @TempDir static Path directory;
  private static RealMemcached server;

  @BeforeAll
  static void start() throws Exception {
    Files.writeString(
        directory.resolve(SaslConfig.CONFIG_FILE),
        SaslConfig.text().replace(SaslConfig.MOUNT_PATH, directory.toString()));
    Files.write(
        directory.resolve(SaslConfig.SASLDB_FILE),
        SaslDb.write(List.of(new SaslEntry("sammy", "fixed", "hunter2"))));
    server = RealMemcached.start(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Test
  void beforeLogin() throws Exception {
    try (var client = server.connect()) {
      assertThat(client.version().text().text()).matches("\\d+\\.\\d+\\.\\d+.*");
      assertThat(client.mechanisms().text().text()).isEqualTo("PLAIN");
      Response response = client.get("key");
      assertThat(response.status()).isEqualTo(Status.AUTH_ERROR);
      // memcached closes the connection of who asks before a login.
      assertThatThrownBy(client::noop).isInstanceOf(MemcachedException.class);
    }
    try (var client = server.connect()) {
      assertThat(client.statistics().status()).isEqualTo(Status.AUTH_ERROR);
    }
  }

  @Test
  void afterLogin() throws Exception {
    try (var client = server.connect()) {
      assertThat(client.authenticate(SAMMY).status()).isEqualTo(Status.SUCCESS);
      assertThat(client.noop().ok()).isTrue();
      assertThat(client.get("key").status()).isEqualTo(Status.KEY_NOT_FOUND);
      byte[] value = "v".repeat(4000).getBytes(UTF_8);
      assertThat(client.set("key", value, Duration.ofMinutes(1)).ok()).isTrue();
      assertThat(client.get("key").value()).isEqualTo(value);
      byte[] tooLong = new byte[2 * 1024 * 1024];
      assertThat(client.set("long", tooLong, Duration.ZERO).status())
          .isEqualTo(Status.VALUE_TOO_LARGE);
      assertThat(client.statistics().values())
          .containsKeys("pid", "uptime", "version")
          .containsEntry("curr_items", Quoted.of("1"));
      assertThat(client.statistics("settings").values())
          .containsEntry("udpport", Quoted.of("0"))
          .containsEntry("auth_enabled_sasl", Quoted.of("yes"));
    }
  }
}
