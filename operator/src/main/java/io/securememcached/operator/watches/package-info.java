/**
 * What is watched and cached: children, servers' pods and foreign objects, and what can't be read.
 */
package io.securememcached.operator.watches;
