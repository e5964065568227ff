package io.securememcached.operator.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;

import io.securememcached.operator.Guarded;
import io.securememcached.operator.exposure.Kind;
import io.securememcached.operator.resource.Labels;
import io.securememcached.operator.resource.Servers;
import io.securememcached.operator.rotation.Requests;
import io.securememcached.operator.status.Conditions;
import io.securememcached.operator.status.Reason;
import io.securememcached.operator.verify.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Names that docs/api-promise.md counts as part of the API are added, and never renamed. */
class ReleasedNamesTest {

  /** Texts in the operator's code, each in quotes. */
  private static final List<String> EVENTS =
      List.of(
          "RotationStarted",
          "CredentialsRotated",
          "PreviousLoginEnded",
          "CredentialsRevoked",
          "UnknownUser",
          "ManagedByOtherOperator");

  private static final List<String> METRICS =
      List.of(
          "securememcached.check",
          "securememcached.pending.security.updates",
          "securememcached.pending.updates",
          "securememcached.proof.age",
          "securememcached.watch.failing");

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

  /** Names that are no constants are those in the code. */
  @Test
  void eventsAndMetricsAreThoseOfTheCode() throws IOException {
    StringBuilder code = new StringBuilder();
    try (Stream<Path> files = Files.walk(Guarded.ROOT.resolve("operator/src/main/java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        code.append(Files.readString(file));
      }
    }
    assertThat(Stream.concat(EVENTS.stream(), METRICS.stream()))
        .allSatisfy(name -> assertThat(code).contains('"' + name + '"'));
  }

  private static List<String> today() {
    return Stream.of(
            named("annotation", Requests.ROTATE, Requests.REVOKE, Requests.RESTART),
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
                Conditions.IMAGE_SUPPORTED),
            named("event", EVENTS.stream()),
            named("exposure", Arrays.stream(Kind.values()).map(Kind::id)),
            named("label", Labels.RESOURCE, Labels.SERVER_OF, Labels.LOGIN_FOR),
            named("metric", METRICS.stream()),
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
