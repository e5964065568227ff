# What the testbed could leave behind on the machine, without what changes by itself.
# shellcheck shell=bash disable=SC2154

picture() {
  local family folder
  echo "# links"
  ip -o link | awk '{ print $2, $3 }' | sort
  echo "# addresses"
  ip -o addr | awk '{ print $2, $3, $4 }' | sort
  for family in -4 -6; do
    echo "# routes $family"
    ip "$family" route show table all | sed 's/ expires [^ ]*//' | sort
    echo "# rules $family"
    ip "$family" rule
  done
  echo "# iptables"
  iptables-save | sed -e '/^#/d' -e 's/\[[0-9:]*\]//'
  ip6tables-save | sed -e '/^#/d' -e 's/\[[0-9:]*\]//'
  echo "# mounts"
  awk '{ print $5, $4 }' /proc/self/mountinfo | sort
  echo "# network namespaces"
  ip netns list
  echo "# BPF pins"
  find /sys/fs/bpf -mindepth 1 | sort
  echo "# cgroups"
  find /sys/fs/cgroup -type d -path "*/$name*" | sort
  echo "# other cgroups that Kubernetes makes"
  find /sys/fs/cgroup -type d \( -name 'kubepods*' -o -name 'cri-containerd*' \) -not -path "*/$name*" | sort
  echo "# processes"
  pgrep -af -- "$state/" | cut -d' ' -f2- || true
  testbed_pids
  echo "# sysctls"
  sysctl -a 2>/dev/null | grep -E '^(net\.(ipv[46]|core|bridge)|kernel\.(panic|keys\.root|unprivileged_bpf|timer_migration)|vm\.(overcommit|panic))' |
    grep -Ev '^net\.ipv[46]\.(neigh|conf)\.[^.]*\.(mc_|.*stable_secret)|netdev_rss_key'
  echo "# files"
  for folder in /etc/cni /opt /run /usr/libexec/kubernetes /var/lib /var/log "$state"; do
    [[ ! -d $folder ]] || find "$folder" -maxdepth 1
  done | sort
}

snapshot() {
  (($# == 1)) || die "snapshot takes the file to write; see --help"
  picture >"$1"
}
