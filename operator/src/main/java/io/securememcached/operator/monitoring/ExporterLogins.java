package io.securememcached.operator.monitoring;

import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The exporter's logins in the sasldb of a resource. Those of clients come first: neither a name
 * nor room is taken from them.
 *
 * @param logins newest first
 * @param problem why the exporter can't log in, if so, as a sentence
 */
public record ExporterLogins(List<Login> logins, Optional<String> problem) {

  /** The exporter is off, or nothing is known about it. */
  public static final ExporterLogins NONE = new ExporterLogins(List.of(), Optional.empty());

  public ExporterLogins {
    logins = List.copyOf(logins);
  }

  /**
   * Those that the sasldb can have.
   *
   * @param derived all that the exporter may use, newest first
   * @param users names of the resource's users, of whom one may be older than the reserved name
   * @param clients the logins of all users
   * @param fits whether a sasldb can hold these logins for each server
   */
  public static ExporterLogins beside(
      List<Login> derived, List<String> users, Logins clients, Predicate<Collection<Login>> fits) {
    if (derived.isEmpty()) {
      return NONE;
    }
    Optional<String> holder =
        ExporterKeys.LOGIN_NAMES.stream()
            .flatMap(name -> clients.holder(name).stream())
            .findFirst()
            .or(() -> users.stream().filter(ExporterKeys.NAME::equals).findFirst());
    if (holder.isPresent()) {
      return new ExporterLogins(
          List.of(),
          Optional.of(
              "The exporter has no login, so these servers have no metrics: login name %s is reserved for it, but in use by user %s. Give this user another name in spec.users, or its login another name in its Secret."
                  .formatted(ExporterKeys.NAME, holder.get())));
    }
    List<Login> all = new ArrayList<>(clients.all());
    List<Login> added = new ArrayList<>();
    for (Login login : derived) {
      all.add(login);
      if (!fits.test(all)) {
        break;
      }
      added.add(login);
    }
    return new ExporterLogins(
        added,
        added.isEmpty()
            ? Optional.of(
                "The exporter has no login, so these servers have no metrics: the sasldb has no room for one beside the logins of clients. Shorten passwords and user names, or reduce spec.users or spec.replicas.")
            : Optional.empty());
  }
}
