package io.securememcached.operator.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.api.v1beta1.CredentialsPhase;
import io.securememcached.operator.rotation.UserLogins.Previous;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The life of a login, step by step, with a clock and servers that the test moves. */
class RotationTest extends RotationFixture {

  RotationTest() {
    super("sammy", "jaws");
  }

  @Test
  void newUserHasALoginOnceEveryServerTakesIt() {
    delivered = false;
    assertThat(sammy().phase()).isEqualTo(CredentialsPhase.Delivering);
    assertThat(sammy().current()).isEmpty();
    assertThat(sammy().all()).extracting(Login::name).containsExactly("sammy");

    delivered = true;
    assertThat(sammy().phase()).isEqualTo(CredentialsPhase.Active);
    assertThat(sammy().current()).contains(new Login("sammy", "p0"));
    assertThat(sammy().generation()).isEqualTo(1);
    assertThat(sammy().cause()).isEqualTo(Cause.Created);
  }

  @Test
  void rotationGoesFromDeliveryOverTheOverlapToOneLogin() {
    sammy();
    delivered = false;
    requests.put(Requests.ROTATE, "now");
    assertThat(sammy().phase()).isEqualTo(CredentialsPhase.Delivering);
    assertThat(names()).as("the servers get both").containsExactly("sammy", "sammy_2");
    assertThat(sammy().current()).as("clients keep the old").contains(new Login("sammy", "p0"));
    assertThat(sammy().generation()).isEqualTo(1);

    now = now.plusSeconds(3);
    delivered = true;
    assertThat(sammy().phase()).isEqualTo(CredentialsPhase.Overlapping);
    assertThat(sammy().current()).contains(new Login("sammy_2", "p2"));
    assertThat(sammy().previous())
        .contains(new Previous(new Login("sammy", "p0"), now, now.plus(OVERLAP)));
    assertThat(sammy().generation()).isEqualTo(2);
    assertThat(sammy().cause()).isEqualTo(Cause.Requested);
    assertThat(due()).contains(now.plus(OVERLAP));

    now = now.plus(OVERLAP).minusMillis(1);
    assertThat(sammy().previous()).isPresent();
    now = now.plusMillis(1);
    assertThat(sammy().phase()).isEqualTo(CredentialsPhase.Active);
    assertThat(names()).containsExactly("sammy_2");

    requests.put(Requests.ROTATE, "again");
    assertThat(sammy().current().orElseThrow().name()).as("the names alternate").isEqualTo("sammy");
  }

  /** A pass that failed behind the sasldb has published nothing. */
  @Test
  void overlapCountsFromWhenClientsCouldReadTheNewLogin() {
    sammy();
    requests.put(Requests.ROTATE, "now");
    sammy();
    unpublished.add("sammy");
    now = now.plus(OVERLAP).plusSeconds(1);
    assertThat(sammy().previous())
        .contains(new Previous(new Login("sammy", "p0"), now, now.plus(OVERLAP)));
    unpublished.clear();
    now = now.plus(OVERLAP).minusMillis(1);
    assertThat(sammy().phase()).isEqualTo(CredentialsPhase.Overlapping);
    now = now.plusMillis(1);
    assertThat(sammy().phase()).isEqualTo(CredentialsPhase.Active);
  }

  @Test
  void nothingChangesWithoutACause() {
    sammy();
    requests.put(Requests.ROTATE, "once");
    now = now.plusSeconds(1);
    sammy();
    now = now.plus(OVERLAP);
    sammy();
    Logins before = logins;
    now = now.plusSeconds(1_000_000);
    sammy();
    assertThat(logins).isEqualTo(before);
  }

  @Test
  void requestFromBeforeTheUserAsksForNothing() {
    requests.put(Requests.ROTATE, "from-a-copied-manifest");
    logins = Logins.none(requests);
    assertThat(sammy().generation()).isEqualTo(1);
  }

  @Test
  void secondRequestDuringTheDeliveryIsAnsweredByIt() {
    sammy();
    delivered = false;
    requests.put(Requests.ROTATE, "first");
    sammy();
    requests.put(Requests.ROTATE, "second");
    sammy();
    delivered = true;
    sammy();
    now = now.plus(OVERLAP);
    assertThat(sammy().generation()).isEqualTo(2);
    assertThat(sammy().phase()).isEqualTo(CredentialsPhase.Active);
  }

