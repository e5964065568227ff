package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.Secret;
import io.securememcached.operator.resource.Secrets;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.LoginsText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The operator's records of the logins, in an annotation of each of its two Secrets. */
sealed interface LoginNotes {

  /** Neither Secret has records. */
  record None() implements LoginNotes {}

  /** There are records, but they can't be read. */
  record Unreadable(String problem) implements LoginNotes {}

  /**
   * The records of the first Secret with readable ones.
   *
   * @param damaged users with a login of which the sasldb has no password
   */
  record Known(Logins logins, Set<String> damaged) implements LoginNotes {}

  /**
   * Reads the records. A newer version may have written only one of the Secrets so far: its records
   * take precedence, and this version must not overwrite them.
   *
   * @param passwords by login name, from the sasldb
   */
  static LoginNotes read(List<Secret> secrets, Map<String, String> passwords) {
    LoginNotes notes = new None();
    for (Secret secret : secrets) {
      Optional<String> text =
          Optional.ofNullable(secret.getMetadata().getAnnotations())
              .flatMap(annotations -> Optional.ofNullable(annotations.get(Secrets.LOGINS)));
      if (text.isPresent()) {
        switch (LoginsText.read(text.get(), passwords)) {
          case LoginsText.Read.Known read -> {
            if (!(notes instanceof Known)) {
              notes = new Known(read.logins(), read.damaged());
            }
          }
          case LoginsText.Read.Unreadable read -> {
            LoginNotes unreadable = new Unreadable(problem(secret, read.problem(), read.isNewer()));
            if (read.isNewer()) {
              return unreadable;
            }
            notes = notes instanceof None ? unreadable : notes;
          }
        }
      }
    }
    return notes;
  }

  private static String problem(Secret secret, String problem, boolean isNewer) {
    return "Secret %s, annotation %s %s. Logins are frozen until it is readable: %s, or remove the annotation from Secrets NAME-operator and NAME-sasl to rebuild it from the logins in use."
        .formatted(
            secret.getMetadata().getName(),
            Secrets.LOGINS,
            problem,
            isNewer ? "upgrade the operator" : "restore it");
  }
}
