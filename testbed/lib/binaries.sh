# Builds Kubernetes, etcd, Cilium, CoreDNS, Helm and memcached_exporter from Go modules. A changed pin (go.mod, go.sum) builds into a new folder; one folder of links is for PATH.
# shellcheck shell=bash disable=SC2154

groups=(kubernetes cilium coredns helm)
extra_groups=(prometheus) # for tests, not for the cluster: built by name only
bin=$cache/bin/testbed

# The names of a group's binaries; a module path gives some of them another one: see build_group.
names_of() {
  case $1 in
    kubernetes) echo etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl ;;
    cilium) echo cilium-agent cilium-cni ;;
    coredns) echo coredns ;;
    helm) echo helm ;;
    prometheus) echo memcached_exporter ;;
  esac
}

group_folder() {
  local module=$testbed/modules/$1
  echo "$cache/bin/$1-$(cat "$module/go.mod" "$module/go.sum" <(declare -f compile_group) | sha256sum | cut -c1-12)"
}

# The binary itself, not its link: a daemon whose binary was built again is then seen to be another command, and started again.
built() { readlink -f "$bin/$1"; }

# version_of GROUP MODULE: the version that go.mod pins.
version_of() { awk -v module="$2" '$1 == module && $2 ~ /^v/ { print $2; exit }' "$testbed/modules/$1/go.mod"; }

compile_group() {
  local group=$1 folder=$2 flags='-s -w' version minor source
  cd "$testbed/modules/$group" || exit
  if [[ $group == kubernetes ]]; then
    # Kubernetes takes its version from the linker; without one kubectl and helm cannot compare versions.
    version=$(version_of kubernetes k8s.io/kubernetes)
    minor=${version#v1.}
    flags+=" -X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1"
    flags+=" -X k8s.io/component-base/version.gitMinor=${minor%%.*}"
  fi
  rm -rf "$folder.new"
  mkdir -p "$folder.new"
  CGO_ENABLED=0 GOBIN=$folder.new go install -mod=readonly -trimpath -ldflags="$flags" tool
  case $group in
    kubernetes) mv "$folder.new/server" "$folder.new/etcd" ;;
    cilium)
      mv "$folder.new/daemon" "$folder.new/cilium-agent"
      # Read at run time: the agent compiles its BPF programs for each machine, and its CRDs are normally written by cilium-operator.
      source=$(go list -m -f '{{.Dir}}' github.com/cilium/cilium)
      cp -r --no-preserve=mode "$source/bpf" "$folder.new/bpf"
      cp -r --no-preserve=mode "$source/pkg/k8s/apis/cilium.io/client/crds" "$folder.new/crds"
      ;;
  esac
  mv "$folder.new" "$folder"
}

# build_group GROUP: builds a group unless its folder is there, and points the links at it.
build_group() {
  local group=$1 folder binary lock
  folder=$(group_folder "$group")
  if [[ ! -d $folder ]]; then
    need_go "building the testbed"
    mkdir -p "$cache/bin"
    exec {lock}>"$cache/bin/$group.lock"
    flock "$lock"
    [[ -d $folder ]] || step "Building $group (minutes, the first time)" compile_group "$group" "$folder"
    exec {lock}>&-
  fi
  mkdir -p "$bin"
  for binary in $(names_of "$group"); do
    [[ $(readlink "$bin/$binary") == "$folder/$binary" ]] || ln -sfn "$folder/$binary" "$bin/$binary"
  done
}

binaries() {
  local wanted=("$@") want group found
  ((${#wanted[@]})) || wanted=("${groups[@]}")
  for want in "${wanted[@]}"; do
    found=
    for group in "${groups[@]}" "${extra_groups[@]}"; do
      if [[ $want == "$group" || " $(names_of "$group") " == *" $want "* ]]; then
        build_group "$group"
        found=yes
      fi
    done
    [[ $found ]] || die "there is no binary or group '$want'; groups: ${groups[*]} ${extra_groups[*]}"
  done
  echo "$bin"
}

# The image that holds a pod's namespaces open (and, with a port as its argument, a listener for the policy check).
build_pause() {
  local folder
  folder=$cache/bin/pause-$(sha256sum <"$testbed/pause/main.go" | cut -c1-12)
  if [[ ! -x $folder/pause ]]; then
    need_go "building the testbed"
    step "Building pause" env CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$folder/pause" "$testbed/pause/main.go"
  fi
  ln -sfn "$folder/pause" "$bin/pause"
}
