package io.securememcached.operator.status;

import io.securememcached.operator.api.v1beta1.PendingServer;
import io.securememcached.operator.monitoring.ExporterLogins;
import io.securememcached.operator.rotation.Logins;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Result of reconciling the logins.
 *
 * @param logins as stored now
 * @param read resourceVersion by name of the Secrets that they were read from
 * @param pending by user with a login in delivery: the servers that don't accept it yet
 * @param problems by user: what is wrong with the user-provided Secret, or what the login waits for
 * @param queue users whose rotation waits for room in the Secret, which other users' rotations will
 *     free
 * @param tooLong why the logins exceed a Secret, if they do
 * @param servers number of servers that the sasldb is for
 * @param due when the next step is due that no event triggers
 * @param unknownUserRequests annotations that name a user whom the spec does not have
 * @param unreadable why only the published logins are known, if so: then no Secret with a login is
 *     written
 * @param exporter the exporter's logins beside them
 * @param copies in other namespaces, which are written after these logins
 */
public record CredentialResult(
    Logins logins,
    Map<String, String> read,
    Map<String, List<PendingServer>> pending,
    Map<String, String> problems,
    List<String> queue,
    Optional<String> tooLong,
    int servers,
    Optional<Instant> due,
    Set<String> unknownUserRequests,
    Optional<String> unreadable,
    ExporterLogins exporter,
    LoginCopies copies) {

  /** Before the copies are written. */
  public CredentialResult(
      Logins logins,
      Map<String, String> read,
      Map<String, List<PendingServer>> pending,
      Map<String, String> problems,
      List<String> queue,
      Optional<String> tooLong,
      int servers,
      Optional<Instant> due,
      Set<String> unknownUserRequests,
      Optional<String> unreadable,
      ExporterLogins exporter) {
    this(
        logins,
        read,
        pending,
        problems,
        queue,
        tooLong,
        servers,
        due,
        unknownUserRequests,
        unreadable,
        exporter,
        LoginCopies.NONE);
  }

  /**
   * The same with its copies.
   *
   * @param retry when to try again what failed, if anything did
   */
  public CredentialResult with(LoginCopies written, Optional<Instant> retry) {
    return new CredentialResult(
        logins,
        read,
        pending,
        problems,
        queue,
        tooLong,
        servers,
        Stream.of(due, retry).flatMap(Optional::stream).min(Instant::compareTo),
        unknownUserRequests,
        unreadable,
        exporter,
        written);
  }

  /**
   * For logins of a paused resource, which take no step.
   *
   * @param servers number of servers that the sasldb is for
   */
  public static CredentialResult unchanged(Logins logins, int servers) {
    return new CredentialResult(
        logins,
        Map.of(),
        Map.of(),
        Map.of(),
        List.of(),
        Optional.empty(),
        servers,
        Optional.empty(),
        Set.of(),
        Optional.empty(),
        ExporterLogins.NONE);
  }

  /**
   * For logins that this version can't read.
   *
   * @param published logins that clients and the operator use now
   */
  public static CredentialResult unreadable(Logins published, String problem) {
    return new CredentialResult(
        published,
        Map.of(),
        Map.of(),
        Map.of(),
        List.of(),
        Optional.empty(),
        0,
        Optional.empty(),
        Set.of(),
        Optional.of(problem),
        ExporterLogins.NONE);
  }
}
