/**
 * Restarts the servers that need it: one at a time, when it is allowed, as long as none gets worse.
 */
package io.securememcached.operator.rollout;
