package io.securememcached.operator.e2e;

import io.securememcached.operator.memcached.MemcachedClient;
import io.securememcached.operator.memcached.MemcachedException;
import io.securememcached.operator.memcached.PlainCredentials;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A client as applications are: it logs in on new connections all the time, to each server in turn,
 * and reads its Secret again only every now and then.
 */
final class LoadClient implements AutoCloseable {

  private final Supplier<PlainCredentials> secret;
  private final Duration reads;
  private final AtomicInteger requests = new AtomicInteger();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean stopped;

  private PlainCredentials login;
  private volatile Instant readAt;

  /**
   * Starts.
   *
   * @param secret reads the Secret
   * @param reads how long it goes on with what it read
   */
  LoadClient(List<Relay> servers, Supplier<PlainCredentials> secret, Duration reads) {
    this.secret = secret;
    this.reads = reads;
    this.login = secret.get();
    this.readAt = Instant.now();
    servers.forEach(server -> threads.execute(() -> load(server)));
  }

  int requests() {
    return requests.get();
  }

  /** What went wrong, in words. */
  List<String> failures() {
    return failures;
  }

  @Override
  public void close() {
    stopped = true;
    threads.close();
  }

  private void load(Relay server) {
    while (!stopped) {
      try (MemcachedClient client = server.connect()) {
        // The way to the server takes its time to open, and a login ages meanwhile.
        client.version();
        use(server, client, login());
      } catch (MemcachedException e) {
        failures.add(server + ": " + e.getMessage());
      }
    }
  }

  private void use(Relay server, MemcachedClient client, PlainCredentials as)
      throws MemcachedException {
    if (!client.authenticate(as).ok()) {
      failures.add(
          "%s: login refused to %s, %d ms after it was read"
              .formatted(server, as.user(), Duration.between(readAt, Instant.now()).toMillis()));
      return;
    }
    byte[] value = "v".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 5; i++) {
      requests.addAndGet(2);
      if (!client.set("load", value, Duration.ZERO).ok() || !client.get("load").ok()) {
        failures.add(server + ": request refused");
      }
    }
  }

  private synchronized PlainCredentials login() {
    if (Instant.now().isAfter(readAt.plus(reads))) {
      login = secret.get();
      readAt = Instant.now();
    }
    return login;
  }
}
