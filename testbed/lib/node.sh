# The node: a mount and a network namespace, kept open by one sleeping process. What its components mount, route, filter or pin goes with it,
# and the machine's own /run, routes, sysctls and iptables rules stay as they are.
# shellcheck shell=bash disable=SC2154

# Written by the kubelet and by containerd, wherever their own folders are. The node mounts over them; `down` removes those that were not there before.
node_folders=(/var/lib/cni /var/lib/kubelet /var/log/containers)

# The words that go before a command of the node: a daemon's process id must be its own, not that of a function around it.
enter_node() { echo nsenter --target "$(pid_of node)" --mount --net --; }
in_node() {
  local enter
  read -ra enter < <(enter_node)
  "${enter[@]}" "$@"
}
need_node() { running node || die "there is no node: run '$0 up' first"; }

# Runs inside of the new namespaces, and stays as the process that keeps them open.
node_init() {
  mount -t tmpfs -o mode=755 run /run
  mkdir -p /run/netns /run/lock
  mount -t bpf bpf /sys/fs/bpf
  # cilium-agent would change these for the whole machine, the first one until the next boot; it goes on without.
  local file folder
  for file in /proc/sys/kernel/{unprivileged_bpf_disabled,timer_migration}; do
    mount --bind "$file" "$file"
    mount -o remount,bind,ro "$file"
  done
  for folder in "${node_folders[@]}"; do mount -t tmpfs -o mode=755 node "$folder"; done
  # The kubelet's mounts must reach the containers.
  mount --make-rshared /
  ip link set lo up
  sysctl -q -w net.ipv4.ip_forward=1
  ip link add outside0 type bridge
  ip addr add "$outside_gateway/${outside_cidr#*/}" dev outside0
  ip link set outside0 up
  touch /run/testbed-node
  exec sleep infinity
}

node_up() {
  local folder pid holder hierarchy
  make_cgroups
  for folder in "${node_folders[@]}"; do
    [[ -d $folder ]] || { mkdir -p "$folder" && echo "$folder" >>"$state/run/made-folders"; }
  done
  # The kubelet changes these for the whole machine.
  [[ -e $state/run/sysctls ]] || sysctl vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops \
    kernel.keys.root_maxkeys kernel.keys.root_maxbytes >"$state/run/sysctls"
  holder=(unshare --mount --net --propagation private -- bash -euo pipefail -c
    "$(declare -p node_folders outside_gateway outside_cidr && declare -f node_init); node_init")
  if ! current node "${holder[@]}"; then
    # Whatever still runs in the namespaces of an old node can't be reached any more.
    for pid in $(testbed_pids); do
      [[ $(readlink "/proc/$pid/ns/net") == "$(readlink /proc/self/ns/net)" ]] || kill -9 "$pid" || true
    done
    until_true 20 "the old node's link to go" no_link
    # Of each dead container whose cgroup is still there the kubelet asks containerd for 3 s before it starts its first pod.
    for hierarchy in "${hierarchies[@]}"; do until_true 20 "the old pods' cgroups to empty" remove_cgroups "$hierarchy/$name/kubepods"; done
  fi
  daemon node "${holder[@]}"
  ready_or_dead node 20 test -e "/proc/$(pid_of node)/root/run/testbed-node"
  if no_link; then ip link add "$host_link" type veth peer name eth0 netns "$(pid_of node)"; fi
  ip addr replace "$host_ip/${link_cidr#*/}" dev "$host_link"
  ip link set "$host_link" up
  in_node ip addr replace "$node_ip/${link_cidr#*/}" dev eth0
  in_node ip link set eth0 up
  in_node ip route replace default via "$host_ip"
  # kube-apiserver reaches webhooks in pods.
  ip route replace "$pod_cidr" via "$node_ip" dev "$host_link"
}
no_link() { ! ip link show "$host_link"; }

kubelet_up() {
  local enter
  read -ra enter < <(enter_node)
  ln -sfn /usr/lib/cni/loopback "$state/cni/bin/loopback"
  daemon containerd "${enter[@]}" containerd --config="$state/config/containerd.toml"
  ready_or_dead containerd 30 in_node ctr version
  load_built pause
  load_built coredns
  daemon kubelet "${enter[@]}" "$(built kubelet)" --config="$state/config/kubelet.yaml" --kubeconfig="$state/config/kubelet.kubeconfig" \
    --hostname-override="$node_name" --root-dir="$state/kubelet" --node-ip="$node_ip"
  ready_or_dead kubelet 60 in_node curl --silent --fail --max-time 2 http://127.0.0.1:10248/healthz
}

node_ready() { kube wait --for=condition=Ready "node/$node_name" --timeout=120s; }
