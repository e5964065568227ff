package io.securememcached.operator.verify;

import io.securememcached.operator.memcached.Deadline;
import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.TextProbe;
import java.net.InetSocketAddress;

/**
 * Connections of one run, all under its deadline. memcached closes a connection after it rejected a
 * command, so almost every command needs its own.
 */
record Connections(InetSocketAddress address, Limits limits, Deadline deadline) {

  MemcachedClient open() throws MemcachedException {
    return MemcachedClient.connect(address, limits.connection(), deadline);
  }

  String askInText(String request) throws MemcachedException {
    return TextProbe.ask(address, limits.connection(), deadline, request);
  }
}
