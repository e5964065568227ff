package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.securememcached.operator.api.v1beta1.CredentialsStatus;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.api.v1beta1.User;
import io.securememcached.operator.client.ApiErrors;
import io.securememcached.operator.resource.Names;
import io.securememcached.operator.status.LoginCopies;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The copies of one resource, once. */
final class CopyReconciliation {

  /** As the operator's account may write no others. */
  private static final Set<String> TYPES = Set.of("Opaque", "servicebinding.io/memcached");

  private static final String SEPARATOR = "/";

  private static final Logger LOG = LoggerFactory.getLogger(CopyReconciliation.class);

  /** No event reports that a failed request would succeed now. */
  private static final Duration RETRY = Duration.ofSeconds(30);

  /** In which a rejected removal is tried again; with the user before them. */
  private final Set<String> namespacesOfRemovals = new HashSet<>();

  private final SecureMemcached primary;
  private final CopyConsents consents;
  private final CopyWriter writer;

  /** By name of the resource's own Secrets. */
  private final Map<String, Map<String, String>> desired;

  private final Map<String, CopyRecord> before;
  private final Map<String, CopyRecord> now = new HashMap<>();
  private final Map<String, List<String>> filled = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();
  private final Instant time;
  private final List<Instant> retries = new ArrayList<>();

  CopyReconciliation(
      SecureMemcached primary,
      CopyConsents consents,
      CopyWriter writer,
      Map<String, Map<String, String>> desired,
      Map<String, CopyRecord> before,
      Instant time) {
    this.primary = primary;
    this.consents = consents;
    this.writer = writer;
    this.desired = desired;
    this.before = before;
    this.time = time;
  }

  /** What was written, by the id of a copy. */
  Map<String, CopyRecord> written() {
    return Map.copyOf(now);
  }

  LoginCopies result() {
    return new LoginCopies(filled, problems);
  }

  /** When to try again what failed or was rejected, if anything was. */
  Optional<Instant> retry() {
    return retries.stream().min(Instant::compareTo);
  }

  /** Brings a user's copies to what the user's Secret is. */
  void copy(User user) {
    user.secretNamespaces().stream()
        .distinct()
        .sorted()
        .forEach(
            namespace -> {
              // Once the list is complete an event comes.
              if (!consents.isStarting(namespace)) {
                copy(user, namespace);
              }
              remember(user.name(), namespace);
            });
  }

  /** What was filled before stays known by the status until it is empty. */
  private void remember(String user, String namespace) {
    if (filled.getOrDefault(user, List.of()).stream()
        .noneMatch(id -> namespace(id).equals(namespace))) {
      primary.getStatus().credentials().stream()
          .filter(login -> login.user().equals(user))
          .flatMap(login -> login.copies().stream())
          .filter(id -> id.startsWith(namespace + SEPARATOR) && !isWithdrawn(id))
          .forEach(id -> add(user, id));
    }
  }

  private void copy(User user, String namespace) {
    Optional<CopyConsent> copy = consents.of(primary, user, namespace);
    Optional<String> obstacle =
        CopyProblems.before(primary, user.name(), namespace, consents, copy);
    Map<String, String> data = desired.get(Names.credentials(primary, user.name()));
    if (obstacle.isPresent()) {
      problems.add(obstacle.get());
    } else if (data != null) {
      try {
        if (apply(copy.orElseThrow(), data, user.name())) {
          add(user.name(), copy.get().id());
        }
      } catch (KubernetesClientException e) {
        failed(copy.get(), user.name(), data, e);
      }
    }
  }

