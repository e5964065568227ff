package io.securememcached.operator.credentials;

import io.fabric8.kubernetes.api.model.Secret;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.sasl.SaslEntry;
import io.securememcached.operator.testing.Scene;
import java.util.Base64;
import java.util.List;

/** Looks into the sasldb of a scene. */
public final class SaslFiles {

  private SaslFiles() {}

  public static byte[] sasldb(Scene scene, String secret) {
    return Base64.getDecoder()
        .decode(scene.child(Secret.class, secret).get().getData().get(SaslConfig.SASLDB_FILE));
  }

  /** The login names of a user, sorted. */
  static List<String> names(byte[] sasldb, String user) {
    return SaslDb.read(sasldb).stream()
        .map(SaslEntry::user)
        .filter(name -> name.startsWith(user))
        .distinct()
        .sorted()
        .toList();
  }
}
