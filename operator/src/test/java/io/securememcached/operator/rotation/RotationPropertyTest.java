package io.securememcached.operator.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.rotation.UserLogins.Next;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds after any history of spec, Secrets, requests, clock and restarts. */
class RotationPropertyTest {

  private static final List<String> NAMES =
      List.of("a", "b", "c", "a_2", "b_2", "blue", "green", "operator");

  /** What somebody does; the numbers choose whom and what. */
  private enum Kind {
    ADD_USER,
    REMOVE_USER,
    NAME_A_SECRET,
    NAME_NO_SECRET,
    WRITE_SECRET,
    BREAK_SECRET,
    ROTATE,
    REVOKE,
    REVOKE_ALL,
    LOSE_SECRET,
    LOSE_SASLDB,
    DELIVER,
    HOLD_UP,
    WAIT,
    CLOCK_AHEAD,
    CLOCK_RIGHT,
    OVERLAP,
    INTERVAL,
    ROOM
  }

  private record Act(Kind kind, int who, int what) {}

  @Property(tries = 3000)
  void anyHistory(@ForAll("histories") List<Act> history) {
    World world = new World();
    for (Act act : history) {
      world.happens(act);
      world.reconcile();
    }
    world.settles();
  }

  @Provide
  Arbitrary<List<Act>> histories() {
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 7))
        .as(Act::new)
        .list()
        .ofMaxSize(60);
  }

  /** A resource with its Secrets, and a model of what was promised about each login. */
  private static final class World {
    private final List<String> users = new ArrayList<>(List.of("a", "operator"));
    private final Map<String, Optional<Login>> provided = new HashMap<>();
    private final Map<String, String> requests = new TreeMap<>();
    private final Set<String> lost = new HashSet<>();
    private boolean sasldbLost;
    private final Map<Login, Instant> promised = new HashMap<>();

    /** The time as it is, and by how much the operator's clock is ahead of it. */
    private Instant time = Instant.parse("2026-11-22T12:00:00Z");

    private Duration ahead = Duration.ZERO;
    private Duration overlap = Duration.ofMinutes(10);
    private Optional<Duration> interval = Optional.empty();
    private boolean delivered = true;
    private int room = 40;
    private int counter;
    private Set<String> revoked = Set.of();
    private Logins logins = Logins.none(Map.of());
    private Map<String, Wait> waiting = Map.of();

    void happens(Act act) {
      String user = List.of("a", "b", "c", "operator").get(act.who());
      boolean isOperator = user.equals("operator");
      revoked = Set.of();
      switch (act.kind()) {
        case ADD_USER -> {
          if (!users.contains(user)) {
            users.addFirst(user);
          }
        }
        case REMOVE_USER -> {
          if (!isOperator) {
            users.remove(user);
            provided.remove(user);
          }
        }
        case NAME_A_SECRET, WRITE_SECRET -> {
          if (users.contains(user) && !isOperator) {
            provided.put(
                user, Optional.of(new Login(NAMES.get(act.what()), "provided" + counter++ % 3)));
          }
        }
        case BREAK_SECRET -> provided.computeIfPresent(user, (key, login) -> Optional.empty());
        case NAME_NO_SECRET -> provided.remove(user);
        case ROTATE -> requests.put(Requests.ROTATE + "." + user, "r" + counter++);
        case REVOKE -> {
          requests.put(Requests.REVOKE + "." + user, "r" + counter++);
          revoked = Set.of(user);
        }
        case REVOKE_ALL -> {
          requests.put(Requests.REVOKE, "r" + counter++);
          revoked = Set.copyOf(List.of("a", "b", "c", "operator"));
        }
        case LOSE_SECRET -> lost.add(user);
        case LOSE_SASLDB -> {
          lost.addAll(users);
          sasldbLost = true;
        }
        case DELIVER -> delivered = true;
        case HOLD_UP -> delivered = false;
        case WAIT -> time = time.plus(Duration.ofMinutes(act.what() * 3L));
        case CLOCK_AHEAD -> ahead = Duration.ofDays(365);
        case CLOCK_RIGHT -> ahead = Duration.ZERO;
        case OVERLAP -> overlap = Duration.ofMinutes(act.what() * 5L);
        case INTERVAL ->
            interval = act.what() == 0 ? Optional.empty() : Optional.of(Duration.ofHours(2));
        case ROOM -> room = 4 + 4 * act.what();
      }
    }

    /** A step of an operator that was just started: all it knows is what it reads. */
    void reconcile() {
      Logins before = logins;
      Logins read = restarted(before);
      assertThat(read).isEqualTo(before);
      Instant now = time.plus(ahead);
      Rotation.Result result = Rotation.advance(read, situation(now));
      if (!result.logins().equals(read)) {
        // Nothing is written by a clock that was not compared with another one.
        result = Rotation.advance(read, situation(time));
      }
      logins = result.logins();
      waiting = result.waiting();
      lost.clear();
      sasldbLost = false;
      oneNameHasOnePassword();
      revokedLoginsAreGone(before);
      loginsEndAsPromised(before);
      assertThat(Rotation.advance(logins, situation(time)).logins())
          .as("a second look changes nothing")
          .isEqualTo(logins);
    }

    private RotationInput situation(Instant now) {
      Map<Login, Boolean> once = new HashMap<>();
      return new RotationInput(
          List.copyOf(users),
          "operator",
          Set.of("exporter"),
          Map.copyOf(provided),
          Set.copyOf(lost),
          sasldbLost,
          Set.of(),
          Map.copyOf(requests),
          overlap,
          interval,
          next -> once.computeIfAbsent(next.login(), login -> delivered),
          all -> all.size() <= room,
          () -> "generated" + counter++,
          now);
    }

    private static Logins restarted(Logins logins) {
      Map<String, String> file = new HashMap<>();
      logins.all().forEach(login -> file.put(login.name(), login.password()));
      return ((LoginsText.Read.Known) LoginsText.read(LoginsText.write(logins), file)).logins();
    }

    private void oneNameHasOnePassword() {
      Map<String, String> passwords = new HashMap<>();
      for (UserLogins user : logins.users().values()) {
        user.all()
            .forEach(
                login ->
                    assertThat(passwords.put(login.name(), login.password()))
                        .as("%s is in use once", login)
                        .isNull());
      }
    }

    /** But for the login that the owner of a Secret still has in it, and the one on its way. */
    private void revokedLoginsAreGone(Logins before) {
      for (String user : revoked) {
        Optional<Login> wanted =
            provided.getOrDefault(user, before.of(user).next().map(Next::login));
        boolean hasCurrent = before.of(user).current().isPresent();
        before
            .of(user)
            .all()
            .filter(login -> hasCurrent && !Optional.of(login).equals(wanted))
            .forEach(
                login -> assertThat(logins.of(user).all()).as("revoked").doesNotContain(login));
      }
    }

    private void loginsEndAsPromised(Logins before) {
      before
          .users()
          .forEach(
              (user, of) -> {
                of.current().ifPresent(login -> stays(login, user, of));
                of.previous().ifPresent(login -> stays(login.login(), user, of));
              });
      promised
          .keySet()
          .retainAll(
              logins.users().values().stream()
                  .flatMap(of -> of.previous().stream())
                  .map(UserLogins.Previous::login)
                  .toList());
      logins
          .users()
          .values()
          .forEach(
              of ->
                  of.previous()
                      .ifPresent(
                          last -> {
                            Instant until =
                                promised.computeIfAbsent(last.login(), x -> last.validUntil());
                            assertThat(last.validUntil())
                                .as("the end of %s as it was promised", last.login())
                                .isEqualTo(until);
                            assertThat(last.validUntil())
                                .isBeforeOrEqualTo(time.plus(Duration.ofMinutes(35)));
                          }));
      logins
          .users()
          .forEach(
              (user, of) -> {
                assertThat(of.rotatedAt()).isBeforeOrEqualTo(time);
                of.previous()
                    .ifPresent(
                        last -> assertThat(last.validUntil()).as("has run out").isAfter(time));
              });
    }

    /** A login that clients may hold goes for one of these reasons only. */
    private void stays(Login login, String user, UserLogins before) {
      boolean isThere = logins.of(user).all().anyMatch(login::equals);
      boolean isReplacedByItsOwner =
          before.current().equals(Optional.of(login))
              && provided
                  .getOrDefault(user, Optional.empty())
                  .filter(wanted -> wanted.name().equals(login.name()))
                  .isPresent();
      boolean hasRunOut =
          before.previous().filter(last -> last.login().equals(login)).isPresent()
              && !time.isBefore(promised.getOrDefault(login, Instant.MAX));
      boolean isWithoutOverlap =
          users.contains(user) && overlap.isZero() && before.current().equals(Optional.of(login));
      assertThat(
              isThere
                  || isReplacedByItsOwner
                  || hasRunOut
                  || isWithoutOverlap
                  || revoked.contains(user)
                  || !users.contains(user) && mayLeave(user, before))
          .as("%s of user %s ended without its overlap", login, user)
          .isTrue();
    }

    /** Once its overlap is over, and never as the last one. */
    private boolean mayLeave(String user, UserLogins before) {
      boolean isOver =
          overlap.isZero() || before.ending().filter(end -> !time.isBefore(end.at())).isPresent();
      return isOver
          && users.stream()
              .filter(other -> !other.equals("operator"))
              .anyMatch(other -> logins.of(other).current().isPresent());
    }

    /** When nothing changes any more, each user has the login that is due or is told why not. */
    void settles() {
      revoked = Set.of();
      delivered = true;
      ahead = Duration.ZERO;
      interval = Optional.empty();
      for (int i = 0; i < 12; i++) {
        time = time.plus(Duration.ofMinutes(40));
        reconcile();
      }
      for (String user : users) {
        UserLogins of = logins.of(user);
        assertThat(of.next()).as("next of %s", user).isEmpty();
        assertThat(of.previous()).as("previous of %s", user).isEmpty();
        Optional<Login> wanted = provided.getOrDefault(user, of.current());
        boolean isUnusable = provided.containsKey(user) && wanted.isEmpty();
        assertThat(
                isUnusable
                    || of.current().isPresent() && wanted.equals(of.current())
                    || waiting.containsKey(user))
            .as("user %s has %s, wants %s", user, of.current(), wanted)
            .isTrue();
      }
    }
  }
}