  /** Whether a copy has the data now. */
  private boolean apply(CopyConsent copy, Map<String, String> data, String user) {
    CopyRecord last = before.get(copy.id());
    if (last != null && last.isWritten(copy.version(), data)) {
      now.put(copy.id(), last);
      return true;
    }
    Optional<CopyRejection> rejection =
        Optional.ofNullable(last)
            .flatMap(record -> record.rejectionOf(data))
            .filter(rejected -> rejected.isWaiting(copy.version(), time));
    if (rejection.isPresent()) {
      reject(copy, data, rejection.get());
      return false;
    }
    Optional<Secret> read = writer.read(copy.namespace(), copy.name()).filter(copy::isStillOf);
    if (read.isEmpty()) {
      // An event comes, as it has changed.
      return false;
    }
    Secret secret = read.get();
    if (!TYPES.contains(Objects.requireNonNullElse(secret.getType(), "Opaque"))) {
      problems.add(CopyProblems.type(user, copy, secret.getType()));
      now.put(copy.id(), CopyRecord.refused(data));
      return false;
    }
    List<String> foreign = CopyWriter.foreignKeys(secret, data);
    if (!foreign.isEmpty()) {
      // An event comes when somebody deletes them.
      problems.add(CopyProblems.taken(user, copy, foreign));
      now.put(copy.id(), CopyRecord.refused(data));
      return false;
    }
    boolean isSame =
        CopyConsent.keys(secret).equals(data.keySet())
            && data.equals(
                CopyWriter.data(secret).entrySet().stream()
                    .filter(entry -> data.containsKey(entry.getKey()))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    Secret after = isSame ? secret : writer.fill(secret, data);
    now.put(copy.id(), CopyRecord.written(after.getMetadata().getResourceVersion(), data));
    return true;
  }

  private void reject(CopyConsent copy, Map<String, String> data, CopyRejection rejection) {
    problems.add(rejection.message());
    retries.add(rejection.due());
    now.put(copy.id(), CopyRecord.rejected(rejection, data));
  }

  private void failed(
      CopyConsent copy, String user, Map<String, String> data, KubernetesClientException e) {
    Optional<CopyRecord> last = Optional.ofNullable(before.get(copy.id()));
    if (CopyWriter.isRejected(e)) {
      reject(
          copy,
          data,
          CopyRejection.of(
              last.flatMap(record -> record.rejectionOf(data)),
              copy.version(),
              CopyProblems.rejected(user, copy, ApiErrors.message(e)),
              time));
      return;
    }
    last.ifPresent(record -> now.put(copy.id(), record));
    if (!CopyWriter.isConflict(e)) {
      retries.add(time.plus(RETRY));
      problems.add(CopyProblems.failed(user, copy, ApiErrors.message(e)));
    }
  }

  /** Empties the Secrets that were filled, and whose owner has taken the label away since. */
  void withdraw() {
    Set<String> users =
        primary.getSpec().users().stream().map(User::name).collect(Collectors.toSet());
    for (CredentialsStatus login : primary.getStatus().credentials()) {
      for (String id : login.copies()) {
        if (isWithdrawn(id)) {
          withdraw(login.user(), id);
        } else if (!users.contains(login.user())) {
          // Of a user that has left the spec, whose login is valid for an overlap.
          add(login.user(), id);
        }
      }
    }
  }

  private void withdraw(String user, String id) {
    // Nobody watches a Secret without the label: only time says when to try again.
    Optional<CopyRejection> waiting = removalOf(id).filter(last -> time.isBefore(last.due()));
    if (waiting.isPresent()) {
      keep(user, id, waiting.get());
      return;
    }
    Optional<Secret> copy = Optional.empty();
    try {
      copy =
          writer.filled(namespace(id), name(id)).filter(secret -> CopyConsent.of(secret).isEmpty());
      copy.ifPresent(writer::empty);
    } catch (KubernetesClientException e) {
      if (copy.isPresent() && CopyWriter.isRejected(e)) {
        notWithdrawn(user, id, copy.get(), ApiErrors.message(e));
        return;
      }
      LOG.debug("Could not take the copy of a login out of a Secret", e);
      // Kept in the status, by which it is known.
      add(user, id);
      retries.add(time.plus(RETRY));
    }
  }

  private void notWithdrawn(String user, String id, Secret copy, String message) {
    if (Boolean.TRUE.equals(copy.getImmutable())) {
      // For ever, and so forgotten: its owner could else fill the status with such Secrets.
      problems.add(CopyProblems.kept(user, namespace(id), name(id), message));
      return;
    }
    keep(
        user,
        id,
        CopyRejection.of(
            removalOf(id),
            copy.getMetadata().getResourceVersion(),
            CopyProblems.notYetRemoved(user, namespace(id), name(id), message),
            time));
  }

  private Optional<CopyRejection> removalOf(String id) {
    return Optional.ofNullable(before.get(id)).flatMap(record -> record.rejectionOf(Map.of()));
  }

  private void keep(String user, String id, CopyRejection rejection) {
    if (!namespacesOfRemovals.add(user + SEPARATOR + namespace(id))) {
      // One is enough: the owner of a namespace could else fill the status.
      problems.add(
          CopyProblems.kept(
              user, namespace(id), name(id), "another removal there is rejected, too"));
      return;
    }
    add(user, id);
    problems.add(rejection.message());
    retries.add(rejection.due());
    now.put(id, CopyRecord.rejected(rejection, Map.of()));
  }

  private void add(String user, String id) {
    filled.computeIfAbsent(user, name -> new ArrayList<>()).add(id);
  }

  private boolean isWithdrawn(String id) {
    return id.contains(SEPARATOR)
        && consents.watches(namespace(id))
        && consents.fault(namespace(id)).isEmpty()
        && consents
            .of(primary.getMetadata().getNamespace())
            .noneMatch(copy -> copy.id().equals(id));
  }

  private static String namespace(String id) {
    return id.substring(0, id.indexOf(SEPARATOR));
  }

  private static String name(String id) {
    return id.substring(id.indexOf(SEPARATOR) + 1);
  }
}
