package io.securememcached.operator.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.securememcached.operator.api.v1beta1.SecureMemcached;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an upgrade of the operator must leave as it is, for one resource.
 *
 * @param spec as users read it from the API server
 * @param children uid of each object with the resource's label, by kind and name
 * @param servers uid and restarts of each server's pod, by its name
 * @param logins keys and values of the Secrets for clients, by the Secret's name
 * @param conditions status of each condition, by its type
 */
record UpgradeSnapshot(
    JsonNode spec,
    Map<String, String> children,
    Map<String, String> servers,
    Map<String, Map<String, String>> logins,
    Map<String, String> conditions) {

  /** False while servers wait for an approval of what the upgrade brings; docs/updates.md. */
  private static final String MAY_CHANGE = "UpToDate";

  /** Names of the Secrets for clients go on so. */
  private static final String CLIENTS = "-credentials";

  static UpgradeSnapshot of(Sandbox sandbox, String name) {
    Owned owned = new Owned(sandbox);
    Map<String, String> children = new TreeMap<>();
    Map<String, Map<String, String>> logins = new TreeMap<>();
    for (HasMetadata child : owned.childrenOf(name)) {
      children.put(Owned.id(child), child.getMetadata().getUid());
      if (child instanceof Secret secret
          && secret.getMetadata().getName().startsWith(name + CLIENTS)) {
        logins.put(secret.getMetadata().getName(), new TreeMap<>(secret.getData()));
      }
    }
    Map<String, String> servers = new TreeMap<>();
    for (Pod pod : owned.podsOf(name)) {
      servers.put(
          pod.getMetadata().getName(),
          pod.getMetadata().getUid()
              + ", restarts: "
              + pod.getStatus().getContainerStatuses().stream()
                  .mapToInt(ContainerStatus::getRestartCount)
                  .sum());
    }
    Map<String, String> conditions = new TreeMap<>();
    sandbox
        .get(name)
        .getStatus()
        .conditions()
        .forEach(condition -> conditions.put(condition.getType(), condition.getStatus()));
    return new UpgradeSnapshot(spec(sandbox, name), children, servers, logins, conditions);
  }

  /** Not by the classes of this version, which read no more than they know. */
  private static JsonNode spec(Sandbox sandbox, String name) {
    GenericKubernetesResource resource =
        sandbox
            .client()
            .genericKubernetesResources(
                HasMetadata.getApiVersion(SecureMemcached.class), "SecureMemcached")
            .inNamespace(sandbox.namespace())
            .withName(name)
            .get();
    return Serialization.unmarshal(Serialization.asJson(resource.get("spec")), JsonNode.class);
  }

  /** What is other than before, in words; no password among them. */
  List<String> differencesFrom(UpgradeSnapshot before) {
    List<String> differences = new ArrayList<>();
    missing("spec", before.spec, spec, differences);
    kept("child", before.children, children, differences);
    kept("server", before.servers, servers, differences);
    before.logins.forEach(
        (secret, keys) ->
            keys.forEach(
                (key, value) -> {
                  if (!value.equals(logins.getOrDefault(secret, Map.of()).get(key))) {
                    differences.add("login: key " + key + " of Secret " + secret);
                  }
                }));
    kept("condition", before.conditions, conditions, differences);
    differences.removeIf(difference -> difference.startsWith("condition " + MAY_CHANGE));
    return differences;
  }

  private static void kept(
      String what, Map<String, String> before, Map<String, String> now, List<String> differences) {
    before.forEach(
        (name, value) -> {
          if (!value.equals(now.get(name))) {
            differences.add(
                "%s %s: was %s, is %s".formatted(what, name, value, now.getOrDefault(name, "-")));
          }
        });
  }

  /** A newer CRD may add fields with defaults; what was there stays. */
  private static void missing(
      String path, JsonNode before, JsonNode now, List<String> differences) {
    if (before.isObject() && now.isObject()) {
      before
          .properties()
          .forEach(
              field ->
                  missing(
                      path + "." + field.getKey(),
                      field.getValue(),
                      now.path(field.getKey()),
                      differences));
    } else if (before.isArray() && now.isArray() && before.size() == now.size()) {
      for (int i = 0; i < before.size(); i++) {
        missing(path + "[" + i + "]", before.get(i), now.get(i), differences);
      }
    } else if (!before.equals(now)) {
      differences.add("%s: was %s, is %s".formatted(path, before, now));
    }
  }
}
