package io.securememcached.operator.verify;

import java.util.Locale;
import java.util.Set;

/**
 * A known vulnerability of memcached.
 *
 * @param name the CVE, or a short description where there is none
 * @param from first vulnerable version
 * @param fixed first fixed version
 * @param needs what an attacker needs
 * @param effect the worst known effect
 * @param avoidedBy the operator's argument that mitigates it; empty if none does
 * @param backported distributions whose older version has the fix
 * @param source origin of the data
 */
public record Weakness(
    String name,
    Version from,
    Version fixed,
    Needs needs,
    Effect effect,
    String avoidedBy,
    Set<Distribution> backported,
    String source) {

  /** What an attacker needs besides a connection. */
  public enum Needs {
    NOTHING,
    A_LOGIN
  }

  /** The worst known effect of a vulnerability. */
  public enum Effect {
    CRASH,
    /** Data or names are disclosed, or others can be flooded. */
    LEAK,
    /** Unauthenticated access. */
    BYPASS,
    /** Corrupted memory, up to code execution. */
    CODE
  }

  /** Whether a server is vulnerable and the operator's arguments don't mitigate it. */
  boolean isOpen(Version version, Distribution distribution) {
    return version.compareTo(from) >= 0
        && version.compareTo(fixed) < 0
        && avoidedBy.isEmpty()
        && !backported.contains(distribution);
  }

  /** Whether it allows unauthenticated access or code execution. */
  boolean isSerious() {
    return needs == Needs.NOTHING && (effect == Effect.BYPASS || effect == Effect.CODE);
  }

  /** Name, effect and what it needs, such as "CVE-2020-10931 (crash, no login needed)". */
  String toText() {
    return "%s (%s, %s)"
        .formatted(
            name,
            effect.name().toLowerCase(Locale.ROOT),
            needs == Needs.NOTHING ? "no login needed" : "login needed");
  }
}
