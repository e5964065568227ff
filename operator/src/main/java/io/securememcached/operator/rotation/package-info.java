/**
 * Rotation of logins: alternating users, so that the previous password works until every client has
 * the new one. Pure: no Kubernetes, no clock, no network; docs/credentials.md draws the states.
 */
package io.securememcached.operator.rotation;