  @Test
  void secondRequestDuringTheOverlapWaitsForItsEnd() {
    sammy();
    requests.put(Requests.ROTATE, "first");
    sammy();
    requests.put(Requests.ROTATE, "second");
    assertThat(sammy().generation()).as("three logins have no room").isEqualTo(2);
    assertThat(names()).containsExactly("sammy", "sammy_2");
    now = now.plus(OVERLAP);
    assertThat(sammy().generation()).isEqualTo(3);
    assertThat(names()).containsExactly("sammy", "sammy_2");
  }

  @Test
  void requestForOneUserIsForNoOther() {
    sammy();
    requests.put(Requests.ROTATE + ".jaws", "now");
    assertThat(sammy().generation()).isEqualTo(1);
    assertThat(logins.of("jaws").generation()).isEqualTo(2);
  }

  @Test
  void loginEndsAfterTheInterval() {
    interval = Optional.of(Duration.ofHours(720));
    sammy();
    assertThat(due()).contains(START.plus(Duration.ofHours(720)));
    now = START.plus(Duration.ofHours(720));
    assertThat(sammy().generation()).isEqualTo(2);
    assertThat(sammy().cause()).isEqualTo(Cause.Interval);
  }

  @Test
  void withoutAnOverlapTheOldLoginEndsWhenTheNewOneIsPublished() {
    overlap = Duration.ZERO;
    sammy();
    requests.put(Requests.ROTATE, "now");
    sammy();
    assertThat(names()).containsExactly("sammy_2");
  }

  @Test
  void lostSecretRotatesOnce() {
    sammy();
    lost.add("sammy");
    assertThat(sammy().cause()).isEqualTo(Cause.SecretLost);
    lost.clear();
    now = now.plus(OVERLAP);
    assertThat(sammy().generation()).isEqualTo(2);
  }

  /** Whoever has the sasldb knows the login in delivery, too. */
  @Test
  void lostSasldbReplacesTheLoginInDelivery() {
    sammy();
    delivered = false;
    requests.put(Requests.ROTATE, "now");
    Login stolen = sammy().next().orElseThrow().login();
    loseSasldb();
    assertThat(sammy().all()).doesNotContain(stolen);
    assertThat(sammy().current()).as("clients keep theirs").contains(new Login("sammy", "p0"));
    delivered = true;
    assertThat(sammy().current().map(Login::name)).contains("sammy_2");
    assertThat(sammy().cause()).isEqualTo(Cause.SecretLost);
    now = now.plus(OVERLAP);
    assertThat(sammy().generation()).as("once").isEqualTo(2);
  }

  @Test
  void lostSasldbReplacesTheFirstLogin() {
    delivered = false;
    Login stolen = sammy().next().orElseThrow().login();
    loseSasldb();
    delivered = true;
    assertThat(sammy().all()).doesNotContain(stolen);
    assertThat(sammy().current().map(Login::name)).contains("sammy");
    assertThat(sammy().cause()).isEqualTo(Cause.SecretLost);
  }

  /** Else the thief would have the login that the revocation publishes. */
  @Test
  void revokingWithALostSasldbPublishesAnotherLogin() {
    sammy();
    delivered = false;
    requests.put(Requests.ROTATE, "now");
    Login stolen = sammy().next().orElseThrow().login();
    requests.put(Requests.REVOKE, "stolen");
    loseSasldb();
    assertThat(sammy().all()).doesNotContain(stolen);
    assertThat(sammy().current().map(Login::name)).contains("sammy_2");
    assertThat(sammy().cause()).isEqualTo(Cause.Revoked);
  }

  /** A file that can't be written is lost in each reconciliation. */
  @Test
  void sasldbThatStaysLostChangesNoLoginAgain() {
    sammy();
    delivered = false;
    loseSasldb();
    loseSasldb();
    Logins before = logins;
    loseSasldb();
    assertThat(logins).isEqualTo(before);

    delivered = true;
    assertThat(sammy().generation()).isEqualTo(2);
    now = now.plus(OVERLAP);
    assertThat(sammy().generation()).as("the login in delivery may be known").isEqualTo(3);
    assertThat(sammy().cause()).isEqualTo(Cause.SecretLost);
  }

