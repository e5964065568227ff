package io.securememcached.operator.api.v1beta1;

import java.util.Arrays;
import java.util.List;

/**
 * Annotations by which network plugins, meshes and tunnels take a pod or a Service elsewhere, past
 * what its spec says. The CRD refuses them, and the audit looks for them on pods and Services.
 * docs/exposure.md says which project each is from.
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
      "an annotation connects the servers to another network or publishes them, past the source zones (docs/exposure.md#exposing-annotation lists which); leave it out, and let clients in by sourceZones";

  private static final List<String> LISTED =
      Arrays.stream(KEYS.replaceAll("[\\[\\]' ]", "").split(",")).toList();

  private ExposingAnnotations() {}

  /** The annotations of which the rule speaks. */
  public static List<String> keys() {
    return LISTED;
  }

  /** Whether an annotation takes a pod or a Service elsewhere. */
  public static boolean isOne(String key) {
    return LISTED.contains(key) || key.startsWith(SKUPPER) || key.startsWith(TAILSCALE);
  }
}
