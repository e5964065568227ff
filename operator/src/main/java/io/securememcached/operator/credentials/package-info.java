/**
 * The logins of a resource: loaded from their Secrets, taken to the next step of their life, proven
 * on every server. The steps themselves are in {@code rotation}.
 */
package io.securememcached.operator.credentials;
