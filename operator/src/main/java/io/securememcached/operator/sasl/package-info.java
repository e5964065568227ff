/**
 * What Cyrus SASL reads on a cache server: the sasldb file, its configuration, and the passwords
 * and realms in it. Pure functions, no Kubernetes.
 *
 * <p>{@code docs/sasldb.md} draws the file; {@code docs/adr/0003-own-sasldb-writer.md} says why it
 * is written here.
 */
package io.securememcached.operator.sasl;
