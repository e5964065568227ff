/** Start and stop of the operator, and the endpoints for health and metrics. */
package io.securememcached.operator.process;
