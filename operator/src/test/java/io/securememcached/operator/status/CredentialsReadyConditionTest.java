package io.securememcached.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.securememcached.operator.api.v1beta1.CredentialsPhase;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.PendingServer;
import io.securememcached.operator.api.v1beta1.SecureMemcachedStatus;
import io.securememcached.operator.monitoring.ExporterLogins;
import io.securememcached.operator.rotation.Cause;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.rotation.UserLogins.Ending;
import io.securememcached.operator.text.Quoted;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Condition CredentialsReady, and what the status says of each login. */
class CredentialsReadyConditionTest extends StatusFixture {

  @Test
  void keepsWhatItSaidAboutLoginsWhenAPassFails() {
    primary.setStatus(status(set(2, 2), List.of(), Optional.empty()));

    assertThat(
            status(
                    set(2, 2),
                    List.of(),
                    Optional.of(new Failure(Stage.SERVERS, Reason.ChildRejected, "quota")))
                .credentials())
        .isEqualTo(primary.getStatus().credentials());
  }

  @Test
  void showsALoginOnItsWay() {
    List<PendingServer> pending =
        List.of(new PendingServer("sessions-1", Quoted.of("rejects the login")));
    UserLogins rotating =
        new UserLogins(
            Optional.of(new Login("sammy", "secret")),
            Optional.of(new UserLogins.Next(new Login("sammy_2", "newer"), NOON)),
            Optional.empty(),
            4,
            NOON.minusSeconds(3600),
            Cause.Requested,
            Optional.empty(),
            Optional.empty());
    credentials =
        new CredentialResult(
            Logins.none(Map.of())
                .withUsers(Map.of("sammy", rotating, "sessions", login("sessions"))),
            Map.of(),
            Map.of("sammy", pending),
            Map.of(),
            List.of(),
            Optional.empty(),
            2,
            Optional.empty(),
            Set.of(),
            Optional.empty(),
            ExporterLogins.NONE);
    SecureMemcachedStatus status = status(set(2, 2), List.of(), Optional.empty());

    assertThat(status.credentials().getFirst())
        .isEqualTo(
            new CredentialsStatus(
                "sammy",
                "sessions-credentials-sammy",
                "sammy",
                4,
                CredentialsPhase.Delivering,
                "Requested",
                "2026-11-22T11:00:00Z",
                "",
                "",
                pending,
                List.of()));
    assertThat(ready(set(2, 2), List.of()))
        .as("clients have a login that works")
        .startsWith("True AllServersReady");
  }

  @Test
  void userThatLeftTheSpecIsListedWithItsEnd() {
    UserLogins leaving =
        login("reports").withEnding(Optional.of(new Ending(NOON, NOON.plusSeconds(600))));
    credentials =
        credentials(
            Map.of("sammy", login("sammy"), "sessions", login("sessions"), "reports", leaving));
    SecureMemcachedStatus status = status(set(2, 2), List.of(), Optional.empty());

    assertThat(status.credentials())
        .extracting(
            CredentialsStatus::user,
            CredentialsStatus::secretName,
            CredentialsStatus::phase,
            CredentialsStatus::validUntil)
        .containsExactly(
            tuple("sammy", "sessions-credentials-sammy", CredentialsPhase.Active, ""),
            tuple("sessions", "sessions-credentials", CredentialsPhase.Active, ""),
            tuple(
                "reports",
                "sessions-credentials-reports",
                CredentialsPhase.Ending,
                "2026-11-22T12:10:00Z"));
    assertThat(condition(status, "CredentialsReady"))
        .isEqualTo(
            "True Applied All Secrets are applied. Login of user reports ends at 2026-11-22T12:10:00Z, as spec.users does not list the user.");
    assertThat(status.binding().name()).isEqualTo("sessions-credentials-sammy");
  }

  /** A request that is handled, or of a user without a login, revokes nothing that still works. */
  @Test
  void revocationThatAPauseHoldsBackIsToldUntilThePauseEnds() {
    primary
        .getMetadata()
        .setAnnotations(
            Map.of(
                "securememcached.io/pause", "true",
                "securememcached.io/revoke.sammy", "2",
                "securememcached.io/revoke.sessions", "1",
                "securememcached.io/rotate.sessions", "2"));
    credentials =
        CredentialResult.unchanged(
            new Logins(
                NOON,
                0,
                Map.of("securememcached.io/revoke.sessions", "1"),
                Map.of("sammy", login("sammy"), "sessions", login("sessions"))),
            2);
    SecureMemcachedStatus paused = status(set(2, 2), List.of(), Optional.empty());
    assertThat(condition(paused, "CredentialsReady"))
        .isEqualTo(
            "True RevocationPaused Revocation requested for user sammy waits, as annotation securememcached.io/pause pauses the resource: the login stays valid until the pause ends. To end the pause: kubectl annotate --namespace shop securememcached sessions securememcached.io/pause-");
    assertThat(revocationEvents(paused, paused)).isEmpty();

    primary.getMetadata().setAnnotations(Map.of("securememcached.io/revoke.sammy", "2"));
    SecureMemcachedStatus running = status(set(2, 2), List.of(), Optional.empty());
    assertThat(condition(running, "CredentialsReady")).startsWith("True Applied ");
    assertThat(revocationEvents(running, paused))
        .singleElement()
        .satisfies(event -> assertThat(event.isWarning()).isTrue());
    assertThat(revocationEvents(paused, running)).isEmpty();

    primary
        .getMetadata()
        .setAnnotations(
            Map.of("securememcached.io/pause", "true", "securememcached.io/revoke", "2"));
    assertThat(condition(status(set(2, 2), List.of(), Optional.empty()), "CredentialsReady"))
        .startsWith("True RevocationPaused Revocation requested for user sammy, sessions waits");
    credentials =
        CredentialResult.unchanged(
            Logins.none(Map.of())
                .withUsers(Map.of("sammy", UserLogins.none(), "sessions", UserLogins.none())),
            2);
    assertThat(condition(status(set(2, 2), List.of(), Optional.empty()), "CredentialsReady"))
        .startsWith("False CredentialsDelivering");
  }

