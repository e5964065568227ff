/**
 * Statistics of servers in Prometheus' text format, with the names and meaning of
 * prometheus/memcached_exporter. Pure: the same statistics give the same text.
 */
package io.securememcached.operator.metrics;