  /** The counter-example: its clients' Secret does not have it. */
  @Test
  void lostSecretOfClientsKeepsTheLoginInDelivery() {
    sammy();
    delivered = false;
    requests.put(Requests.ROTATE, "now");
    Optional<UserLogins.Next> next = sammy().next();
    lost.add("sammy");
    assertThat(sammy().next()).isEqualTo(next);
    lost.clear();
    delivered = true;
    sammy();
    now = now.plus(OVERLAP);
    assertThat(sammy().generation()).isEqualTo(2);
  }

  /** Only its owner can replace it. */
  @Test
  void lostSasldbKeepsAProvidedLoginInDelivery() {
    delivered = false;
    provided.put("sammy", Optional.of(new Login("app", "one")));
    Optional<UserLogins.Next> next = sammy().next();
    now = now.plusSeconds(1);
    loseSasldb();
    assertThat(logins.of("sammy").next()).isEqualTo(next);
  }

  @Test
  void revokedLoginEndsBeforeTheNextIsProven() {
    sammy();
    requests.put(Requests.ROTATE, "first");
    sammy();
    delivered = false;
    requests.put(Requests.REVOKE, "leaked");
    sammy();
    assertThat(names()).as("neither the current nor the previous login").containsExactly("sammy");
    assertThat(sammy().current()).contains(new Login("sammy", "p4"));
    assertThat(sammy().cause()).isEqualTo(Cause.Revoked);
    assertThat(logins.restarts()).isEqualTo(1);
    sammy();
    assertThat(logins.restarts()).as("asked once").isEqualTo(1);
  }

  @Test
  void revokingPublishesALoginThatIsOnItsWay() {
    sammy();
    delivered = false;
    requests.put(Requests.ROTATE, "first");
    Login next = sammy().next().orElseThrow().login();
    requests.put(Requests.REVOKE + ".sammy", "leaked");
    assertThat(sammy().current()).contains(next);
    assertThat(names()).containsExactly("sammy_2");
    assertThat(logins.of("jaws").all()).as("another user's").hasSize(2);
  }

  /** A typing error must not empty the caches. */
  @Test
  void revokingTheLoginOfAStrangerDoesNothing() {
    sammy();
    Set<Login> before = logins.all();
    requests.put(Requests.REVOKE + ".samy", "leaked");
    assertThat(Requests.forUnknownUsers(requests, logins.handled(), users, Set.of()))
        .containsExactly(Requests.REVOKE + ".samy");
    sammy();
    assertThat(logins.restarts()).isZero();
    assertThat(logins.all()).isEqualTo(before);
    assertThat(Requests.forUnknownUsers(requests, logins.handled(), users, Set.of()))
        .as("told once")
        .isEmpty();
  }

  @Test
  void asManyUsersRotateAtATimeAsThereIsRoomFor() {
    sammy();
    room = 3;
    requests.put(Requests.ROTATE, "now");
    sammy();
    assertThat(logins.all()).extracting(Login::name).containsOnly("sammy", "sammy_2", "jaws");
    assertThat(waiting).containsOnlyKeys("jaws");
    now = now.plus(OVERLAP);
    sammy();
    assertThat(logins.all()).extracting(Login::name).containsOnly("sammy_2", "jaws", "jaws_2");
    assertThat(waiting).isEmpty();
  }

  @Test
  void revokingNeedsNoRoom() {
    sammy();
    room = 0;
    requests.put(Requests.REVOKE, "leaked");
    sammy();
    assertThat(logins.all()).extracting(Login::name).containsOnly("sammy_2", "jaws_2");
  }

  @Test
  void restartChangesNoLogin() {
    sammy();
    Set<Login> before = logins.all();
    requests.put(Requests.RESTART, "now");
    sammy();
    assertThat(logins.restarts()).isEqualTo(1);
    assertThat(logins.all()).isEqualTo(before);
    requests.clear();
    sammy();
    assertThat(logins.restarts()).as("taking the annotation away restarts nothing").isEqualTo(1);
  }

