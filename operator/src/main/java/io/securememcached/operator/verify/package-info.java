/**
 * Checks that a running memcached server is hardened, from the outside and over its own protocol.
 * It knows nothing of Kubernetes: an address and logins in, results out.
 *
 * <p>The server is taken for an attacker's: every wait ends, every answer has a longest length, and
 * a login's password is sent only to a server that has refused a wrong one. docs/checks.md says
 * what each check means.
 */
package io.securememcached.operator.verify;
