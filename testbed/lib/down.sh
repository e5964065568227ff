# Takes everything down, and tells what runs.
# shellcheck shell=bash disable=SC2154

down() {
  case ${1:-} in
    '') down_locked ;;
    --purge)
      down_locked
      rm -rf "$bin"
      local group
      for group in "${groups[@]}" "${extra_groups[@]}" pause; do rm -rf "$cache/bin/$group"-* "$cache/bin/$group.lock"; done
      ;;
    *) die "down takes no option but --purge; see --help" ;;
  esac
}

down_locked() { step "Taking the testbed down" take_down; }

# With the last process of the node its namespaces go, and all mounts, links, routes, rules and BPF programs in them.
take_down() {
  local hierarchy folder
  until_true 30 "all processes to end" no_processes
  until_true 30 "the node's link to go" no_link
  for hierarchy in "${hierarchies[@]}"; do
    until_true 20 "the cgroups of $hierarchy to empty" remove_cgroups "$hierarchy/$name"
  done
  [[ ! -e $state/run/sysctls ]] || sysctl -q -p "$state/run/sysctls"
  if [[ -e $state/run/made-folders ]]; then
    # One that something else has come to use stays.
    while read -r folder; do [[ ! -d $folder ]] || rmdir --ignore-fail-on-non-empty "$folder"; done <"$state/run/made-folders"
  fi
  # Never across a mount: there is none left, or this stops.
  ! grep -F " $state" /proc/self/mountinfo || die "something is still mounted below $state"
  rm -rf --one-file-system "$state"
}

no_processes() {
  local pid left=0
  for pid in $(testbed_pids); do
    left=1
    kill -9 "$pid" || true
  done
  ((left == 0))
}

remove_cgroups() {
  [[ ! -d $1 ]] || find "$1" -depth -type d -exec rmdir {} +
}

status() {
  local daemon missing=0 up=0
  for daemon in etcd kube-apiserver kube-controller-manager kube-scheduler node containerd kubelet kube-proxy cilium-agent; do
    if running "$daemon"; then
      up=$((up + 1))
      printf '%-24s pid %s\n' "$daemon" "$(pid_of "$daemon")"
    else
      missing=$((missing + 1))
      printf '%-24s does not run\n' "$daemon"
    fi
  done
  if ((up == 0)); then
    echo "The testbed is down."
    exit 3
  fi
  ((missing == 0)) || { echo "The testbed is half up: run '$0 up'." && exit 1; }
  cilium_healthy >/dev/null || { echo "Cilium is not healthy: run '$0 up'." && exit 1; }
  kube get nodes -o wide
  kube get pods --all-namespaces
  [[ $(kube get node "$node_name" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}') == True &&
  $(kube -n kube-system get deployment coredns -o 'jsonpath={.status.readyReplicas}') == 1 ]] ||
    { echo "The node or CoreDNS is not ready: run '$0 up'." && exit 1; }
}
