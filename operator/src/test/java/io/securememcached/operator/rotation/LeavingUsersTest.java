package io.securememcached.operator.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.rotation.UserLogins.Ending;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A login ends after an overlap or by a request, never because the spec says nothing of it. */
class LeavingUsersTest extends RotationFixture {

  LeavingUsersTest() {
    super("sessions", "operator");
  }

  @BeforeEach
  void defaultUserHasALogin() {
    advance();
    assertThat(names()).containsExactlyInAnyOrder("sessions", "operator");
  }

  @Test
  void defaultUserStaysForTheOverlapOnceOthersAreNamed() {
    Login before = current("sessions");
    name("reports");
    assertThat(names()).containsExactlyInAnyOrder("sessions", "reports", "operator");
    assertThat(current("sessions")).isEqualTo(before);
    assertThat(end()).contains(START.plus(OVERLAP));
    assertThat(due()).contains(START.plus(OVERLAP));

    now = START.plus(OVERLAP).minusMillis(1);
    advance();
    assertThat(names()).contains("sessions");
    now = START.plus(OVERLAP);
    advance();
    assertThat(names()).containsExactlyInAnyOrder("reports", "operator");
    assertThat(logins.users()).doesNotContainKey("sessions");
    assertThat(logins.changedAt()).as("servers are told").isEqualTo(now);
    assertThat(logins.restarts()).isZero();
  }

  @Test
  void nothingChangesBetweenBeginningAndEnd() {
    name("reports");
    Logins before = logins;
    now = now.plusSeconds(60);
    advance();
    assertThat(logins).isEqualTo(before);
  }

  @Test
  void overlapBeginsWhenTheOtherUserHasALogin() {
    delivered = false;
    name("reports");
    now = now.plus(OVERLAP.multipliedBy(2));
    advance();
    assertThat(end()).as("nobody could change to another login").isEmpty();
    assertThat(names()).contains("sessions");

    delivered = true;
    advance();
    assertThat(end()).contains(now.plus(OVERLAP));
  }

  /** A write that failed has published nothing. */
  @Test
  void overlapCountsFromWhenClientsCouldReadTheOtherLogin() {
    name("reports");
    unpublished.add("reports");
    now = now.plus(OVERLAP).plusSeconds(1);
    advance();
    assertThat(end()).contains(now.plus(OVERLAP));
    unpublished.clear();
    Instant end = now.plus(OVERLAP);
    now = now.plusSeconds(9);
    advance();
    assertThat(end()).contains(end);
  }

  @Test
  void lastLoginDoesNotEnd() {
    provided.put("reports", Optional.empty());
    name("reports");
    now = now.plus(Duration.ofDays(365));
    advance();
    assertThat(names()).containsExactlyInAnyOrder("sessions", "operator");
    assertThat(end()).isEmpty();

    provided.put("reports", Optional.of(new Login("app", "one")));
    advance();
    assertThat(end()).contains(now.plus(OVERLAP));
  }

  /** The others have left after it. */
  @Test
  void loginThatBecomesTheLastOneDoesNotEnd() {
    name("reports");
    provided.put("other", Optional.empty());
    name("other");
    now = now.plus(OVERLAP.multipliedBy(2));
    advance();
    assertThat(names()).containsExactlyInAnyOrder("sessions", "reports", "operator");
    assertThat(end()).isEmpty();
  }

  @Test
  void withoutAnOverlapTheLoginEndsOnceTheOtherUserHasOne() {
    overlap = Duration.ZERO;
    delivered = false;
    name("reports");
    assertThat(names()).contains("sessions", "reports");
    delivered = true;
    advance();
    assertThat(names()).containsExactlyInAnyOrder("reports", "operator");
  }

  @Test
  void userThatComesBackKeepsTheLogin() {
    Login before = current("sessions");
    name("reports");
    name("reports", "sessions");
    assertThat(end()).isEmpty();
    now = now.plus(OVERLAP.multipliedBy(2));
    advance();
    assertThat(current("sessions")).isEqualTo(before);
    assertThat(logins.of("sessions").generation()).isEqualTo(1);
  }

  @Test
  void revokingEndsTheLoginImmediatelyAndRestartsTheServers() {
    name("reports");
    Login other = current("reports");
    requests.put(Requests.REVOKE + ".sessions", "leaked");
    assertThat(Requests.forUnknownUsers(requests, logins.handled(), users, Set.of("sessions")))
        .isEmpty();
    advance();
    assertThat(names()).containsExactlyInAnyOrder("reports", "operator");
    assertThat(current("reports")).isEqualTo(other);
    assertThat(logins.restarts()).isEqualTo(1);
    advance();
    assertThat(logins.restarts()).isEqualTo(1);
  }

  @Test
  void revokingAllEndsTheLoginWithoutANewOne() {
    name("reports");
    requests.put(Requests.REVOKE, "leaked");
    advance();
    assertThat(names()).containsExactlyInAnyOrder("reports_2", "operator_2");
  }

  @Test
  void revokingEndsEvenTheLastLogin() {
    provided.put("reports", Optional.empty());
    name("reports");
    requests.put(Requests.REVOKE + ".sessions", "leaked");
    advance();
    assertThat(names()).containsExactly("operator");
  }

