/**
 * A small client for memcached's binary protocol, for the operator's checks and metrics.
 * Independent of Kubernetes.
 *
 * <p>A server that runs with {@code -S} speaks this protocol only. Every wait has a deadline and
 * every length a limit, as anything may listen at a pod's address.
 *
 * <p>Source: memcached's wiki page "Binary Protocol Revamped" and {@code protocol_binary.h}.
 */
package io.securememcached.operator.memcached;
