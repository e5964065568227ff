/**
 * What in the cluster, beside the operator's own children, opens the servers: objects of others,
 * and pods that are not as the operator wants them. Pure: the same objects give the same findings;
 * it has no client and no clock.
 *
 * <p>It judges what is written in the API, not what the network does; package {@code verify} asks
 * the servers themselves. docs/exposure.md says what each finding means, and what is not seen.
 */
package io.securememcached.operator.exposure;
