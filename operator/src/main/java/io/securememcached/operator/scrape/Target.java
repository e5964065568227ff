package io.securememcached.operator.scrape;

import io.securememcached.operator.memcached.ServerAddress;

/**
 * A server to ask. Another value of any part is another server, which gets a connection and a login
 * of its own.
 *
 * @param namespace of the resource
 * @param name of the resource
 * @param uid of the resource
 * @param pod name of the server's pod
 * @param podUid of that pod
 * @param address of that pod
 */
public record Target(
    String namespace, String name, String uid, String pod, String podUid, ServerAddress address) {}
