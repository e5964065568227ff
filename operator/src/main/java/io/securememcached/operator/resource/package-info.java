/**
 * One class per child object: its name and its desired state, as pure functions of the custom
 * resource, the operator's settings and the credentials. No client, no clock, no randomness: the
 * same input gives the same object.
 */
package io.securememcached.operator.resource;
