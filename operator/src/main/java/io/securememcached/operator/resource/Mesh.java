package io.securememcached.operator.resource;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The service mesh whose traffic the policies let through to the servers, by decision of the
 * cluster's administrator (docs/adr/0039-a-mesh-without-a-sidecar.md).
 */
public enum Mesh {

  /** None, or one that leaves the servers out. */
  None,

  /**
   * Istio's ambient mode. The node's proxy listens inside the network of each pod, so a client of
   * the mesh connects to the pod by its own address and port {@value #HBONE_PORT}, and policies
   * still decide who may (istio.io, "Ambient and Kubernetes NetworkPolicy").
   */
  IstioAmbient;

  /** TCP port of Istio's tunnel, HBONE. */
  public static final int HBONE_PORT = 15_008;

  /** TCP port of Istio's control plane. */
  private static final int XDS_PORT = 15_012;

  /** Annotation that Istio's agent sets on a pod once it redirects the pod's traffic. */
  private static final String REDIRECTION = "ambient.istio.io/redirection";

  /**
   * The addresses that Istio's agent gives the kubelet's probes, by which the pod knows them. Each
   * node uses them for itself and no route leads there, so no other machine gets an answer.
   */
  private static final List<String> PROBES =
      List.of("169.254.7.127/32", "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128");

  /** The mesh of this name, if there is one. */
  public static Optional<Mesh> named(String name) {
    return Arrays.stream(values()).filter(mesh -> mesh.name().equals(name)).findFirst();
  }

  /** Whether Istio's ambient mesh has taken in a pod, which {@link #HBONE_PORT} leads to then. */
  public static boolean redirects(ObjectMeta pod) {
    return Objects.requireNonNullElse(pod.getAnnotations(), Map.<String, String>of())
        .getOrDefault(REDIRECTION, "")
        .equals("enabled");
  }

  /** Ports of a server's pod by which the mesh delivers the connections of a zone. */
  public Set<Integer> ports() {
    return switch (this) {
      case None -> Set.of();
      case IstioAmbient -> Set.of(HBONE_PORT);
    };
  }

  /** Where the kubelet's probes seem to come from; empty where they come from the node. */
  List<NetworkPolicyPeer> probes() {
    return switch (this) {
      case None -> List.of();
      case IstioAmbient ->
          PROBES.stream()
              .map(
                  cidr ->
                      new NetworkPolicyPeerBuilder()
                          .withNewIpBlock()
                          .withCidr(cidr)
                          .endIpBlock()
                          .build())
              .toList();
    };
  }

  /**
   * What foreign policies may allow for the mesh's own sake: the kubelet's probes, and the way out
   * to the control plane that sidecars of the namespace's other pods need.
   */
  public List<IntendedTraffic> intended() {
    return switch (this) {
      case None -> List.of();
      case IstioAmbient ->
          List.of(
              new IntendedTraffic(
                  "the kubelet's probes in the mesh " + this,
                  Set.of(),
                  List.of(new NetworkPolicyIngressRuleBuilder().withFrom(probes()).build()),
                  List.of()),
              new IntendedTraffic(
                  "the control plane of the mesh " + this, Set.of(), List.of(), controlPlane()));
    };
  }

  /** Istio's namespace, or its pods alone, at the port of its protocol by TLS. */
  private static List<NetworkPolicyEgressRule> controlPlane() {
    NetworkPolicyPeer namespace =
        new NetworkPolicyPeerBuilder()
            .withNewNamespaceSelector()
            .addToMatchLabels("kubernetes.io/metadata.name", "istio-system")
            .endNamespaceSelector()
            .build();
    return List.of(
        new NetworkPolicyEgressRuleBuilder()
            .withTo(
                namespace,
                new NetworkPolicyPeerBuilder(namespace)
                    .withNewPodSelector()
                    .addToMatchLabels("app", "istiod")
                    .endPodSelector()
                    .build())
            .addNewPort()
            .withProtocol("TCP")
            .withNewPort(XDS_PORT)
            .endPort()
            .build());
  }
}
