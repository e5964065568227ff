/**
 * When the servers are checked, what a run of the checks changes: readiness gate, metrics, status.
 * The checks themselves are in {@code verify}.
 */
package io.securememcached.operator.verification;
