# CoreDNS: names of Services and of pods behind headless Services.
# shellcheck shell=bash disable=SC2154

dns_up() {
  # Applied again only when it changed, so that `up` on a running cluster stays quick.
  if ! cmp -s "$state/config/coredns.yaml" "$state/run/coredns.yaml"; then
    kube apply --server-side --force-conflicts -f "$state/config/coredns.yaml"
    cp "$state/config/coredns.yaml" "$state/run/coredns.yaml"
  fi
  kube -n kube-system rollout status deployment/coredns --timeout=120s
}
