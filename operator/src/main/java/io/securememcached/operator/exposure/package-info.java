/**
 * Finds what in the cluster, beside the operator's own children, exposes the servers: foreign
 * objects, and pods that differ from the desired state. Pure: the same objects give the same
 * findings; no client and no clock.
 *
 * <p>It evaluates objects of the API, not the network's behavior; package {@code verify} checks the
 * servers themselves. docs/exposure.md says what each finding means, and what is not seen.
 */
package io.securememcached.operator.exposure;
