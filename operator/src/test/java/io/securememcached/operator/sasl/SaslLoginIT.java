package io.securememcached.operator.sasl;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.RealMemcached;
import io.securememcached.operator.memcached.Status;
import io.securememcached.operator.monitoring.ExporterKey;
import io.securememcached.operator.rotation.Login;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logins to a real memcached through a sasldb written here. */
class SaslLoginIT {

  private static final int USERS = 31;

  @TempDir Path directory;
  private RealMemcached server;
  private List<SaslEntry> entries;

  @BeforeEach
  void start() throws Exception {
    entries =
        Stream.iterate(0, i -> i + 1)
            .limit(USERS)
            .flatMap(i -> Realms.exactly("sessions", 32).stream().map(r -> entry("user" + i, r)))
            .toList();
    Files.writeString(
        directory.resolve(SaslConfig.CONFIG_FILE),
        SaslConfig.text().replace(SaslConfig.MOUNT_PATH, directory.toString()));
    replaceDb(entries);
    server = RealMemcached.start(directory);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  @Test
  void everyRealmOfEveryPlaceInTheFile() throws Exception {
    assertThat(entries).hasSizeGreaterThanOrEqualTo(1000);
    List<SaslEntry> sorted = SaslDb.read(SaslDb.write(entries));
    for (SaslEntry entry :
        List.of(sorted.getFirst(), sorted.get(sorted.size() / 2), sorted.getLast())) {
      String user = entry.user() + "@" + entry.realm();
      assertThat(login(user, entry.password())).isEqualTo(Status.SUCCESS);
      assertThat(login(user, entry.password() + "x")).isEqualTo(Status.AUTH_ERROR);
      assertThat(login(user, entry.password().substring(1))).isEqualTo(Status.AUTH_ERROR);
      assertThat(login(user + "x", entry.password())).isEqualTo(Status.AUTH_ERROR);
    }
  }

  @Test
  void userWithoutRealmIsLookedUpUnderTheHostName() throws Exception {
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    assertThat(login("sammy", "secret")).isEqualTo(Status.AUTH_ERROR);
    replaceDb(List.of(new SaslEntry("sammy", host, "secret")));
    assertThat(login("sammy", "secret")).isEqualTo(Status.SUCCESS);
    assertThat(login("sammy@sessions", "secret")).isEqualTo(Status.AUTH_ERROR);
  }

  @Test
  void replacedFileCountsAtTheNextLogin() throws Exception {
    SaslEntry old = new SaslEntry("sammy", "sessions", "old");
    replaceDb(List.of(old));
    try (MemcachedClient client = server.connect()) {
      client.authenticate(new PlainCredentials("sammy@sessions", "old"));
      replaceDb(List.of(new SaslEntry("sammy", "sessions", "new")));
      assertThat(login("sammy@sessions", "old")).isEqualTo(Status.AUTH_ERROR);
      assertThat(login("sammy@sessions", "new")).isEqualTo(Status.SUCCESS);
      assertThat(client.noop().ok()).as("an open connection stays logged in").isTrue();
    }
  }

  @Test
  void emptyOrDamagedOrNoFileLetsNobodyIn() throws Exception {
    SaslEntry entry = entries.getFirst();
    String user = entry.user() + "@" + entry.realm();
    assertThat(login(user, entry.password())).isEqualTo(Status.SUCCESS);
    replaceDb(List.of());
    assertThat(login(user, entry.password())).isEqualTo(Status.AUTH_ERROR);
    Path file = directory.resolve(SaslConfig.SASLDB_FILE);
    Files.writeString(file, "no Berkeley DB file");
    assertThat(login(user, entry.password())).isEqualTo(Status.AUTH_ERROR);
    Files.delete(file);
    assertThat(login(user, entry.password())).isEqualTo(Status.AUTH_ERROR);
  }

  @Test
  void longestAndOddestPasswords() throws Exception {
    List<String> passwords =
        List.of("p".repeat(SaslEntry.MAX_ITEM_BYTES), "ü ß \" ' \\ $ @", Passwords.generate());
    List<SaslEntry> odd = new ArrayList<>();
    passwords.forEach(p -> odd.add(new SaslEntry("user" + odd.size(), "sessions", p)));
    replaceDb(odd);
    for (SaslEntry entry : odd) {
      assertThat(login(entry.user() + "@sessions", entry.password())).isEqualTo(Status.SUCCESS);
    }
  }

  /** The exporter of another resource, or of a namesake from before, is rejected. */
  @Test
  void derivedLoginOfTheExporterIsAcceptedForThisResourceOnly() throws Exception {
    ExporterKey key = ExporterKey.generate(1);
    Login derived = key.login("shop", "sessions", "uid-1");
    replaceDb(List.of(new SaslEntry(derived.name(), "sessions", derived.password())));
    String user = derived.name() + "@sessions";

    assertThat(login(user, derived.password())).isEqualTo(Status.SUCCESS);
    for (Login other :
        List.of(
            key.login("shop", "sessions", "uid-2"),
            key.login("shop", "carts", "uid-1"),
            key.login("test", "sessions", "uid-1"),
            ExporterKey.generate(1).login("shop", "sessions", "uid-1"))) {
      assertThat(login(user, other.password())).isEqualTo(Status.AUTH_ERROR);
    }
  }

  private static SaslEntry entry(String user, String realm) {
    return new SaslEntry(user, realm, "password of " + user + " at " + realm);
  }

  private void replaceDb(List<SaslEntry> entries) throws Exception {
    Path fresh = Files.write(directory.resolve("fresh"), SaslDb.write(entries));
    Files.move(fresh, directory.resolve(SaslConfig.SASLDB_FILE), ATOMIC_MOVE);
  }

  /** Status of a login, after which the server must let exactly those in who got a success. */
  private Status login(String user, String password) throws Exception {
    try (MemcachedClient client = server.connect()) {
      Status status = client.authenticate(new PlainCredentials(user, password)).status();
      assertThat(client.noop().status()).isEqualTo(status);
      return status;
    }
  }
}
