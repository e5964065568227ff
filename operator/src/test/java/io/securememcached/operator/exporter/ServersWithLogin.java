package io.securememcached.operator.exporter;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import io.securememcached.operator.memcached.RealMemcached;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Real memcached processes with one login, as the operator starts them. */
public final class ServersWithLogin {

  private ServersWithLogin() {}

  /**
   * Starts one.
   *
   * @param directory of its own, for its configuration and its output
   */
  public static RealMemcached start(Path directory, Login login) throws IOException {
    Files.writeString(
        directory.resolve(SaslConfig.CONFIG_FILE),
        SaslConfig.text().replace(SaslConfig.MOUNT_PATH, directory.toString()));
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    Files.move(
        Files.write(
            directory.resolve("fresh"),
            SaslDb.write(List.of(new SaslEntry(login.name(), host, login.password())))),
        directory.resolve(SaslConfig.SASLDB_FILE),
        ATOMIC_MOVE);
    return RealMemcached.start(directory);
  }
}
