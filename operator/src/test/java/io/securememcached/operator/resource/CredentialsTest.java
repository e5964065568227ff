package io.securememcached.operator.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.rotation.Cause;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.LoginsText;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a Secret has room for. */
class CredentialsTest {

  /** Kubernetes' limit for all values of a Secret together (core/validation: MaxSecretSize). */
  private static final int SECRET_BYTES = 1024 * 1024;

  private static final int MOST_SERVERS = 100;

  /** 16 users, names as long as can be, and all of them rotate at the same time. */
  @Test
  void mostThatAResourceCanAskForWithGeneratedPasswordsFits() {
    Map<String, UserLogins> users = new HashMap<>();
    IntStream.range(0, 16)
        .mapToObj(i -> "u".repeat(30) + "%02d".formatted(i))
        .forEach(user -> users.put(user, rotating(user, 33)));
    users.put(Credentials.OPERATOR_USER, rotating(Credentials.OPERATOR_USER, 33));
    Logins logins = Logins.none(Map.of()).withUsers(users);

    byte[] sasldb = Credentials.sasldb(primary(), logins, List.of(), MOST_SERVERS);
    System.out.printf("34 logins, 100 servers: %,d bytes%n", sasldb.length);
    assertThat(sasldb.length).isLessThan(700 * 1024);
    assertThat(realms(sasldb)).hasSize(1 + MOST_SERVERS);
    for (Secret secret :
        List.of(
            Secrets.sasl(primary(), logins, sasldb), Secrets.operator(primary(), logins, sasldb))) {
      assertThat(bytes(secret)).isLessThan(SECRET_BYTES);
    }
  }

  /** So it can be written, and a login can be revoked, whatever somebody has put into a Secret. */
  @Test
  void serversThatDoNotFitHaveNoLogin() {
    Map<String, UserLogins> users = new HashMap<>();
    IntStream.range(0, 8).forEach(i -> users.put("u" + i, rotating("u" + i, 1024)));
    Logins logins = Logins.none(Map.of()).withUsers(users);
    assertThat(Credentials.fits(primary(), logins.all(), MOST_SERVERS)).isFalse();

    byte[] sasldb = Credentials.sasldb(primary(), logins, List.of(), MOST_SERVERS);
    assertThat(sasldb.length).isLessThanOrEqualTo(Credentials.MAX_SASLDB_BYTES);
    assertThat(bytes(Secrets.operator(primary(), logins, sasldb))).isLessThan(SECRET_BYTES);
    int covered = Credentials.covered(primary(), logins.all(), MOST_SERVERS);
    System.out.printf("16 logins of 1,024 bytes: room for %d servers%n", covered);
    assertThat(covered).isBetween(20, 60);
    assertThat(realms(sasldb)).hasSize(1 + covered).contains("n".repeat(50) + "-" + (covered - 1));
  }

  /** Each change of the users could add 16 that leave, and an annotation holds 256 KiB. */
  @Test
  void mostLoginsFitIntoTheRecords() {
    Map<String, UserLogins> users = new HashMap<>();
    IntStream.range(0, 64).forEach(i -> users.put("u" + i, rotating("n".repeat(700) + i, 33)));
    Logins logins = Logins.none(Map.of()).withUsers(users);
    assertThat(logins.all()).hasSize(128);
    assertThat(Credentials.hasRoom(primary(), logins.all(), 1)).isTrue();
    assertThat(LoginsText.write(logins).length()).isLessThan(256 * 1024);

    List<Login> more = new ArrayList<>(logins.all());
    more.add(new Login("one-more", "p"));
    assertThat(Credentials.fits(primary(), more, 1)).as("the sasldb is not the limit").isTrue();
    assertThat(Credentials.hasRoom(primary(), more, 1)).isFalse();
  }

  @Test
  void usersThatLeaveHaveASecretUntilTheirLoginEnds() {
    Logins logins =
        Logins.none(Map.of())
            .withUsers(
                Map.of(
                    "n".repeat(50),
                    rotating("default", 33),
                    "reports",
                    rotating("reports", 33),
                    Credentials.OPERATOR_USER,
                    rotating(Credentials.OPERATOR_USER, 33)));
    assertThat(Credentials.leavingUsersOf(primary(), logins)).containsExactly("reports");
    assertThat(Credentials.clientUsersOf(primary(), logins))
        .containsExactly("n".repeat(50), "reports");
  }

  private static UserLogins rotating(String user, int passwordBytes) {
    return new UserLogins(
        Optional.of(new Login(user, "p".repeat(passwordBytes))),
        Optional.of(
            new UserLogins.Next(new Login(user + "_2", "q".repeat(passwordBytes)), Instant.EPOCH)),
        Optional.empty(),
        1,
        Instant.EPOCH,
        Cause.Requested,
        Optional.empty(),
        Optional.empty());
  }

  private static SecureMemcached primary() {
    SecureMemcached primary = new SecureMemcached();
    primary.setMetadata(new ObjectMetaBuilder().withName("n".repeat(50)).withUid("uid").build());
    return primary;
  }

  private static Set<String> realms(byte[] sasldb) {
    return SaslDb.read(sasldb).stream().map(SaslEntry::realm).collect(Collectors.toSet());
  }

  private static int bytes(Secret secret) {
    assertThat(secret.getData()).containsKey(SaslConfig.SASLDB_FILE);
    return secret.getData().values().stream()
        .mapToInt(value -> Base64.getDecoder().decode(value).length)
        .sum();
  }
}
