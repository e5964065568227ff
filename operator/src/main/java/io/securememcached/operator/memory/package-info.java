/** How much of what is on the API server is kept in memory, and what happens when it is short. */
package io.securememcached.operator.memory;
