/** Asks servers for their statistics: one connection each, and a deadline of its own for each. */
package io.securememcached.operator.scrape;
