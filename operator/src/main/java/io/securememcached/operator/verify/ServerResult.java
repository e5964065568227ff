package io.securememcached.operator.verify;

import java.util.List;

/**
 * What a run of the checks found.
 *
 * @param version of memcached as the server said, in one line; empty if it said none
 * @param checks one result for each {@link Check}, in their order
 */
public record ServerResult(String version, List<CheckResult> checks) {

  /** Keeps a copy of the list. */
  public ServerResult {
    checks = List.copyOf(checks);
  }
}
