/**
 * Text that somebody else has had a hand in: servers, and people who may write objects. It knows
 * nothing of the other packages, and all of them may use it.
 */
package io.securememcached.operator.text;
