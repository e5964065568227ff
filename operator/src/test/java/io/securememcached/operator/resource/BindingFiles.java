package io.securememcached.operator.resource;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import io.securememcached.operator.rotation.Login;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Collectors;

/** The Secret of a login, as the operator writes it and a volume shows it. */
public final class BindingFiles {

  private static final int PORT = 11211;

  private BindingFiles() {}

  /**
   * Writes a file for each key of the Secret.
   *
   * @param root value of SERVICE_BINDING_ROOT; the files are in its folder memcached
   * @param replicas number of servers
   * @return the Secret's keys and their values
   */
  public static Map<String, String> write(
      Path root, String namespace, String name, int replicas, Login login) throws IOException {
    SecureMemcached primary =
        Serialization.unmarshal(
            "metadata: {namespace: %s, name: %s, uid: uid}\nspec: {replicas: %d}\n"
                .formatted(namespace, name, replicas),
            SecureMemcached.class);
    Path folder = Files.createDirectories(root.resolve("memcached"));
    Map<String, String> values =
        Secrets.credentials(primary, login, login.name(), PORT).getData().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> decoded(entry.getValue())));
    for (Map.Entry<String, String> entry : values.entrySet()) {
      Files.writeString(folder.resolve(entry.getKey()), entry.getValue());
    }
    return values;
  }

  private static String decoded(String value) {
    return new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8);
  }
}
