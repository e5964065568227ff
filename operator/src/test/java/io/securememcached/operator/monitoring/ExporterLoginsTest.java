package io.securememcached.operator.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.UserLogins;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExporterLoginsTest {

  private static final Login NEW = new Login("securememcached-exporter_2", "new");
  private static final Login OLD = new Login("securememcached-exporter", "old");

  @Test
  void areBesideThoseOfClients() {
    assertThat(beside(List.of(NEW, OLD), "sammy", "sammy", 3))
        .isEqualTo(new ExporterLogins(List.of(NEW, OLD), Optional.empty()));
    assertThat(beside(List.of(), "sammy", "sammy", 3)).isEqualTo(ExporterLogins.NONE);
  }

  @Test
  void newestComesFirstWhereThereIsLittleRoom() {
    assertThat(beside(List.of(NEW, OLD), "sammy", "sammy", 2).logins()).containsExactly(NEW);
    ExporterLogins none = beside(List.of(NEW, OLD), "sammy", "sammy", 1);
    assertThat(none.logins()).isEmpty();
    assertThat(none.problem().orElseThrow()).contains("no room", "reduce spec.users");
  }

  /** It may be older than the reserved name, and clients use it. */
  @Test
  void nameOfAUserIsNotTaken() {
    for (String name : ExporterKeys.LOGIN_NAMES) {
      ExporterLogins waits = beside(List.of(NEW, OLD), "sammy", name, 9);
      assertThat(waits.logins()).isEmpty();
      assertThat(waits.problem().orElseThrow())
          .contains("in use by user sammy", "Give this user another name");
    }
    assertThat(beside(List.of(NEW), ExporterKeys.NAME, "other", 9).logins())
        .as("a user that has yet to get its login")
        .isEmpty();
    assertThat(beside(List.of(), "sammy", ExporterKeys.NAME, 9).problem())
        .as("the exporter is off")
        .isEmpty();
  }

  private static ExporterLogins beside(
      List<Login> derived, String user, String loginName, int room) {
    return ExporterLogins.beside(
        derived,
        List.of(user),
        Logins.none(Map.of())
            .withUsers(
                Map.of(user, UserLogins.of(new Login(loginName, "secret"), 1, Instant.EPOCH))),
        all -> all.size() <= room);
  }
}
