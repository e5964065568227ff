/** Addresses of source zones, and lists of them that others maintain: pure. */
package io.securememcached.operator.zones;
