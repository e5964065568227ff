package client;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.LocalTime;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import net.spy.memcached.MemcachedClient;

/**
 * Keys spread over the servers. A request that fails, as by a refused login, is tried again with
 * new connections, which log in with what the mounted Secret says by then.
 */
final class Cache implements AutoCloseable {

  /**
   * Waits before each further try. The first follows at once, as the files may be newer than what
   * was read; the last is for a login that was revoked before they have the next.
   */
  private static final Duration[] RETRY_AFTER = {Duration.ZERO, Duration.ofSeconds(3)};

  private final Login login = new Login();
  private Session session;

  void set(String key, String value) throws CacheException {
    if (!request(key, client -> client.set(key, 0, value))) {
      throw new CacheException("no server took " + key);
    }
  }

  Object get(String key) throws CacheException {
    return request(key, client -> client.asyncGet(key));
  }

  /** Statistics of each server, which needs a login to each. */
  Map<SocketAddress, Map<String, String>> statistics() {
    return session.client().getStats();
  }

  /** Ends all connections; the next request opens new ones with the login of now. */
  @Override
  public void close() {
    if (session != null) {
      session.client().shutdown();
      session = null;
    }
  }

  private <T> T request(String key, Function<MemcachedClient, Future<T>> command)
      throws CacheException {
    for (int attempt = 0; ; attempt++) {
      String reason;
      try {
        if (session == null) {
          session = new Session(login);
        }
        return session.answer(command);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CacheException("interrupted");
      } catch (IOException | ExecutionException | TimeoutException | RuntimeException e) {
        reason = e.toString();
      }
      if (session != null && !session.lost().isEmpty()) {
        reason = session.lost() + "; was the login of " + login.user() + " refused?";
      }
      close();
      if (attempt == RETRY_AFTER.length) {
        throw new CacheException("no answer about " + key + ": " + reason);
      }
      System.err.printf(
          "%tT %s; trying again in %d s with what the files say by then%n",
          LocalTime.now(), reason, RETRY_AFTER[attempt].toSeconds());
      pause(RETRY_AFTER[attempt]);
    }
  }

  private static void pause(Duration time) throws CacheException {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CacheException("interrupted");
    }
  }
}