  @Test
  void loginInDeliveryIsDropped() {
    delivered = false;
    requests.put(Requests.ROTATE + ".sessions", "now");
    advance();
    assertThat(names()).contains("sessions", "sessions_2");
    delivered = true;
    name("reports");
    assertThat(names()).containsExactlyInAnyOrder("sessions", "reports", "operator");
  }

  @Test
  void userWhoseFirstLoginIsInDeliveryGoesImmediately() {
    delivered = false;
    name("sessions", "reports");
    assertThat(names()).contains("reports");
    name("sessions");
    assertThat(names()).containsExactlyInAnyOrder("sessions", "operator");
  }

  @Test
  void previousLoginKeepsItsOwnEnd() {
    requests.put(Requests.ROTATE + ".sessions", "now");
    advance();
    now = now.plusSeconds(60);
    name("reports");
    assertThat(names()).contains("sessions", "sessions_2");
    now = START.plus(OVERLAP);
    advance();
    assertThat(names()).contains("sessions_2").doesNotContain("sessions");
    assertThat(end()).contains(START.plusSeconds(60).plus(OVERLAP));
  }

  @Test
  void noLoginEndsEarlierThanAnnounced() {
    requests.put(Requests.ROTATE + ".sessions", "now");
    advance();
    overlap = Duration.ofSeconds(1);
    name("reports");
    assertThat(end()).contains(START.plus(OVERLAP));
  }

  @Test
  void leavingUserDoesNotRotate() {
    name("reports");
    Login before = current("sessions");
    interval = Optional.of(Duration.ofMinutes(1));
    now = now.plus(Duration.ofMinutes(2));
    requests.put(Requests.ROTATE + ".sessions", "now");
    requests.put(Requests.ROTATE, "now");
    lost.add("sessions");
    assertThat(Requests.forUnknownUsers(requests, logins.handled(), users, Set.of("sessions")))
        .containsExactly(Requests.ROTATE + ".sessions");
    advance();
    assertThat(logins.of("sessions").all()).containsExactly(before);
    assertThat(logins.of("reports").generation()).isEqualTo(2);
  }

  @Test
  void userProvidedLoginStaysForTheOverlapToo() {
    provided.put("app", Optional.of(new Login("vault", "one")));
    name("sessions", "app");
    assertThat(names()).contains("vault");
    provided.clear();
    name("sessions");
    assertThat(names()).contains("vault");
    now = now.plus(OVERLAP);
    advance();
    assertThat(names()).doesNotContain("vault");
  }

  /** A sasldb has one password per name. */
  @Test
  void loginNameIsTakenUntilItsEnd() {
    provided.put("app", Optional.of(new Login("sessions", "mine")));
    name("app", "reports");
    assertThat(waiting).containsEntry("app", new Wait.NameInUse("sessions", "sessions"));
    assertThat(current("sessions").password()).isNotEqualTo("mine");
    now = now.plus(OVERLAP);
    advance();
    assertThat(waiting).isEmpty();
    assertThat(current("app")).isEqualTo(new Login("sessions", "mine"));
  }

  /** Neither can the last login end, nor can there be two passwords for its name. */
  @Test
  void revokingLetsTheOnlyUserHaveTheNameOfTheLastLogin() {
    provided.put("app", Optional.of(new Login("sessions", "mine")));
    name("app");
    now = now.plus(Duration.ofDays(1));
    advance();
    assertThat(waiting).containsEntry("app", new Wait.NameInUse("sessions", "sessions"));
    requests.put(Requests.REVOKE + ".sessions", "its name is needed");
    advance();
    assertThat(current("app")).isEqualTo(new Login("sessions", "mine"));
  }

  @Test
  void unusedNameOfALeavingUserIsFree() {
    provided.put("app", Optional.of(new Login("sessions_2", "mine")));
    name("app");
    assertThat(waiting).isEmpty();
    assertThat(current("app").name()).isEqualTo("sessions_2");
  }

  @Test
  void leavingUserTakesRoom() {
    room = 3;
    name("reports", "app");
    assertThat(names()).containsExactlyInAnyOrder("sessions", "reports", "operator");
    assertThat(waiting.get("app")).isInstanceOf(Wait.NoRoom.class);
    now = now.plus(OVERLAP);
    advance();
    assertThat(names()).containsExactlyInAnyOrder("app", "reports", "operator");
  }

  /** The clock was ahead when the user left. */
  @Test
  void endInTheFutureCountsFromNow() {
    now = START.plus(Duration.ofDays(365));
    name("reports");
    now = START;
    advance();
    assertThat(logins.of("sessions").ending()).contains(new Ending(START, START.plus(OVERLAP)));
  }

  private void name(String... named) {
    users = Stream.concat(Stream.of(named), Stream.of("operator")).toList();
    advance();
  }

  private List<String> names() {
    return logins.all().stream().map(Login::name).toList();
  }

  private Login current(String user) {
    return logins.of(user).current().orElseThrow();
  }

  private Optional<Instant> end() {
    return logins.of("sessions").ending().map(Ending::at);
  }
}
