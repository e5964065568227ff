# Removes what the last run has set up, and nothing that was there before it.
# shellcheck shell=bash disable=SC2154

take_down() {
  cluster=$(recall cluster)
  if [[ ! $cluster ]]; then
    say "There is nothing to remove: quickstart has set up nothing that is still there."
    return
  fi
  context=$(recall context)
  case $cluster in
    kind) down_kind ;;
    testbed) down_testbed ;;
    existing) find_clients && remove_objects ;;
  esac
  forget
  rm -f "$kind_kubeconfig"
  say "Removed. What was built stays in $cache for the next time, and may be deleted."
}

down_kind() {
  find_kind
  if ! kind_is_there; then
    say "  ok The kind cluster $kind_name is gone already"
  elif [[ $(recall cluster_origin) == made ]]; then
    step "Deleting the kind cluster $kind_name" kind delete cluster --name "$kind_name" --kubeconfig "$kind_kubeconfig"
  else
    find_clients
    export KUBECONFIG=$kind_kubeconfig
    kind export kubeconfig --name "$kind_name" --kubeconfig "$kind_kubeconfig" >/dev/null 2>&1
    remove_objects
  fi
}

down_testbed() {
  local code=0
  "$root/testbed/testbed" status >/dev/null 2>&1 || code=$?
  if ((code == 3)); then
    say "  ok The testbed is down already"
  elif [[ $(recall cluster_origin) == made ]]; then
    "$root/testbed/testbed" down
  else
    ((code == 0)) || die "the testbed is half up, so that nothing in it can be removed; run 'testbed/testbed up' first, or 'testbed/testbed down'"
    enter_testbed
    remove_objects
  fi
}

remove_objects() {
  local others=''
  if [[ $(recall id) != "$(cluster_id)" ]]; then
    say "  ok The cluster that quickstart used is gone; the one of context $context is another"
    return
  fi
  # With the CRD go all resources of its kind and their servers, so all of them must be ours.
  if [[ $(recall crd_origin) == made ]]; then
    others=$(kube get "$crd" --all-namespaces --output=jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name} {end}')
    others=${others/"$namespace/memcached "/}
    [[ ! $others ]] || die "these SecureMemcacheds are not quickstart's, and would go with the CRD: ${others% }; delete them first"
  fi
  remove tutorial_origin "namespace $namespace" kube delete namespace "$namespace" --ignore-not-found --wait --timeout=3m
  remove release_origin "operator" run_helm uninstall "$release" --ignore-not-found --wait --timeout=3m
  remove crd_origin "CRD" kube delete customresourcedefinition "$crd" --ignore-not-found --wait --timeout=3m
  remove system_origin "namespace $release_namespace" kube delete namespace "$release_namespace" --ignore-not-found --wait --timeout=3m
}

# remove KEY WHAT COMMAND...
remove() {
  local key=$1 what=$2
  shift 2
  case $(recall "$key") in
    made) step "Removing the $what" "$@" ;;
    found) say "  ok The $what was there before quickstart, and stays" ;;
  esac
}
