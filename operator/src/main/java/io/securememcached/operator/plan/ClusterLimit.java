package io.securememcached.operator.plan;

/**
 * How many servers of all resources may restart for what an upgrade of the operator changes.
 *
 * @param maxConcurrent at the same time
 * @param maxPerMinute within a minute
 */
public record ClusterLimit(int maxConcurrent, int maxPerMinute) {}
