package io.securememcached.operator.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.Guarded;
import io.securememcached.operator.api.v1beta1.Image;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.rotation.Login;
import io.securememcached.operator.rotation.Logins;
import io.securememcached.operator.rotation.UserLogins;
import io.securememcached.operator.sasl.SaslConfig;
import io.securememcached.operator.sasl.SaslDb;
import io.securememcached.operator.testing.KubectlYaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The example resources in src/test/resources/crs, and their children as src/test/resources/golden
 * has them: Secrets in plain text, passwords made up.
 */
public final class Golden {

  /** Stands for the uid that the API server gives an example. */
  public static final String UID = "00000000-0000-0000-0000-000000000001";

  /** The namespace of all examples. */
  public static final String NAMESPACE = "golden";

  /** As {@code TestingOperator.ENVIRONMENT} has it. */
  public static final Settings SETTINGS =
      new Settings(
          "securememcached",
          Map.of("app.kubernetes.io/name", "securememcached-operator"),
          Map.of(
              Image.Flavor.CentOS7, "registry.example/memcached:1.4.15-centos7",
              Image.Flavor.Debian12, "registry.example/memcached:1.6.18-debian12"));

  private static final Path RESOURCES = Guarded.ROOT.resolve("operator/src/test/resources");

  private Golden() {}

  /** Names of the examples. */
  public static List<String> examples() {
    try (Stream<Path> files = Files.list(RESOURCES.resolve("crs"))) {
      return files
          .map(file -> file.getFileName().toString().replace(".yaml", ""))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An example as its user writes it. */
  public static SecureMemcached example(String name) {
    try {
      return Serialization.unmarshal(
          KubectlYaml.json(Files.readString(RESOURCES.resolve("crs/" + name + ".yaml"))),
          SecureMemcached.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Made-up logins of a resource. */
  public static Logins logins(SecureMemcached primary) {
    return Logins.none(Map.of())
        .withUsers(
            Credentials.usersOf(primary).stream()
                .collect(
                    Collectors.toMap(
                        user -> user,
                        user ->
                            UserLogins.of(
                                new Login(user, "password-of-" + user), 1, Instant.EPOCH))));
  }

  /** The children that the operator wants for an example. */
  public static List<HasMetadata> desired(SecureMemcached primary) {
    primary.getMetadata().setUid(UID);
    return Children.desired(primary, SETTINGS, logins(primary));
  }

  /** Path of an example's golden file under the top level. */
  public static String file(String name) {
    return "operator/src/test/resources/golden/" + name + ".yaml";
  }

  /** Children as a golden file has them. */
  public static String render(List<? extends HasMetadata> children) {
    return children.stream()
        .map(child -> Serialization.asYaml(readable(tree(child))))
        .collect(Collectors.joining());
  }

  /**
   * A live child as a golden file would have it: with the fields of the desired one only, as the
   * API server adds many of its own.
   */
  public static HasMetadata likeDesired(HasMetadata live, HasMetadata desired) {
    live.getMetadata().getOwnerReferences().forEach(owner -> owner.setUid(UID));
    live.getMetadata().getLabels().replace(Labels.RESOURCE_UID, UID);
    return Serialization.unmarshal(
        Serialization.asYaml(likeDesired(tree(live), tree(desired))), desired.getClass());
  }

  private static JsonNode likeDesired(JsonNode live, JsonNode desired) {
    if (live instanceof ObjectNode object && desired instanceof ObjectNode wanted) {
      object.properties().removeIf(field -> !wanted.has(field.getKey()));
      // The API server stores no value for some fields that are false.
      wanted.properties().stream()
          .filter(field -> field.getValue().isBoolean() && !object.has(field.getKey()))
          .filter(field -> !field.getValue().asBoolean())
          .forEach(field -> object.put(field.getKey(), false));
      object
          .properties()
          .forEach(field -> likeDesired(field.getValue(), wanted.get(field.getKey())));
    } else if (live instanceof ArrayNode list && desired instanceof ArrayNode wanted) {
      IntStream.range(0, Math.min(list.size(), wanted.size()))
          .forEach(i -> likeDesired(list.get(i), wanted.get(i)));
    }
    return live;
  }

  private static JsonNode tree(HasMetadata child) {
    return Serialization.unmarshal(Serialization.asJson(child), JsonNode.class);
  }

  /** Base64 says nothing to a reader, and a sasldb even less. */
  private static JsonNode readable(JsonNode child) {
    if (child.get("data") instanceof ObjectNode data) {
      Map<String, String> values = new TreeMap<>();
      data.properties()
          .forEach(value -> values.put(value.getKey(), text(value.getKey(), value.getValue())));
      data.removeAll();
      values.forEach(data::put);
    }
    return child;
  }

  private static String text(String key, JsonNode base64) {
    byte[] bytes = Base64.getDecoder().decode(base64.asText());
    return key.equals(SaslConfig.SASLDB_FILE)
        ? sasldb(bytes)
        : new String(bytes, StandardCharsets.UTF_8);
  }

  private static String sasldb(byte[] file) {
    return SaslDb.read(file).stream()
        .map(entry -> entry.user() + "@" + entry.realm() + " " + entry.password() + "\n")
        .collect(Collectors.joining());
  }
}