  @Test
  void providedLoginWithAnotherNameOverlaps() {
    provided.put("sammy", Optional.of(new Login("app-1", "one")));
    sammy();
    provided.put("sammy", Optional.of(new Login("app-2", "two")));
    delivered = false;
    assertThat(names()).containsExactly("app-1", "app-2");
    assertThat(sammy().current()).contains(new Login("app-1", "one"));
    delivered = true;
    assertThat(sammy().current()).contains(new Login("app-2", "two"));
    assertThat(names()).containsExactly("app-1", "app-2");
    now = now.plus(OVERLAP);
    assertThat(names()).containsExactly("app-2");
    assertThat(sammy().cause()).isEqualTo(Cause.UserProvided);
  }

  @Test
  void providedPasswordUnderTheSameNameReplacesTheOld() {
    provided.put("sammy", Optional.of(new Login("app", "one")));
    sammy();
    provided.put("sammy", Optional.of(new Login("app", "two")));
    assertThat(sammy().all()).containsExactly(new Login("app", "two"));
    assertThat(sammy().generation()).isEqualTo(2);
  }

  @Test
  void reservedLoginNamesAreForNoUserOfTheSpec() {
    provided.put("sammy", Optional.of(new Login("app", "one")));
    sammy();
    for (String name : List.of("exporter", "exporter_2")) {
      provided.put("sammy", Optional.of(new Login(name, "two")));
      assertThat(sammy().current()).contains(new Login("app", "one"));
      assertThat(waiting).containsEntry("sammy", new Wait.NameReserved(name, "exporter"));
    }
  }

  /** It is older than the reserved name: its clients are not locked out. */
  @Test
  void userWithAReservedNameGoesOn() {
    users = List.of("exporter", "operator");
    advance();
    Login first = logins.of("exporter").current().orElseThrow();
    requests.put(Requests.ROTATE, "now");
    advance();
    assertThat(first.name()).isEqualTo("exporter");
    assertThat(logins.of("exporter").current().orElseThrow().name()).isEqualTo("exporter_2");
    assertThat(waiting).isEmpty();
  }

  @Test
  void unusableBroughtSecretKeepsTheLastLogin() {
    provided.put("sammy", Optional.empty());
    assertThat(sammy().phase()).isEqualTo(CredentialsPhase.Waiting);
    assertThat(sammy().all()).isEmpty();
    provided.put("sammy", Optional.of(new Login("app", "one")));
    sammy();
    provided.put("sammy", Optional.empty());
    assertThat(sammy().current()).contains(new Login("app", "one"));
  }

  @Test
  void onlyItsOwnerRotatesABroughtLogin() {
    provided.put("sammy", Optional.of(new Login("app", "one")));
    interval = Optional.of(Duration.ofHours(1));
    sammy();
    requests.put(Requests.ROTATE, "now");
    requests.put(Requests.REVOKE, "now");
    now = now.plus(Duration.ofHours(2));
    assertThat(sammy().current()).contains(new Login("app", "one"));
    assertThat(sammy().generation()).isEqualTo(1);
  }

  @Test
  void userWhoStopsBringingALoginGetsOneWithTheNextRotation() {
    provided.put("sammy", Optional.of(new Login("app", "one")));
    sammy();
    provided.clear();
    requests.put(Requests.ROTATE, "now");
    assertThat(sammy().current().orElseThrow().name()).isEqualTo("sammy");
  }

  @Test
  void timeOfTheLastChangeIsThatOfWhatServersTake() {
    sammy();
    assertThat(logins.changedAt()).as("before any server").isEqualTo(Instant.EPOCH);
    now = now.plusSeconds(5);
    requests.put(Requests.RESTART, "now");
    sammy();
    assertThat(logins.changedAt()).isEqualTo(Instant.EPOCH);
    requests.put(Requests.ROTATE, "now");
    sammy();
    assertThat(logins.changedAt()).isEqualTo(now);
  }

  private UserLogins sammy() {
    advance();
    return logins.of("sammy");
  }

  /** A reconciliation that finds the sasldb lost, and restores it. */
  private void loseSasldb() {
    lost.addAll(users);
    sasldbLost = true;
    advance();
    lost.clear();
    sasldbLost = false;
  }

  private List<String> names() {
    return sammy().all().map(Login::name).sorted().toList();
  }
}
