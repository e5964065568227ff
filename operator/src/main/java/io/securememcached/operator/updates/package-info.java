/**
 * Which servers differ from what they should run, in what, and why: pure, and of the pods alone.
 */
package io.securememcached.operator.updates;
