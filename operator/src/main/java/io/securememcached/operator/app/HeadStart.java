package io.securememcached.operator.app;

import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/**
 * Work for the second core while the first one puts the operator together.
 *
 * <p>The first message to the API server holds a key of the curve P-256 (RFC 8446, section 4.2.8),
 * and the first key takes a table of multiples of the curve's generator: 50 ms of a JVM that has
 * only just started.
 */
final class HeadStart {

  private HeadStart() {}

  /** Makes the table in a thread of its own. */
  static void begin() {
    Thread.ofPlatform().daemon().name("head-start").start(HeadStart::makeKey);
  }

  private static void makeKey() {
    try {
      KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
      keys.initialize(new ECGenParameterSpec("secp256r1"));
      keys.generateKeyPair();
    } catch (GeneralSecurityException e) {
      // A JVM without the curve; it speaks by another one.
    }
  }
}
