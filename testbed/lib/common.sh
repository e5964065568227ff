# Names, addresses and folders of the testbed, and what every part uses.
# shellcheck shell=bash disable=SC2034,SC2154

state=${SECUREMEMCACHED_TESTBED:-/var/lib/securememcached-testbed}
kubeconfig=$state/admin.kubeconfig
name=securememcached-testbed # of the kubeconfig context and of the cgroups
node_name=testbed

# The node is a set of namespaces joined to the machine by one veth pair: testbed0 on the machine, eth0 on the node.
host_link=testbed0
host_ip=10.20.0.1
node_ip=10.20.0.2
link_cidr=10.20.0.0/24
outside_gateway=10.30.0.1
outside_cidr=10.30.0.0/24
pod_cidr=10.244.0.0/22 # 1022 addresses, for at most 250 pods and those that are on their way out
service_cidr=10.96.0.0/16
api_service_ip=10.96.0.1
dns_ip=10.96.0.10
api_port=16443
etcd_port=12379
etcd_peer_port=12380

packages=(containerd runc containernetworking-plugins iptables ipset conntrack ethtool socat iproute2 kmod procps openssl curl clang-19)
clang_bin=/usr/lib/llvm-19/bin

# Debian leaves these out of a user's PATH, and 'sudo' or 'su' may pass that on.
PATH=$PATH:/usr/sbin:/sbin

need_root() {
  [[ $(uname -s) == Linux ]] || die "the testbed runs on Linux only"
  ((EUID == 0)) || die "the testbed needs root: it makes namespaces, mounts and cgroups"
}

# until_true SECONDS WHAT COMMAND...: polls a condition, and fails when it does not hold in time.
until_true() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || die "gave up waiting for $what"
    sleep 0.1
  done
}

# render TEMPLATE FILE: fills in the @WORDS@ of a file in testbed/config.
render() {
  sed -e "s|@STATE@|$state|g" -e "s|@NODE_NAME@|$node_name|g" -e "s|@DNS_IP@|$dns_ip|g" -e "s|@CGROUP@|/$name|g" \
    -e "s|@PAUSE@|$(image_name pause)|g" -e "s|@COREDNS@|$(image_name coredns)|g" "$testbed/config/$1" >"$2"
}

kube() { "$bin/kubectl" --kubeconfig="$kubeconfig" "$@"; }

# The addresses are fixed, so another network of the machine must not have them.
need_free_addresses() {
  local cidr route
  for cidr in "$link_cidr" "$pod_cidr"; do
    while read -r route; do
      [[ "$route " == *" dev $host_link "* ]] || die "the testbed uses $cidr, and this machine has a route of its own there: $route"
    done < <(ip -4 route show root "$cidr")
  done
}
