package io.securememcached.operator.exposure;

/** The ways in which somebody else can open a server, in the order of reports. */
public enum Kind {
  /**
   * Policies only add up: one more that selects the servers takes nothing away and lets more in or
   * out. An attacker adds one instead of changing the operator's, which would be put back.
   */
  FOREIGN_POLICY("foreign-policy", "a foreign NetworkPolicy allows additional ingress or egress"),

  /**
   * A Service that takes the servers out of the cluster, or that publishes servers that are not
   * ready. Behind a node's port a stranger can come with the node's address, which policies let in.
   */
  FOREIGN_SERVICE("foreign-service", "a foreign Service exposes the servers"),

  /** A proxy that is let in carries strangers' connections: the servers see the proxy's address. */
  INGRESS_ROUTE("ingress-route", "an Ingress has the servers as its backend"),

  /** As {@link #INGRESS_ROUTE}; a TCPRoute carries memcached's own protocol. */
  GATEWAY_ROUTE("gateway-route", "a Gateway API route has the servers as its backend"),

  /** Network plugins, meshes and tunnels take orders by annotation, past what the specs say. */
  EXPOSING_ANNOTATION(
      "exposing-annotation", "an annotation connects the servers to another network"),

  /**
   * Something that is no server stands where clients look for one. An attacker collects logins:
   * SASL PLAIN sends the password as it is.
   */
  IMPOSTOR("impostor", "a foreign endpoint receives the connections of clients"),

  /** In the node's namespaces no NetworkPolicy holds, or the node's processes see the server's. */
  HOST_NAMESPACE("host-namespace", "a server shares a host namespace of its node"),

  /** A port of the node that leads to the server, past the Services. */
  HOST_PORT("host-port", "a host port of the node leads to a server"),

  /** What runs in the pod is past every policy: it reaches the server on 127.0.0.1. */
  FOREIGN_CONTAINER("foreign-container", "a foreign container runs in a server's pod"),

  /** A server that was started in another way may ask for no login, or listen elsewhere. */
  CHANGED_ARGUMENTS("changed-arguments", "a server was started with changed arguments or settings"),

  /** Another program under the same name may do anything with what it is sent. */
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

  /** What was found, for people. */
  public String meaning() {
    return meaning;
  }
}
