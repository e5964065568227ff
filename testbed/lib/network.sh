# kube-proxy serves Service addresses, Cilium connects the pods and enforces network policies.
# shellcheck shell=bash disable=SC2154

network_up() {
  local enter cilium crds limits
  read -ra enter < <(enter_node)
  # conntrack limits belong to the whole machine: left as they are.
  daemon kube-proxy "${enter[@]}" "$(built kube-proxy)" --kubeconfig="$state/config/kube-proxy.kubeconfig" --proxy-mode=iptables \
    --cluster-cidr="$pod_cidr" --hostname-override="$node_name" --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0 \
    --conntrack-tcp-timeout-close-wait=0 --oom-score-adj=0
  cilium=$(built cilium-agent)
  # cilium-operator would write the CRDs; it does nothing else that one node needs.
  crds=$(dirname "$cilium")/crds
  if [[ ! -e $state/run/crds || $(<"$state/run/crds") != "$crds" ]]; then
    kube apply --server-side -f "$crds/v2" -f "$crds/v2alpha1"
    echo "$crds" >"$state/run/crds"
  fi
  # Cilium writes its generated headers beside its BPF sources.
  if [[ ! -e $state/cilium/from || $(<"$state/cilium/from") != "$cilium" ]]; then
    rm -rf "$state/cilium"
    mkdir -p "$state/cilium"
    ln -s "$(dirname "$cilium")/bpf" "$state/cilium/bpf"
    echo "$cilium" >"$state/cilium/from"
  fi
  ln -sfn "$(built cilium-cni)" "$state/cni/bin/cilium-cni"
  # By default it takes one new pod every two seconds after the first few.
  limits='{"endpoint-create": "rate-limit:50/s,rate-burst:50,auto-adjust:false"}'
  daemon cilium-agent env K8S_NODE_NAME="$node_name" PATH="$clang_bin:/usr/sbin:/usr/bin:/sbin:/bin" "${enter[@]}" "$cilium" \
    --k8s-kubeconfig-path="$state/config/cilium-agent.kubeconfig" --k8s-client-qps=100 --k8s-client-burst=200 \
    --ipam=kubernetes --identity-allocation-mode=crd --routing-mode=native --ipv4-native-routing-cidr="$pod_cidr" \
    --enable-ipv4=true --enable-ipv6=false --enable-ipv4-masquerade=true --devices=eth0,outside0 --kube-proxy-replacement=false \
    --enable-l7-proxy=false --enable-hubble=false --enable-health-checking=false --enable-endpoint-health-checking=false \
    --api-rate-limit="$limits" --lib-dir="$state/cilium" --state-dir=/run/cilium --agent-health-port=9879
  ready_or_dead cilium-agent 120 cilium_healthy
  policies on
  # The node counts as Ready once this file is there.
  cp "$testbed/config/cilium.conflist" "$state/cni/conf/cilium.conflist"
  ready_or_dead kube-proxy 30 in_node curl --silent --fail --max-time 2 http://127.0.0.1:10256/healthz
}
# policies on|off: off is a cluster whose network plugin ignores policies, in silence, as some do.
policies() {
  case ${1:-} in
    on) policy_enforcement default ;;
    off) policy_enforcement never ;;
    *) die "policies takes on or off; see --help" ;;
  esac
}
policy_enforcement() {
  in_node curl --silent --show-error --fail --max-time 10 --unix-socket /run/cilium/cilium.sock --request PATCH \
    --header 'Content-Type: application/json' --data "{\"policy-enforcement\": \"$1\"}" http://localhost/v1/config
}
cilium_healthy() { in_node curl --silent --fail --max-time 2 --header 'brief: true' http://127.0.0.1:9879/healthz; }

# A policy that admits one outside address must let that one in and nobody else: a listening pod, a host that is admitted, its neighbour that is not.
policies_enforced() {
  local pod_ip
  kube delete namespace testbed-check --ignore-not-found --wait
  render policy-check.yaml "$state/policy-check.yaml"
  # Server-side: kube-controller-manager may be creating the service account at this very moment.
  kube apply --server-side -f "$state/policy-check.yaml"
  kube -n testbed-check wait --for=condition=Ready pod/listener --timeout=60s
  pod_ip=$(kube -n testbed-check get pod listener -o 'jsonpath={.status.podIP}')
  outside add check-admitted 10.30.0.253
  outside add check-neighbour 10.30.0.254
  until_true 30 "the admitted address to get in" reaches check-admitted "$pod_ip"
  until_true 30 "the address that is not admitted to be kept out" kept_out check-neighbour "$pod_ip"
  reaches check-admitted "$pod_ip" || die "the admitted address is kept out again"
  outside del check-admitted
  outside del check-neighbour
  kube delete namespace testbed-check --wait=false
  touch "$state/run/verified"
}
# shellcheck disable=SC2016
reaches() { outside exec "$1" -- timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/8080"' - "$2"; }
kept_out() {
  local code=0
  reaches "$@" || code=$?
  # Kept out means no answer at all, not a refusal.
  ((code == 124))
}
