/**
 * Checks from outside, over memcached's own protocol, that a running server is hardened.
 * Independent of Kubernetes: an address and logins in, results out.
 *
 * <p>The server is untrusted: every wait has a limit, every response has a maximum length, and a
 * password is sent only to a server that has rejected a wrong one. docs/checks.md says what each
 * check means.
 */
package io.securememcached.operator.verify;
