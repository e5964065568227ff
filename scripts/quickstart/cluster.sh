# Which cluster it is, and how it comes up and gets images.
# shellcheck shell=bash disable=SC2154

kind_name=securememcached-quickstart
kind_version=v0.33.0
kind_kubeconfig=$cache/quickstart.kubeconfig
testbed_context=securememcached-testbed

# choose_cluster: sets `cluster` and `context`.
choose_cluster() {
  local used
  used=$(recall cluster)
  if [[ ! $cluster ]]; then
    if [[ $used ]]; then
      cluster=$used context=$(recall context)
    elif docker_answers && { command -v kind >/dev/null || has_go; }; then
      cluster=kind may_fall_back=yes
    else
      cluster=testbed
    fi
  fi
  case $cluster in
    kind) context=kind-$kind_name ;;
    testbed) context=$testbed_context ;;
    existing) [[ $context ]] || die "--cluster existing also needs --context NAME; there are: $(known_contexts)" ;;
  esac
  [[ ! $used || "$used $(recall context)" == "$cluster $context" ]] ||
    die "the last run used the cluster $used ($(recall context)); run './quickstart --down' first"
}

may_fall_back=''

docker_answers() { command -v docker >/dev/null && timeout 10 docker info >/dev/null 2>&1; }
known_contexts() { (find_clients && kubectl config get-contexts --output=name | paste -sd' '); }

# loader: how images get to the nodes. An existing cluster pulls them, unless its context shows that it is one that takes archives.
loader() {
  case $context in
    "$testbed_context") echo testbed ;;
    kind-*) echo kind ;;
    *) echo registry ;;
  esac
}
builds_images() { [[ $(loader) != registry ]]; }

load_images() {
  local archive
  case $(loader) in
    testbed) "$root/testbed/testbed" load "$@" ;;
    kind)
      find_kind
      for archive in "$@"; do kind load image-archive --name "${context#kind-}" "$archive"; done
      ;;
  esac
}

find_kind() {
  command -v kind >/dev/null && return
  PATH=$cache/bin/kind-$kind_version:$PATH
  command -v kind >/dev/null ||
    step "Building kind $kind_version" env GOBIN="$cache/bin/kind-$kind_version" go install "sigs.k8s.io/kind@$kind_version"
}

# connect_cluster: brings the cluster up where that is ours to do, and makes sure that the notes are about this very cluster and not a deleted one.
connect_cluster() {
  say "Cluster: $cluster"
  case $cluster in
    kind) find_clients && connect_kind ;;
    testbed) connect_testbed ;;
    existing) find_clients && connect_existing ;;
  esac
  kube get --raw /readyz --request-timeout=10s >/dev/null || die "the cluster of context $context does not answer"
  identify_cluster
}

# print_env: for a shell to evaluate. An existing cluster is reached by the kubeconfig as it is.
print_env() {
  cluster=$(recall cluster) context=$(recall context)
  case $cluster in
    testbed) "$root/testbed/testbed" env ;;
    kind)
      printf 'export KUBECONFIG=%q\n' "$kind_kubeconfig"
      # shellcheck disable=SC2016
      has_clients || printf 'export PATH=%q:$PATH\n' "$tools"
      ;;
    existing) say "the cluster is the one of your context $context: kubectl --context $context, helm --kube-context $context" ;;
    *) die "no cluster of a quickstart is known here; run ./quickstart first" ;;
  esac
}

cluster_id() { kube get namespace kube-system --output=jsonpath='{.metadata.uid}'; }

identify_cluster() {
  local id known
  id=$(cluster_id)
  known=$(recall id)
  [[ ! $known || $known == "$id" ]] || forget
  remember cluster "$cluster"
  remember context "$context"
  remember id "$id"
}

# begin_cluster: it is not there, so notes about one are stale, and the one that comes is ours.
begin_cluster() {
  forget
  remember cluster "$cluster"
  remember context "$context"
  remember cluster_origin made
}

connect_testbed() {
  local code=0
  "$root/testbed/testbed" status >/dev/null 2>&1 || code=$?
  if ((code != 0)); then
    ((code != 3)) || begin_cluster
    "$root/testbed/testbed" up 9>&-
  else
    say "  ok The testbed is up already"
  fi
  enter_testbed
}

enter_testbed() {
  local settings
  settings=$("$root/testbed/testbed" env)
  eval "$settings"
}

kind_is_there() { grep -qx "$kind_name" <<<"$(kind get clusters 2>/dev/null)"; }

connect_kind() {
  find_kind
  export KUBECONFIG=$kind_kubeconfig
  if kind_is_there; then
    kind export kubeconfig --name "$kind_name" --kubeconfig "$kind_kubeconfig" >/dev/null 2>&1
    say "  ok The kind cluster $kind_name is there already"
    return
  fi
  begin_cluster
  # The only sure way to learn whether Docker can run privileged containers with all that a node needs. kind removes what it could not finish.
  if ! (step "Making the kind cluster $kind_name" kind create cluster --name "$kind_name" --kubeconfig "$kind_kubeconfig" --wait 3m 9>&-); then
    forget
    [[ $may_fall_back ]] || die "kind could not make a cluster; './quickstart --cluster testbed' needs no Docker"
    say "  Docker can't run a kind node here; using the testbed."
    cluster=testbed context=$testbed_context
    unset KUBECONFIG
    need_tools
    connect_testbed
  fi
}

connect_existing() {
  kubectl config get-contexts "$context" >/dev/null 2>&1 || die "the kubeconfig has no context '$context'; it has: $(known_contexts)"
  say "  ok The context $context is there"
}
