/** The exporter: finds the servers, asks them, and serves their metrics. */
package io.securememcached.operator.exporter;
