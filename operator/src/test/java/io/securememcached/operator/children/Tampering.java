package io.securememcached.operator.children;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.securememcached.operator.testing.Scene;
import java.util.List;

/**
 * What somebody does to a child of the resource {@code cache}, as a JSON patch (RFC 6902).
 *
 * @param survivesApply whether server-side apply of the wanted child would leave it in place
 */
record Tampering(
    String what,
    Class<? extends HasMetadata> kind,
    String child,
    boolean survivesApply,
    String patch) {

  private static final String POD = "/spec/template/spec";
  private static final String CONTAINER = POD + "/containers/0";
  private static final String DENY = "cache-default-deny";
  private static final String ZONE = "cache-zone-web";

  /** Fields of which the operator owns none are added. */
  private static Tampering adds(
      String what, Class<? extends HasMetadata> kind, String child, String path, String value) {
    return new Tampering(what, kind, child, true, operation("add", path, value));
  }

  /** Something is added to what the operator owns as a whole. */
  private static Tampering extendsOwned(
      String what, Class<? extends HasMetadata> kind, String child, String path, String value) {
    return new Tampering(what, kind, child, false, operation("add", path, value));
  }

  /** A key of a list is changed, which makes another element of it. */
  private static Tampering renames(
      String what, Class<? extends HasMetadata> kind, String child, String path, String value) {
    return new Tampering(what, kind, child, true, operation("replace", path, value));
  }

  /** Fields that the operator wrote are changed. */
  private static Tampering sets(
      String what, Class<? extends HasMetadata> kind, String child, String path, String value) {
    return new Tampering(what, kind, child, false, operation("replace", path, value));
  }

  /** Fields that the operator wrote are taken away. */
  private static Tampering removes(
      String what, Class<? extends HasMetadata> kind, String child, String path) {
    return new Tampering(
        what, kind, child, false, "[{\"op\": \"remove\", \"path\": \"" + path + "\"}]");
  }

  private static String operation(String operation, String path, String value) {
    return "[{\"op\": \"%s\", \"path\": \"%s\", \"value\": %s}]".formatted(operation, path, value);
  }

  void apply(Scene scene) {
    scene.child(kind, child).patch(PatchContext.of(PatchType.JSON), patch);
  }

  static List<Tampering> policies() {
    return List.of(
        adds("a rule for all", NetworkPolicy.class, DENY, "/spec/ingress", "[{}]"),
        adds("a way out", NetworkPolicy.class, DENY, "/spec/egress", "[{}]"),
        removes("no policy types", NetworkPolicy.class, DENY, "/spec/policyTypes"),
        sets("no egress", NetworkPolicy.class, DENY, "/spec/policyTypes", "[\"Ingress\"]"),
        sets(
            "other pods",
            NetworkPolicy.class,
            DENY,
            "/spec/podSelector",
            "{\"matchLabels\": {\"app\": \"other\"}}"),
        extendsOwned(
            "fewer pods",
            NetworkPolicy.class,
            DENY,
            "/spec/podSelector/matchLabels/app",
            "\"other\""),
        extendsOwned("one more rule", NetworkPolicy.class, ZONE, "/spec/ingress/-", "{}"),
        extendsOwned(
            "one more peer",
            NetworkPolicy.class,
            ZONE,
            "/spec/ingress/0/from/-",
            "{\"podSelector\": {}}"),
        removes("no peers, which is all", NetworkPolicy.class, ZONE, "/spec/ingress/0/from"),
        removes("no ports, which is all", NetworkPolicy.class, ZONE, "/spec/ingress/0/ports"),
        extendsOwned(
            "a range of ports",
            NetworkPolicy.class,
            ZONE,
            "/spec/ingress/0/ports/0/endPort",
            "65535"),
        sets(
            "a larger network",
            NetworkPolicy.class,
            ZONE,
            "/spec/ingress/0/from/0/ipBlock/cidr",
            "\"10.0.0.0/8\""),
        extendsOwned(
            "a way for all", NetworkPolicy.class, "cache-operator", "/spec/ingress/-", "{}"),
        sets(
            "another operator",
            NetworkPolicy.class,
            "cache-operator",
            "/spec/ingress/0/from/0/namespaceSelector",
            "{}"));
  }

  static List<Tampering> services() {
    return List.of(
        sets("a NodePort", Service.class, "cache", "/spec/type", "\"NodePort\""),
        sets("a load balancer", Service.class, "cache", "/spec/type", "\"LoadBalancer\""),
        adds("an external address", Service.class, "cache", "/spec/externalIPs", "[\"192.0.2.1\"]"),
        adds(
            "addresses of servers that are not ready",
            Service.class,
            "cache",
            "/spec/publishNotReadyAddresses",
            "true"),
        sets("other pods", Service.class, "cache", "/spec/selector", "{\"app\": \"other\"}"),
        extendsOwned("fewer pods", Service.class, "cache", "/spec/selector/app", "\"other\""),
        adds(
            "one more port",
            Service.class,
            "cache",
            "/spec/ports/-",
            "{\"name\": \"more\", \"port\": 22, \"protocol\": \"TCP\"}"),
        renames("another port", Service.class, "cache", "/spec/ports/0/port", "22"),
        sets(
            "another port of the server",
            Service.class,
            "cache-nodes",
            "/spec/ports/0/targetPort",
            "22"),
        adds(
            "an external address of the servers",
            Service.class,
            "cache-nodes",
            "/spec/externalIPs",
            "[\"192.0.2.1\"]"));
  }

  static List<Tampering> pods() {
    String sidecar = "{\"name\": \"spy\", \"image\": \"registry.example/spy\"}";
    return List.of(
        adds("a container", StatefulSet.class, "cache", POD + "/containers/-", sidecar),
        adds("a first container", StatefulSet.class, "cache", POD + "/containers/0", sidecar),
        adds(
            "an init container",
            StatefulSet.class,
            "cache",
            POD + "/initContainers",
            "[" + sidecar + "]"),
        extendsOwned(
            "the node's network", StatefulSet.class, "cache", POD + "/hostNetwork", "true"),
        extendsOwned("the node's processes", StatefulSet.class, "cache", POD + "/hostPID", "true"),
        extendsOwned("the node's IPC", StatefulSet.class, "cache", POD + "/hostIPC", "true"),
        adds(
            "one process namespace",
            StatefulSet.class,
            "cache",
            POD + "/shareProcessNamespace",
            "true"),
        adds(
            "a folder of the node",
            StatefulSet.class,
            "cache",
            POD + "/volumes/-",
            "{\"name\": \"node\", \"hostPath\": {\"path\": \"/\"}}"),
        sets(
            "servers without the SASL Secret",
            StatefulSet.class,
            "cache",
            POD + "/volumes/0/secret/optional",
            "true"),
        sets(
            "another SASL Secret",
            StatefulSet.class,
            "cache",
            POD + "/volumes/0/secret/secretName",
            "\"other\""),
        adds(
            "part of the SASL Secret",
            StatefulSet.class,
            "cache",
            POD + "/volumes/0/secret/items",
            "[{\"key\": \"memcached-sasldb2\", \"path\": \"memcached-sasldb2\"}]"),
        sets(
            "a token of the API",
            StatefulSet.class,
            "cache",
            POD + "/automountServiceAccountToken",
            "true"),
        sets(
            "another account",
            StatefulSet.class,
            "cache",
            POD + "/serviceAccountName",
            "\"other\""),
        sets("root", StatefulSet.class, "cache", POD + "/securityContext/runAsUser", "0"),
        sets(
            "maybe root",
            StatefulSet.class,
            "cache",
            POD + "/securityContext/runAsNonRoot",
            "false"),
        adds(
            "one more group",
            StatefulSet.class,
            "cache",
            POD + "/securityContext/supplementalGroups",
            "[0]"));
  }

  static List<Tampering> containers() {
    return List.of(
        sets(
            "no login",
            StatefulSet.class,
            "cache",
            CONTAINER + "/args",
            "[\"-l\", \"0.0.0.0\", \"-p\", \"11211\"]"),
        extendsOwned(
            "one more argument", StatefulSet.class, "cache", CONTAINER + "/args/-", "\"-vv\""),
        sets("another command", StatefulSet.class, "cache", CONTAINER + "/command", "[\"sh\"]"),
        sets("another image", StatefulSet.class, "cache", CONTAINER + "/image", "\"evil\""),
        removes("no SASL configuration", StatefulSet.class, "cache", CONTAINER + "/volumeMounts/0"),
        renames(
            "SASL configuration elsewhere",
            StatefulSet.class,
            "cache",
            CONTAINER + "/volumeMounts/0/mountPath",
            "\"/etc/other\""),
        adds(
            "one file of the SASL configuration",
            StatefulSet.class,
            "cache",
            CONTAINER + "/volumeMounts/0/subPath",
            "\"memcached.conf\""),
        removes("no path of it", StatefulSet.class, "cache", CONTAINER + "/env/1"),
        sets(
            "another path of it",
            StatefulSet.class,
            "cache",
            CONTAINER + "/env/1/value",
            "\"/tmp\""),
        adds(
            "one more variable",
            StatefulSet.class,
            "cache",
            CONTAINER + "/env/-",
            "{\"name\": \"SASL_PATH\", \"value\": \"/tmp\"}"),
        adds(
            "variables from elsewhere",
            StatefulSet.class,
            "cache",
            CONTAINER + "/envFrom",
            "[{\"configMapRef\": {\"name\": \"other\"}}]"),
        adds(
            "a command at the start",
            StatefulSet.class,
            "cache",
            CONTAINER + "/lifecycle",
            "{\"postStart\": {\"exec\": {\"command\": [\"sh\"]}}}"),
        adds(
            "restarts, which empty the cache",
            StatefulSet.class,
            "cache",
            CONTAINER + "/livenessProbe",
            "{\"tcpSocket\": {\"port\": 1}}"),
        adds(
            "a port of the node",
            StatefulSet.class,
            "cache",
            CONTAINER + "/ports/0/hostPort",
            "11211"),
        sets(
            "all of the node",
            StatefulSet.class,
            "cache",
            CONTAINER + "/securityContext",
            "{\"privileged\": true}"),
        adds(
            "a capability",
            StatefulSet.class,
            "cache",
            CONTAINER + "/securityContext/capabilities/add",
            "[\"NET_ADMIN\"]"),
        sets(
            "a way to more rights",
            StatefulSet.class,
            "cache",
            CONTAINER + "/securityContext/allowPrivilegeEscalation",
            "true"),
        adds(
            "no seccomp",
            StatefulSet.class,
            "cache",
            CONTAINER + "/securityContext/seccompProfile",
            "{\"type\": \"Unconfined\"}"),
        sets(
            "a writable file system",
            StatefulSet.class,
            "cache",
            CONTAINER + "/securityContext/readOnlyRootFilesystem",
            "false"));
  }

  static List<Tampering> others() {
    return List.of(
        sets("more servers", StatefulSet.class, "cache", "/spec/replicas", "9"),
        adds("other names", StatefulSet.class, "cache", "/spec/ordinals", "{\"start\": 5}"),
        sets(
            "restarts by Kubernetes",
            StatefulSet.class,
            "cache",
            "/spec/updateStrategy",
            "{\"type\": \"RollingUpdate\"}"),
        removes(
            "no label by which policies find the pods",
            StatefulSet.class,
            "cache",
            "/metadata/labels"),
        removes("no labels", NetworkPolicy.class, DENY, "/metadata/labels"),
        adds(
            "an owner with which it goes",
            NetworkPolicy.class,
            DENY,
            "/metadata/ownerReferences",
            "[{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"name\": \"a\", \"uid\": \"b\"}]"),
        sets(
            "the uid of another resource",
            NetworkPolicy.class,
            DENY,
            "/metadata/labels/securememcached.io~1resource-uid",
            "\"another\""),
        removes("no owner of the sasldb", Secret.class, "cache-sasl", "/metadata/ownerReferences"),
        sets("another sasldb", Secret.class, "cache-sasl", "/data/memcached-sasldb2", "\"AAAA\""),
        removes("no sasldb", Secret.class, "cache-sasl", "/data/memcached-sasldb2"),
        sets(
            "another SASL configuration",
            Secret.class,
            "cache-sasl",
            "/data/memcached.conf",
            "\"\""),
        sets("another password", Secret.class, "cache-credentials", "/data/password", "\"AAAA\""),
        sets(
            "a password that is no base64 text",
            Secret.class,
            "cache-credentials",
            "/data/password",
            "\"/w==\""),
        removes("no data", Secret.class, "cache-credentials", "/data"),
        sets(
            "another operator's password",
            Secret.class,
            "cache-operator",
            "/data/password",
            "\"AAAA\""),
        sets(
            "a token of the API for the account",
            ServiceAccount.class,
            "cache",
            "/automountServiceAccountToken",
            "true"),
        sets(
            "all servers at once",
            PodDisruptionBudget.class,
            "cache",
            "/spec/maxUnavailable",
            "\"100%\""));
  }
}
