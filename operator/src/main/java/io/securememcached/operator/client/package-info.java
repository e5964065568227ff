/** How the operator talks to the API server: connection, tolerant reading, errors and time. */
package io.securememcached.operator.client;
