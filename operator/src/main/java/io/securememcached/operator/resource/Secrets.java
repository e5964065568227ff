package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The Secrets: what the servers read, what clients read, and the operator's own login. */
public final class Secrets {

  /** Key of the user name in a Secret with a login. */
  public static final String USERNAME = "username";

  /** Key of the password in a Secret with a login. */
  public static final String PASSWORD = "password";

  private static final String COMPONENT = "credentials";

  private Secrets() {}

  static Secret sasl(SecureMemcached primary, Credentials credentials) {
    return new SecretBuilder()
        .withMetadata(Labels.meta(primary, Names.sasl(primary), "sasl").build())
        .withType("Opaque")
        .addToData(
            SaslConfig.CONFIG_FILE, base64(SaslConfig.text().getBytes(StandardCharsets.UTF_8)))
        .addToData(SaslConfig.SASLDB_FILE, base64(SaslDb.write(credentials.entriesFor(primary))))
        .build();
  }

  /** A provisioned service of the Service Binding specification, see servicebinding.io. */
  static Secret credentials(SecureMemcached primary, Credentials credentials, String user) {
    String host = Names.host(primary);
    int port = primary.getSpec().port();
    String password = credentials.passwordOf(user);
    Map<String, String> values = new TreeMap<>();
    values.put("type", "memcached");
    values.put("provider", "securememcached");
    values.put("host", host);
    values.put("port", Integer.toString(port));
    values.put(USERNAME, user);
    values.put(PASSWORD, password);
    values.put("uri", "memcached://" + user + ":" + password + "@" + host + ":" + port);
    values.put(
        "servers",
        Names.servers(primary).stream()
            .map(server -> Names.host(primary, server) + ":" + port)
            .collect(Collectors.joining(",")));
    return login(primary, Names.credentials(primary, user), "servicebinding.io/memcached", values);
  }

  static Secret operator(SecureMemcached primary, Credentials credentials) {
    return login(
        primary,
        Names.operator(primary),
        "Opaque",
        Map.of(
            USERNAME,
            Credentials.OPERATOR_USER,
            PASSWORD,
            credentials.passwordOf(Credentials.OPERATOR_USER)));
  }

  private static Secret login(
      SecureMemcached primary, String name, String type, Map<String, String> values) {
    return new SecretBuilder()
        .withMetadata(Labels.meta(primary, name, COMPONENT).build())
        .withType(type)
        .withData(
            values.entrySet().stream()
                .collect(
                    Collectors.toMap(
                        Map.Entry::getKey,
                        value -> base64(value.getValue().getBytes(StandardCharsets.UTF_8)))))
        .build();
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
