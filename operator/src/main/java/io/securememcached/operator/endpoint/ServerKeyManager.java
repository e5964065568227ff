package io.securememcached.operator.endpoint;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/** Gives each handshake the identity of that moment: certificates are renewed while this runs. */
final class ServerKeyManager extends X509ExtendedKeyManager {

  private final Supplier<TlsIdentity> identities;

  /** Of the latest handshake, and the one before it: a handshake must not mix two of them. */
  private TlsIdentity current;

  private TlsIdentity former;

  private ServerKeyManager(Supplier<TlsIdentity> identities) {
    this.identities = identities;
    current = identities.get();
    former = current;
  }

  static SSLContext context(Supplier<TlsIdentity> identities) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {new ServerKeyManager(identities)}, null, null);
      return context;
    } catch (GeneralSecurityException e) {
      // Every Java platform has TLS.
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
    TlsIdentity identity = latest();
    return identity.key().getAlgorithm().equals(keyType) ? alias(identity) : null;
  }

  @Override
  public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
    return chooseEngineServerAlias(keyType, issuers, null);
  }

  @Override
  public String[] getServerAliases(String keyType, Principal[] issuers) {
    return new String[] {keyType};
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return named(alias).chain().toArray(X509Certificate[]::new);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return named(alias).key();
  }

  private synchronized TlsIdentity latest() {
    TlsIdentity latest = identities.get();
    if (!latest.equals(current)) {
      former = current;
      current = latest;
    }
    return current;
  }

  private synchronized TlsIdentity named(String alias) {
    return alias.equals(alias(current)) ? current : former;
  }

  private static String alias(TlsIdentity identity) {
    return identity.chain().getFirst().getSerialNumber().toString();
  }

  @Override
  public String[] getClientAliases(String keyType, Principal[] issuers) {
    return new String[0];
  }

  @Override
  public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
    return null;
  }
}
