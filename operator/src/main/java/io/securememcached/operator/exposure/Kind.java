package io.securememcached.operator.exposure;

/** Kinds of exposures, in the order of reports. */
public enum Kind {
  /**
   * NetworkPolicies are additive: one more that selects the servers restricts nothing and allows
   * more ingress or egress. An attacker adds one instead of changing the operator's, which would be
   * restored.
   */
  FOREIGN_POLICY("foreign-policy", "a foreign NetworkPolicy allows additional ingress or egress"),

  /**
   * A Service that exposes the servers outside of the cluster, or publishes servers that are not
   * ready. Behind a node port an unauthorized client can have the node's address, which policies
   * allow.
   */
  FOREIGN_SERVICE("foreign-service", "a foreign Service exposes the servers"),

  /** An allowed proxy relays unauthorized clients: the servers see the proxy's address. */
  INGRESS_ROUTE("ingress-route", "an Ingress has the servers as its backend"),

  /** As {@link #INGRESS_ROUTE}; a TCPRoute carries memcached's own protocol. */
  GATEWAY_ROUTE("gateway-route", "a Gateway API route has the servers as its backend"),

  /** Network plugins, meshes and tunnels are configured by annotations, beyond the specs. */
  EXPOSING_ANNOTATION(
      "exposing-annotation", "an annotation connects the servers to another network"),

  /**
   * Clients reach an endpoint that is not a server. An attacker collects logins: SASL PLAIN sends
   * the password unencrypted.
   */
  IMPOSTOR("impostor", "a foreign endpoint receives the connections of clients"),

  /**
   * In the node's namespaces no NetworkPolicy applies, or the node's processes see the server's.
   */
  HOST_NAMESPACE("host-namespace", "a server shares a host namespace of its node"),

  /** A port of the node that leads to the server, bypassing the Services. */
  HOST_PORT("host-port", "a host port of the node leads to a server"),

  /** A container in the pod bypasses every policy: it reaches the server on 127.0.0.1. */
  FOREIGN_CONTAINER("foreign-container", "a foreign container runs in a server's pod"),

  /** A server with changed arguments may require no login, or listen elsewhere. */
  CHANGED_ARGUMENTS("changed-arguments", "a server was started with changed arguments or settings"),

  /** Another program under the same name may do anything with the data it gets. */
  CHANGED_IMAGE("changed-image", "a server runs another image than the requested one");

  private final String id;
  private final String meaning;

  Kind(String id, String meaning) {
    this.id = id;
    this.meaning = meaning;
  }

  /** Name in kebab-case, for labels of metrics and for messages; it never changes. */
  public String id() {
    return id;
  }

  /** Short description of the finding. */
  public String meaning() {
    return meaning;
  }
}
