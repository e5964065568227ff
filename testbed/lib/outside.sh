# Hosts outside of the cluster: a network namespace each, on a bridge of the node. Packets keep their source address on the way to a pod.
# shellcheck shell=bash disable=SC2154

outside_add() {
  local host=$1 address=$2 number=${2##*.} link
  [[ $host =~ ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$ ]] || die "a host's name is lower-case letters, digits and hyphens, not '$host'"
  if [[ ! $address =~ ^10\.30\.0\.[0-9]{1,3}$ ]] || ((number < 2 || number > 254)); then
    die "an outside host has an address from 10.30.0.2 to 10.30.0.254, not '$address'"
  fi
  [[ $(outside_list | awk -v host="$host" '$1 == host { print $2 }') == "$address" ]] && return
  outside_list | grep -q " $address\$" && die "$address belongs to the outside host $(outside_list | grep " $address\$" | cut -d' ' -f1)"
  outside_del "$host"
  link=outside0.$number
  in_node ip netns add "$host"
  in_node ip link add "$link" type veth peer name eth0 netns "$host"
  in_node ip link set "$link" master outside0 up
  in_node ip -n "$host" link set lo up
  in_node ip -n "$host" addr add "$address/${outside_cidr#*/}" dev eth0
  in_node ip -n "$host" link set eth0 up
  in_node ip -n "$host" route add default via "$outside_gateway"
}

# Only the network is the host's, and names are the cluster's: other files, users and processes are the machine's own. The command goes down with the testbed.
outside_exec() {
  local host=$1 folder
  shift
  [[ ${1:-} == -- ]] && shift
  (($#)) || die "outside exec takes a command; see --help"
  folder=/proc/$(pid_of node)/root/run/netns
  [[ -e $folder/$host ]] || die "there is no outside host '$host'"
  (
    join_cgroups
    # shellcheck disable=SC2016
    exec nsenter --net="$folder/$host" -- \
      unshare --mount -- bash -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' "$state/config/resolv.conf" "$@"
  )
}

outside_del() {
  in_node test -e "/run/netns/$1" || return 0
  # The kernel takes the links of a namespace away a moment after it is gone, and until then the address can't be given again.
  ! in_node ip -n "$1" link show eth0 >/dev/null 2>&1 || in_node ip -n "$1" link del eth0
  in_node ip netns del "$1"
}

outside_list() {
  local host
  in_node ip netns list | awk '$1 !~ /^cni-/ { print $1 }' | while read -r host; do
    echo "$host $(in_node ip -n "$host" -4 -o addr show dev eth0 | awk '{ sub("/.*", "", $4); print $4 }')"
  done
}

outside() {
  local action=${1:-}
  shift || true
  need_node
  case $action:$# in
    add:2 | del:1 | list:0 | exec:[1-9]*) "outside_$action" "$@" ;;
    *) die "outside add NAME ADDRESS | exec NAME -- COMMAND... | del NAME | list" ;;
  esac
}
