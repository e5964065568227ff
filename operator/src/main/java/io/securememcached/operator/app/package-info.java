/** The process: configuration, start and stop, leader election, health and metrics. */
package io.securememcached.operator.app;
