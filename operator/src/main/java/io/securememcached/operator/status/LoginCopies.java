package io.securememcached.operator.status;

import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies of the logins in other namespaces.
 *
 * @param filled by user: the Secrets that have the user's login, as {@code NAMESPACE/NAME}
 * @param problems what a copy lacks, and the way out; a sentence each
 */
public record LoginCopies(Map<String, List<String>> filled, List<String> problems) {

  /** No copies. */
  public static final LoginCopies NONE = new LoginCopies(Map.of(), List.of());

  /** Keeps copies. */
  public LoginCopies {
    filled = Map.copyOf(filled);
    problems = List.copyOf(problems);
  }

  /** Those of the last status, where none was looked at. */
  public static LoginCopies asBefore(SecureMemcached primary) {
    Map<String, List<String>> filled = new LinkedHashMap<>();
    primary.getStatus().credentials().forEach(login -> filled.put(login.user(), login.copies()));
    return new LoginCopies(filled, List.of());
  }
}
