# Applies examples/tutorial, stage by stage as the manual guide goes, and runs the guide's checks at each.
# shellcheck shell=bash disable=SC2154

tutorial=$root/examples/tutorial

run_tutorial() {
  remember_origin tutorial_origin kube get namespace "$namespace"
  say "Tutorial, stage 1: on the loopback address"
  step "Applying 0-namespace.yaml" kube apply --filename "$tutorial/0-namespace.yaml"
  apply_stage 1-loopback.yaml 127.0.0.1
  check_loopback
  say "Tutorial, stage 2: on the private address, with a source zone"
  apply_stage 2-private.yaml "<private address>"
  check_private
}

# The examples say nothing of an image; an operator that was there before may have another default than what is tried here.
image_patch() {
  case $image in
    CentOS7 | Debian12) printf '{"spec": {"image": {"flavor": "%s"}}}' "$image" ;;
    *) printf '{"spec": {"image": {"reference": "%s"}}}' "$image" ;;
  esac
}
apply_file() {
  kube patch --local --filename "$tutorial/$1" --type merge --patch "$(image_patch)" --output yaml | kube apply --filename -
}

# apply_stage FILE ADDRESS: a server that does not become Ready is one failed check, and the others show what it is about.
apply_stage() {
  step "Applying $1" apply_file "$1"
  say "  .. Waiting for the resource to be Ready"
  check "OPTIONS=\"-l $2 -U 0 -S -vv\"; sudo systemctl restart memcached; systemctl status memcached" "the resource is Ready" resource_is_ready
}
