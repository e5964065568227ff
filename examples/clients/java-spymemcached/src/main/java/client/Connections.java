package client;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import net.spy.memcached.BinaryConnectionFactory;
import net.spy.memcached.ConnectionObserver;
import net.spy.memcached.DefaultHashAlgorithm;
import net.spy.memcached.FailureMode;
import net.spy.memcached.KetamaNodeKeyFormatter;
import net.spy.memcached.KetamaNodeLocator;
import net.spy.memcached.MemcachedNode;
import net.spy.memcached.NodeLocator;
import net.spy.memcached.auth.AuthDescriptor;

/** How the library connects: binary protocol, SASL PLAIN, consistent hashing. */
final class Connections extends BinaryConnectionFactory {

  /** For connecting, logging in and an answer together. */
  static final Duration TIMEOUT = Duration.ofSeconds(3);

  private final AuthDescriptor login;
  private final Collection<ConnectionObserver> observers;

  Connections(Login login, Collection<ConnectionObserver> observers) {
    super(DEFAULT_OP_QUEUE_LEN, DEFAULT_READ_BUFFER_SIZE, DefaultHashAlgorithm.KETAMA_HASH);
    // Not "typical": that tries CRAM-MD5 first, which the servers do not have.
    this.login = new AuthDescriptor(new String[] {"PLAIN"}, login);
    this.observers = observers;
  }

  @Override
  public Collection<ConnectionObserver> getInitialObservers() {
    return observers;
  }

  @Override
  public AuthDescriptor getAuthDescriptor() {
    return login;
  }

  /** The default format also hashes a server's address, and a new pod has a new one. */
  @Override
  public NodeLocator createLocator(List<MemcachedNode> nodes) {
    return new KetamaNodeLocator(
        nodes, getHashAlg(), KetamaNodeKeyFormatter.Format.LIBMEMCACHED, Map.of());
  }

  /** The default would ask the next server for keys that it does not have. */
  @Override
  public FailureMode getFailureMode() {
    return FailureMode.Cancel;
  }

  @Override
  public long getOperationTimeout() {
    return TIMEOUT.toMillis();
  }
}