  private static List<ConditionChange> revocationEvents(
      SecureMemcachedStatus last, SecureMemcachedStatus next) {
    return ConditionChange.between(last.conditions(), next.conditions()).stream()
        .filter(change -> change.reason().equals("RevocationPaused"))
        .toList();
  }

  /** It does not end while no other user has a login, so there is no time to say. */
  @Test
  void lastLoginIsListedWithoutAnEnd() {
    credentials =
        credentials(
            Map.of(
                "sammy",
                UserLogins.none(),
                "sessions",
                UserLogins.none(),
                "reports",
                login("reports")));

    assertThat(status(set(2, 2), List.of(), Optional.empty()).credentials().getLast())
        .isEqualTo(
            new CredentialsStatus(
                "reports",
                "sessions-credentials-reports",
                "reports",
                1,
                CredentialsPhase.Ending,
                "Created",
                "2026-11-22T11:00:00Z",
                "",
                "",
                List.of(),
                List.of()));
  }

  @Test
  void isNotReadyBeforeAUserHasALogin() {
    credentials = credentials(Map.of("sammy", login("sammy"), "sessions", UserLogins.none()));

    assertThat(ready(set(2, 2), List.of()))
        .isEqualTo(
            "False CredentialsDelivering Delivering the first login of sessions to the servers.");
  }

  @Test
  void isNotReadyWithABroughtSecretThatCannotBeUsed() {
    credentials =
        new CredentialResult(
            credentials.logins(),
            Map.of(),
            Map.of(),
            Map.of("sammy", "Secret vault, key password: is empty"),
            List.of(),
            Optional.empty(),
            2,
            Optional.empty(),
            Set.of(),
            Optional.empty(),
            ExporterLogins.NONE);

    assertThat(ready(set(2, 2), List.of()))
        .isEqualTo("False CredentialsUnusable Secret vault, key password: is empty");
  }

  /** Clients are served, so a missing login of the exporter makes no cache unready. */
  @Test
  void saysWhyTheExporterHasNoLogin() {
    credentials =
        new CredentialResult(
            credentials.logins(),
            Map.of(),
            Map.of(),
            Map.of(),
            List.of(),
            Optional.empty(),
            2,
            Optional.empty(),
            Set.of(),
            Optional.empty(),
            new ExporterLogins(List.of(), Optional.of("The exporter has no login.")));

    assertThat(condition(status(set(2, 2), List.of(), Optional.empty()), "CredentialsReady"))
        .isEqualTo("True Applied All Secrets are applied. The exporter has no login.");
  }

  @Test
  void keepsWhatItSaidOfLoginsThatCannotBeRead() {
    List<CredentialsStatus> before = status(set(2, 2), List.of(), Optional.empty()).credentials();
    primary.setStatus(status(set(2, 2), List.of(), Optional.empty()));
    credentials = CredentialResult.unreadable(Logins.none(Map.of()), "has format 2");

    SecureMemcachedStatus status = status(set(2, 2), List.of(), Optional.empty());
    assertThat(status.credentials()).isEqualTo(before);
    assertThat(condition(status, "CredentialsReady"))
        .isEqualTo("False CredentialsUnreadable has format 2");
  }

  @Test
  void missingCopyIsSaidAndFailsNothing() {
    credentials =
        credentials.with(
            new LoginCopies(Map.of("sammy", List.of("shop/own")), List.of("No copy in blog.")),
            Optional.empty());
    SecureMemcachedStatus status = status(set(2, 2), List.of(), Optional.empty());

    assertThat(condition(status, Conditions.CREDENTIALS_READY))
        .isEqualTo("True CopyMissing No copy in blog. All Secrets are applied.");
    assertThat(status.credentials().getFirst().copies()).containsExactly("shop/own");
    assertThat(ready(set(2, 2), List.of())).startsWith("True AllServersReady");
  }

  /** The API server rejects a longer list, and with it all else that the status says. */
  @Test
  void listOfCopiesIsNeverLongerThanTheSchemaAllows() {
    List<String> copies = IntStream.range(0, 20).mapToObj(number -> "shop/copy-" + number).toList();
    credentials =
        credentials.with(new LoginCopies(Map.of("sammy", copies), List.of()), Optional.empty());
    assertThat(status(set(2, 2), List.of(), Optional.empty()).credentials().getFirst().copies())
        .isEqualTo(copies.subList(0, CredentialsStatus.MOST_COPIES));
  }
}
