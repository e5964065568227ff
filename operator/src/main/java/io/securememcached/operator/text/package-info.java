/**
 * Untrusted text: of servers, and of users who may write objects. Independent of the other
 * packages, which may all use it.
 */
package io.securememcached.operator.text;
