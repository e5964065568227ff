package io.securememcached.operator.exposure;

/** The ways in which somebody else can open a server, in the order of reports. */
public enum Kind {
  /**
   * Policies only add up: one more that selects the servers takes nothing away and lets more in or
   * out. An attacker adds one instead of changing the operator's, which would be put back.
   */
  FOREIGN_POLICY("foreign-policy", "a NetworkPolicy of somebody else lets more in or out"),

  /**
   * A Service that takes the servers out of the cluster, or that names servers that are not ready.
   * Behind a node's port a stranger can come with the node's address, which policies let in.
   */
  FOREIGN_SERVICE("foreign-service", "a Service of somebody else publishes the servers"),

  /** A proxy that is let in carries strangers' connections: the servers see the proxy's address. */
  INGRESS_ROUTE("ingress-route", "an Ingress leads to the servers"),

  /** As {@link #INGRESS_ROUTE}; a TCPRoute carries memcached's own protocol. */
  GATEWAY_ROUTE("gateway-route", "a route of the Gateway API leads to the servers"),

  /** Network plugins, meshes and tunnels take orders by annotation, past what the specs say. */
  EXPOSING_ANNOTATION(
      "exposing-annotation", "an annotation connects the servers to another network"),

  /**
   * Something that is no server stands where clients look for one. An attacker collects logins:
   * SASL PLAIN sends the password as it is.
   */
  IMPOSTOR("impostor", "clients are sent to something that is no server of this resource"),

  /** In the node's namespaces no NetworkPolicy holds, or the node's processes see the server's. */
  HOST_NAMESPACE("host-namespace", "a server shares the network or the processes of its node"),

  /** A port of the node that leads to the server, past the Services. */
  HOST_PORT("host-port", "a port of the node leads to a server"),

  /** What runs in the pod is past every policy: it reaches the server on 127.0.0.1. */
  FOREIGN_CONTAINER("foreign-container", "a container runs in a server's pod that is not ours"),

  /** A server that was started in another way may ask for no login, or listen elsewhere. */
  CHANGED_ARGUMENTS("changed-arguments", "a server was not started as the operator starts it"),

  /** Another program under the same name may do anything with what it is sent. */
  CHANGED_IMAGE("changed-image", "a server runs another image than the wanted one");

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
