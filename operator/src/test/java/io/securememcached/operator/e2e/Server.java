package io.securememcached.operator.e2e;

import io.securememcached.operator.memcached.PlainCredentials;

/**
 * A server to be checked: one of the operator's, or one that is set up wrongly on purpose.
 *
 * @param pod name of its pod
 * @param address address of its pod
 * @param login what a client of it logs in with
 */
record Server(String pod, String address, int port, PlainCredentials login) {}
