package io.securememcached.operator.verify;

import java.time.Duration;

/**
 * What one check has found.
 *
 * @param evidence what was seen, in one line; never a password
 * @param took time since the check before it in the run; for those that wait beside the others,
 *     {@link Check#UDP_OFF}, {@link Check#NO_OTHER_PORT} and {@link Check#POLICIES_ENFORCED}, how
 *     long the run still waited for it
 */
public record CheckResult(Check check, Outcome outcome, String evidence, Duration took) {}
