/** Runs what waits for a memcached server beside the reconciliations, with bounds that are fair. */
package io.securememcached.operator.probe;
