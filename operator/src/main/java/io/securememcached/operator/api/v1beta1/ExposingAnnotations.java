package io.securememcached.operator.api.v1beta1;

import java.util.Arrays;
import java.util.List;

/**
 * Annotations by which network plugins, meshes and tunnels expose a pod or a Service beyond its
 * spec. The CRD rejects them, and the exposure audit looks for them on pods and Services.
 * docs/exposure.md names the project of each.
 */
public final class ExposingAnnotations {

  /** A CEL list: Multus, Calico, Kube-OVN, GKE, Cilium, Consul, Ambassador. */
  private static final String KEYS =
      "['k8s.v1.cni.cncf.io/networks', 'v1.multus-cni.io/default-network', "
          + "'cni.projectcalico.org/floatingIPs', 'cni.projectcalico.org/ipAddrs', "
          + "'cni.projectcalico.org/ipAddrsNoIpam', 'ovn.kubernetes.io/eip', "
          + "'networking.gke.io/interfaces', 'cloud.google.com/neg', "
          + "'service.cilium.io/global', 'service.cilium.io/shared', "
          + "'io.cilium/global-service', 'io.cilium/shared-service', "
          + "'consul.hashicorp.com/service-sync', 'getambassador.io/config']";

  private static final String SKUPPER = "skupper.io/";
  private static final String TAILSCALE = "tailscale.com/";

  static final String RULE =
      "self.all(key, !(key in "
          + KEYS
          + ") && !key.startsWith('"
          + SKUPPER
          + "') && !key.startsWith('"
          + TAILSCALE
          + "'))";

  static final String MESSAGE =
      "an annotation connects the servers to another network or publishes them, bypassing the source zones (see docs/exposure.md#exposing-annotation); remove it, and allow clients by sourceZones";

  private static final List<String> LISTED =
      Arrays.stream(KEYS.replaceAll("[\\[\\]' ]", "").split(",")).toList();

  private ExposingAnnotations() {}

  /** The annotations that the rule lists. */
  public static List<String> keys() {
    return LISTED;
  }

  /** Whether an annotation exposes a pod or a Service. */
  public static boolean isOne(String key) {
    return LISTED.contains(key) || key.startsWith(SKUPPER) || key.startsWith(TAILSCALE);
  }
}
