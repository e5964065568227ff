# Prints the checks as a table of plain text, with colours on a terminal only, and what to do next.
# shellcheck shell=bash disable=SC2154

table_width() {
  local width=140
  if [[ -t 1 ]]; then width=$(tput cols 2>/dev/null || echo 140); fi
  ((width >= 120)) || width=120
  ((width <= 160)) || width=160
  echo "$width"
}

print_table() {
  local bold='' red='' green='' off='' running
  if [[ -t 1 && ! ${NO_COLOR:-} ]]; then bold=$'\e[1m' red=$'\e[1;31m' green=$'\e[32m' off=$'\e[0m'; fi
  running=$(tutorial_kube get pod "$server" --output=jsonpath='{.spec.containers[0].image}' 2>/dev/null) || true
  echo
  echo "Checks of the resource memcached in namespace $namespace, kubectl's --context $context and --namespace left out."
  echo "Image of the server: ${running:-none}"
  [[ $image == CentOS7 ]] || echo "The CentOS 7 image was not tested by this run."
  echo
  printf '%s\n' "${rows[@]}" | awk -v width="$(table_width)" -v bold="$bold" -v red="$red" -v green="$green" -v off="$off" -F '\037' \
    -f "$root/scripts/quickstart/table.awk"
  echo
  if ((failures)); then
    echo "${red}$failures of ${#rows[@]} checks FAILED.$off"
  else
    echo "${green}All ${#rows[@]} checks passed.$off"
  fi
}

# An operator that somebody else has installed may have no exporter.
print_top() {
  echo
  "$root/plugin/kubectl-securememcached" top --context "$context" --namespace "$namespace" --operator-namespace "$release_namespace" ||
    say "  -- Hits and memory were not shown, see above"
}

print_outlook() {
  local in="kubectl -n $namespace" operator="kubectl -n $release_namespace" access='' path=''
  # The cluster's own kubectl, where the machine has none.
  [[ $(command -v kubectl) != "$tools"/* ]] || path="export PATH=$tools:\$PATH"
  case $cluster in
    testbed) access="eval \"\$($root/testbed/testbed env)\"" ;;
    kind) access="export KUBECONFIG=$kind_kubeconfig${path:+; $path}" ;;
    existing)
      access=$path
      in="kubectl --context $context -n $namespace"
      operator="kubectl --context $context -n $release_namespace"
      ;;
  esac
  cat <<OUTLOOK

Connect. Pods with the label role=authorized get in, with the login from the Secret memcached-credentials-$user.
${access:+  $access
}  $in get job authorized-client -o yaml    # such a pod: examples/tutorial/3-authorized-client.yaml
  $in logs job/authorized-client           # what it saw
Look around:
  $in get securememcached,statefulset,service,networkpolicy,secret
  $in describe securememcached memcached
  $operator logs deployment/$release
Remove all of it:
  ./quickstart --down

This took $SECONDS s.
OUTLOOK
}
