package client;

import java.time.Duration;
import java.time.LocalTime;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Logs in to all servers of a SecureMemcached, then sets and gets keys on them. */
public final class Main {

  private static final int KEYS = 1000;
  // Under --load; only a login sees that it changed.
  private static final Duration INTERVAL = Duration.ofMillis(5);
  private static final int REQUESTS_PER_LOGIN = 20;

  private Main() {}

  public static void main(String[] arguments) {
    System.setProperty("net.spy.log.LoggerImpl", "net.spy.memcached.compat.log.SunLogger");
    // It logs each connection, and all of a refused login again and again.
    Logger.getLogger("net.spy.memcached").setLevel(Level.OFF);
    try (Cache cache = new Cache()) {
      boolean isLoad = arguments.length == 2 && arguments[0].equals("--load");
      if (!isLoad && arguments.length > 0) {
        throw new CacheException("usage: client.jar [--load SECONDS]");
      }
      if (isLoad) {
        load(cache, Duration.ofSeconds(Long.parseLong(arguments[1])));
      } else {
        check(cache);
      }
    } catch (CacheException | RuntimeException e) {
      System.err.println("error: " + e.getMessage());
      System.exit(1);
    }
  }

  /** Sets and gets keys, and proves that each server has got some. */
  private static void check(Cache cache) throws CacheException {
    for (int i = 0; i < KEYS; i++) {
      cache.set("java-spymemcached-" + i, "value " + i);
    }
    for (int i = 0; i < KEYS; i++) {
      Object value = cache.get("java-spymemcached-" + i);
      if (!("value " + i).equals(value)) {
        throw new CacheException("java-spymemcached-" + i + " came back as " + value);
      }
    }
    long used =
        cache.statistics().values().stream()
            .filter(statistics -> Long.parseLong(statistics.getOrDefault("curr_items", "0")) > 0)
            .count();
    System.out.printf("ok: %d keys on %d servers as %s%n", KEYS, used, new Login().user());
  }

  /** Sets and gets at a steady rate, with a login every few requests; counts what fails. */
  private static void load(Cache cache, Duration time) throws CacheException {
    int requests = 0;
    int failed = 0;
    String reason = "";
    long due = System.nanoTime();
    long end = due + time.toNanos();
    while (due < end) {
      LockSupport.parkNanos(due - System.nanoTime());
      // Time lost in a retry is not caught up in a burst.
      due = Math.max(due, System.nanoTime() - 1_000_000_000L) + INTERVAL.toNanos();
      if (requests % REQUESTS_PER_LOGIN == 0) {
        cache.close();
      }
      String key = "load-" + requests / 2 % KEYS;
      try {
        if (requests % 2 == 0) {
          cache.set(key, Integer.toString(requests));
        } else if (!Integer.toString(requests - 1).equals(cache.get(key))) {
          throw new CacheException(key + " has another value than the one set just before");
        }
      } catch (CacheException | RuntimeException e) {
        failed++;
        if (!reason.equals(e.getMessage())) {
          reason = e.getMessage();
          System.err.printf("%tT failed: %s%n", LocalTime.now(), reason);
        }
      }
      requests++;
    }
    System.out.printf("requests=%d failed=%d%n", requests, failed);
    if (failed > 0) {
      System.exit(1);
    }
  }
}
