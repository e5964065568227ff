package io.securememcached.operator.clients;

import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.PlainCredentials;
import io.securememcached.operator.memcached.RealMemcached;
import io.securememcached.operator.memcached.Timeouts;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Empty memcached servers of this machine, each on an address of its own, port 11211. A program
 * that is run by {@link #reach} knows them by the names that a resource's servers have, so its
 * hashes are the same on each machine.
 */
final class NamedServers implements AutoCloseable {

  static final String REALM = "sessions";

  private static final int PORT = 11211;

  private final List<RealMemcached> servers = new ArrayList<>();

  /**
   * Starts servers.
   *
   * @param logins logins that all of them accept, with {@link #REALM}
   */
  NamedServers(Path folder, int number, List<Login> logins) throws IOException {
    try {
      for (int i = 0; i < number; i++) {
        Path sasl = Files.createDirectories(folder.resolve("server-" + i));
        Files.writeString(
            sasl.resolve(SaslConfig.CONFIG_FILE),
            SaslConfig.text().replace(SaslConfig.MOUNT_PATH, sasl.toString()));
        Files.write(
            sasl.resolve(SaslConfig.SASLDB_FILE),
            SaslDb.write(
                logins.stream()
                    .map(login -> new SaslEntry(login.name(), REALM, login.password()))
                    .toList()));
        servers.add(
            RealMemcached.start(
                sasl, List.of("-U", "0", "-S", "-l", address(i), "-p", Integer.toString(PORT))));
      }
    } catch (IOException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private static String address(int server) {
    return "127.77.0." + (server + 1);
  }

  /**
   * The beginning of a command that sees these names only.
   *
   * @param names host names, in the order of the servers
   */
  static List<String> reach(Path folder, List<String> names) throws IOException {
    List<String> lines = new ArrayList<>(List.of("127.0.0.1 localhost"));
    for (int i = 0; i < names.size(); i++) {
      lines.add(address(i) + " " + names.get(i));
    }
    Path hosts = Files.write(folder.resolve("hosts"), lines);
    return List.of(
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "bash",
        "-c",
        "mount --bind \"$0\" /etc/hosts && exec \"$@\"",
        hosts.toString());
  }

  /**
   * The number of the server that holds each key; keys that none holds are left out.
   *
   * @throws AssertionError when two hold the same key
   */
  Map<String, Integer> holders(List<String> keys, Login login) throws MemcachedException {
    Map<String, Integer> holders = new LinkedHashMap<>();
    for (int i = 0; i < servers.size(); i++) {
      InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral(address(i)), PORT);
      try (MemcachedClient client = MemcachedClient.connect(address, Timeouts.DEFAULT)) {
        client.authenticate(new PlainCredentials(login.name() + "@" + REALM, login.password()));
        for (String key : keys) {
          if (client.get(key).ok() && holders.put(key, i) != null) {
            throw new AssertionError(key + " is on more than one server");
          }
        }
      }
    }
    return holders;
  }

  @Override
  public void close() throws IOException {
    for (RealMemcached server : servers) {
      server.close();
    }
  }
}
