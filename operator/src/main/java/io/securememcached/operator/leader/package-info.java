/**
 * Who may write: the leader, as long as its lease is renewed, and no second operator for the same
 * resource.
 */
package io.securememcached.operator.leader;
