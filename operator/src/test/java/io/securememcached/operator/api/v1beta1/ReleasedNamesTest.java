package io.securememcached.operator.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.docs.Tables;
import io.securememcached.operator.exposure.Kind;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Pause;
import io.securememcached.operator.resource.Servers;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.status.Reason;
import io.securememcached.operator.updates.Rollout;
import io.securememcached.operator.verify.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Names that docs/api-promise.md counts as part of the API are added, and never renamed. */
class ReleasedNamesTest {

  /** Reasons of events that no condition has. */
  private static final List<String> EVENTS =
      List.of(
          "CredentialsRevoked",
          "CredentialsRotated",
          "DefaultFlavorOutdated",
          "ExternalServiceRestored",
          "LoginEnded",
          "LoginEnding",
          "LoginKept",
          "ManagedByOtherOperator",
          "PreviousLoginEnded",
          "RestartingServer",
          "RotationStarted",
          "ServersAdded",
          "ServersRemoved",
          "UnknownUser");

  /** docs/metrics.md has all of them, as other tests show. */
  private static final Pattern METRIC =
      Pattern.compile("(?:memcached|securememcached|rest_client)_[a-z0-9_]+");

  private static final Pattern EVENT = Pattern.compile("\"((?:[A-Z][a-z]+){2,})\"");

  static List<String> versions() {
    return Released.versions();
  }

  @Test
  void currentVersionIsRecorded() throws IOException {
    String version = Released.current();
    if (!Released.isReleased(version)) {
      Guarded.assertUpToDate(
          Released.FOLDER + version + "/names.txt", String.join("\n", today()) + "\n");
    }
  }

  @ParameterizedTest
  @MethodSource("versions")
  void noNameIsGone(String version) throws IOException {
    assertThat(today())
        .containsAll(
            Files.readAllLines(Guarded.ROOT.resolve(Released.FOLDER + version + "/names.txt")));
  }

  @Test
  void eventsAreThoseOfTheCodeAndOfTheirPage() throws IOException {
    String recorder =
        Files.readString(
            Guarded.ROOT.resolve(
                "operator/src/main/java/io/securememcached/operator/events/EventRecorder.java"));
    assertThat(EVENT.matcher(recorder).results().map(match -> match.group(1)).distinct())
        .containsExactlyInAnyOrderElementsOf(EVENTS);
    assertThat(Tables.firstColumn("docs/events.md")).containsExactlyElementsOf(EVENTS);
  }

  private static List<String> today() throws IOException {
    return Stream.of(
            named(
                "annotation",
                Pause.ANNOTATION,
                Rollout.APPROVE,
                Requests.ROTATE,
                Requests.REVOKE,
                Requests.RESTART,
                Labels.COPY_OF),
            named("check", Arrays.stream(Check.values()).map(Check::id)),
            named(
                "condition",
                Conditions.READY,
                Conditions.NETWORK_POLICIES_APPLIED,
                Conditions.CREDENTIALS_READY,
                Conditions.SASL_ENFORCED,
                Conditions.NETWORK_RESTRICTED,
                Conditions.NOT_EXPOSED,
                Conditions.SERVERS_READY,
                Conditions.IMAGE_SUPPORTED,
                Conditions.UP_TO_DATE,
                Conditions.EXTERNAL_RESTRICTED),
            named("event", EVENTS.stream()),
            named("exposure", Arrays.stream(Kind.values()).map(Kind::id)),
            named(
                "label",
                Labels.RESOURCE,
                Labels.SERVER_OF,
                Labels.LOGIN_FOR,
                Labels.COPY_FROM,
                Labels.CIDRS),
            named(
                "metric", Tables.firstColumn("docs/metrics.md").filter(METRIC.asMatchPredicate())),
            named("readiness gate", Servers.VERIFIED),
            named("reason", Arrays.stream(Reason.values()).map(Reason::name)))
        .flatMap(names -> names)
        .toList();
  }

  private static Stream<String> named(String kind, String... names) {
    return named(kind, Stream.of(names));
  }

  private static Stream<String> named(String kind, Stream<String> names) {
    return names.sorted().map(name -> kind + " " + name);
  }
}
