package client;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import net.spy.memcached.AddrUtil;
import net.spy.memcached.ConnectionObserver;
import net.spy.memcached.MemcachedClient;

/**
 * A client of the library, until it loses a connection: then it is shut down, and has to be
 * replaced. Left alone it would go on with
 *
 * <ul>
 *   <li>the address that a server's name had at the start, though a new pod has a new one;
 *   <li>after a refused login, a new connection whose first command is the second step of that
 *       login (SASL_STEP), which crashes memcached before 1.5.9.
 * </ul>
 */
final class Session implements ConnectionObserver {

  private final Set<SocketAddress> connected = ConcurrentHashMap.newKeySet();
  private final CountDownLatch missing;
  private final MemcachedClient client;
  private volatile String lost = "";
  private volatile Future<?> pending = CompletableFuture.completedFuture("");

  /**
   * Connects to all servers; one that is down does not keep the others from being used.
   *
   * @throws IllegalArgumentException when a server's name is not known
   */
  Session(Login login) throws IOException, InterruptedException {
    List<String> servers = List.of(login.servers().split(","));
    missing = new CountDownLatch(servers.size());
    client =
        new MemcachedClient(
            new Connections(login, Collections.singleton(this)), AddrUtil.getAddresses(servers));
    missing.await(Connections.TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  MemcachedClient client() {
    return client;
  }

  /** Waits for an answer; there is none if the connection is lost. */
  <T> T answer(Function<MemcachedClient, Future<T>> command)
      throws InterruptedException, ExecutionException, TimeoutException {
    Future<T> future = command.apply(client);
    pending = future;
    if (!lost.isEmpty()) {
      future.cancel(true);
    }
    return future.get(Connections.TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Which connection was lost; empty as long as none was. */
  String lost() {
    return lost;
  }

  @Override
  public void connectionEstablished(SocketAddress server, int reconnects) {
    connected.add(server);
    missing.countDown();
  }

  @Override
  public void connectionLost(SocketAddress server) {
    if (connected.contains(server)) {
      lost = "the connection to " + server + " ended";
      client.shutdown();
      // The library lets it wait for its time-out.
      pending.cancel(true);
    }
  }
}
