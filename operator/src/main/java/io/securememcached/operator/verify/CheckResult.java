package io.securememcached.operator.verify;

import java.time.Duration;

/**
 * Result of one check.
 *
 * @param evidence what was observed, in one line; never a password
 * @param took time since the previous check of the run; for those that wait in parallel, {@link
 *     Check#UDP_OFF}, {@link Check#NO_OTHER_PORT} and {@link Check#POLICIES_ENFORCED}, how long the
 *     run still waited for it
 */
public record CheckResult(Check check, Outcome outcome, String evidence, Duration took) {}
