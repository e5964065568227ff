package io.securememcached.operator.verify;

import java.util.Locale;
import java.util.Set;

/**
 * A known weakness of memcached.
 *
 * @param name the CVE, or in a few words what there is no CVE for
 * @param from first version that has it
 * @param fixed first version that has it no more
 * @param needs what an attacker needs
 * @param effect the worst that is known to come of it
 * @param avoidedBy what of the operator's arguments keeps it out of reach; empty if nothing does
 * @param backported distributions whose older version has the fix
 * @param source who says so
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

  /** The worst that is known to come of a weakness. */
  public enum Effect {
    CRASH,
    /** Data or names become known to, or others are flooded by, who should not be able to. */
    LEAK,
    /** In without a login. */
    BYPASS,
    /** Corrupted memory, up to code of the attacker's. */
    CODE
  }

  /** Whether a server has it and the operator's arguments don't keep it out of reach. */
  boolean isOpen(Version version, Distribution distribution) {
    return version.compareTo(from) >= 0
        && version.compareTo(fixed) < 0
        && avoidedBy.isEmpty()
        && !backported.contains(distribution);
  }

  /** Whether somebody without a login gets in by it or runs code. */
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
