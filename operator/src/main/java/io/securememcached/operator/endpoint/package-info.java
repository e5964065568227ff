/** The HTTP ports of a process: health probes, and metrics for those who may read them. */
package io.securememcached.operator.endpoint;
