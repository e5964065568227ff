package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.securememcached.operator.api.v1beta1.DeletionPolicy;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.memcached.ServerAddress;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.LoginsText;
import io.securememcached.operator.sasl.SaslConfig;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The Secrets: what the servers read, what clients read, and the operator's own login. */
public final class Secrets {

  /** Key of the user name in a Secret with a login. */
  public static final String USERNAME = "username";

  /** Key of the password in a Secret with a login. */
  public static final String PASSWORD = "password";

  /** Annotation with the state of the logins in the sasldb, see {@link LoginsText}. */
  public static final String LOGINS = "securememcached.io/logins";

  private static final String COMPONENT = "credentials";

  /** Type of the Secrets for clients (Service Binding specification 1.1, Provisioned Service). */
  private static final String BINDING = "servicebinding.io/memcached";

  private Secrets() {}

  /** Whether a Secret has the form of this operator's Secrets. */
  public static boolean isOurs(Secret secret) {
    Map<String, String> annotations = secret.getMetadata().getAnnotations();
    return BINDING.equals(secret.getType())
        || annotations != null && annotations.containsKey(LOGINS);
  }

  static Secret sasl(SecureMemcached primary, Logins logins, byte[] sasldb) {
    return new SecretBuilder()
        .withMetadata(
            meta(primary, Names.sasl(primary), "sasl")
                .addToAnnotations(LOGINS, LoginsText.write(logins))
                .build())
        .withType("Opaque")
        .addToData(
            SaslConfig.CONFIG_FILE, base64(SaslConfig.text().getBytes(StandardCharsets.UTF_8)))
        .addToData(SaslConfig.SASLDB_FILE, base64(sasldb))
        .build();
  }

  /** A provisioned service of the Service Binding specification, see servicebinding.io. */
  static Secret credentials(SecureMemcached primary, Login login, String user, int port) {
    return binding(
        primary,
        Names.credentials(primary, user),
        login,
        Names.host(primary),
        port,
        Names.servers(primary).stream()
            .map(server -> Names.host(primary, server) + ":" + port)
            .toList());
  }

  /**
   * The same for clients outside of the cluster, of which the first server is the host.
   *
   * @param hosts addresses of the servers that have one, by number; one or more
   */
  static Secret externalCredentials(
      SecureMemcached primary, Login login, String user, List<String> hosts, int port) {
    return binding(
        primary,
        Names.externalCredentials(primary, user),
        login,
        hosts.getFirst(),
        port,
        hosts.stream().map(host -> authority(host, port)).toList());
  }

  private static Secret binding(
      SecureMemcached primary,
      String name,
      Login login,
      String host,
      int port,
      List<String> servers) {
    Map<String, String> values = new TreeMap<>();
    values.put("type", "memcached");
    values.put("provider", "securememcached");
    values.put("host", host);
    values.put("port", Integer.toString(port));
    values.put(USERNAME, login.name());
    values.put(PASSWORD, login.password());
    values.put(
        "uri",
        "memcached://%s:%s@%s"
            .formatted(
                encoded(login.name()),
                encoded(login.password()),
                servers.size() > 1 ? String.join(",", servers) : authority(host, port)));
    values.put("servers", String.join(",", servers));
    return new SecretBuilder()
        .withMetadata(meta(primary, name, COMPONENT).build())
        .withType(BINDING)
        .withData(base64(values))
        .build();
  }

  /** An IPv6 address in brackets. */
  private static String authority(String host, int port) {
    return ServerAddress.of(host, port).map(ServerAddress::toString).orElse(host + ":" + port);
  }

  /** The operator's own login, and a second copy of the sasldb as a backup. */
  static Secret operator(SecureMemcached primary, Logins logins, byte[] sasldb) {
    Map<String, String> data = new TreeMap<>();
    logins
        .of(Credentials.OPERATOR_USER)
        .current()
        .ifPresent(
            login ->
                data.putAll(base64(Map.of(USERNAME, login.name(), PASSWORD, login.password()))));
    data.put(SaslConfig.SASLDB_FILE, base64(sasldb));
    return new SecretBuilder()
        .withMetadata(
            meta(primary, Names.operator(primary), COMPONENT)
                .addToAnnotations(LOGINS, LoginsText.write(logins))
                .build())
        .withType("Opaque")
        .withData(data)
        .build();
  }

  /** Retained Secrets have no owner, as a restored resource has another uid. */
  private static ObjectMetaBuilder meta(SecureMemcached primary, String name, String component) {
    ObjectMetaBuilder meta = Labels.meta(primary, name, component);
    return primary.getSpec().deletionPolicy() == DeletionPolicy.Retain
        ? meta.withOwnerReferences(List.of())
        : meta;
  }

  /** A user-provided password may contain reserved characters of a URI (RFC 3986, 2.1). */
  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static Map<String, String> base64(Map<String, String> values) {
    return values.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, value -> base64(value.getValue())));
  }

  /** A value as a Secret holds it. */
  public static String base64(String value) {
    return base64(value.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
