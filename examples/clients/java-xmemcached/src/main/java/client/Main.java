package client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeoutException;
import net.rubyeye.xmemcached.HashAlgorithm;
import net.rubyeye.xmemcached.MemcachedClient;
import net.rubyeye.xmemcached.XMemcachedClientBuilder;
import net.rubyeye.xmemcached.auth.AuthInfo;
import net.rubyeye.xmemcached.command.BinaryCommandFactory;
import net.rubyeye.xmemcached.exception.MemcachedException;
import net.rubyeye.xmemcached.impl.KetamaMemcachedSessionLocator;
import net.rubyeye.xmemcached.utils.AddrUtil;

/** Logs in to all servers of a SecureMemcached, then sets and gets keys on them. */
public final class Main {

  private static final int KEYS = 1000;
  private static final int TIMEOUT_MILLIS = 3000;
  private static final int RETRY_AFTER_MILLIS = 3000;
  private static final int ONE_HOUR = 3600;

  private Main() {}

  public static void main(String[] arguments) {
    // The library's threads would keep the process alive.
    System.exit(run());
  }

  private static int run() {
    Login login = new Login();
    try {
      MemcachedClient client = connect(login);
      check(client, login);
      client.shutdown();
      return 0;
    } catch (TimeoutException | MemcachedException e) {
      System.err.println(
          "error: " + e.getMessage() + "; was the login of " + login.user() + " refused?");
    } catch (IOException | InterruptedException | RuntimeException e) {
      System.err.println("error: " + e.getMessage());
    }
    return 1;
  }

  private static MemcachedClient connect(Login login) throws IOException {
    String servers = login.servers().replace(',', ' ');
    XMemcachedClientBuilder builder = new XMemcachedClientBuilder(servers);
    builder.setCommandFactory(new BinaryCommandFactory());
    // It opens a refused connection again, and asks for the login each time.
    for (InetSocketAddress server : AddrUtil.getAddresses(servers)) {
      builder.addAuthInfo(server, new AuthInfo(login, new String[] {"PLAIN"}));
    }
    // By the servers' names and ports; the default takes addresses, and a new pod has a new one.
    builder.setSessionLocator(
        new KetamaMemcachedSessionLocator(HashAlgorithm.KETAMA_HASH, false, true));
    // By default the keys of a server that is down move to the others, and outdated ones may come
    // back with it.
    builder.setFailureMode(true);
    builder.setConnectTimeout(TIMEOUT_MILLIS);
    builder.setOpTimeout(TIMEOUT_MILLIS);
    return builder.build();
  }

  @FunctionalInterface
  private interface Request<T> {
    T run() throws InterruptedException, MemcachedException, TimeoutException;
  }

  /** Gives the library time to connect again, when a login was refused or a server went away. */
  private static <T> T patiently(Request<T> request)
      throws InterruptedException, MemcachedException, TimeoutException {
    try {
      return request.run();
    } catch (MemcachedException | TimeoutException e) {
      Thread.sleep(RETRY_AFTER_MILLIS);
      return request.run();
    }
  }

  /** Sets and gets keys, and proves that each server has got some. */
  private static void check(MemcachedClient client, Login login)
      throws InterruptedException, MemcachedException, TimeoutException {
    for (int i = 0; i < KEYS; i++) {
      String key = "java-xmemcached-" + i;
      String value = "value " + i;
      if (!patiently(() -> client.set(key, ONE_HOUR, value))) {
        throw new MemcachedException(key + " was not taken");
      }
    }
    for (int i = 0; i < KEYS; i++) {
      String key = "java-xmemcached-" + i;
      Object value = patiently(() -> client.get(key));
      if (!("value " + i).equals(value)) {
        throw new MemcachedException(key + " came back as " + value);
      }
    }
    long used =
        client.getStats().values().stream()
            .filter(statistics -> Long.parseLong(statistics.get("curr_items")) > 0)
            .count();
    System.out.printf("ok: %d keys on %d servers as %s%n", KEYS, used, login.user());
  }
}
