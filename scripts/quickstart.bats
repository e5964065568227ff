#!/usr/bin/env bats
# Tests what quickstart installs in and removes from a cluster that others use, with a kubectl and a helm that only play along:
# scripts/bats scripts/quickstart.bats. No cluster needed.
# shellcheck disable=SC2314

crd=customresourcedefinition/securememcacheds.securememcached.io

setup_file() {
  local work=$BATS_FILE_TMPDIR
  cat >"$work/kubectl" <<'FAKE'
#!/usr/bin/env bash
echo "kubectl $*" >>"$PLAY/calls"
[[ ! -e $PLAY/unreachable ]] || { echo "Unable to connect to the server: dial tcp" >&2 && exit 1; }
case " $* " in
  *" get namespace kube-system "*) cat "$PLAY/id" ;;
  *" get deployments --all-namespaces "*)
    [[ ! -e $PLAY/restricted ]] || { echo "Error from server (Forbidden): deployments.apps is forbidden" >&2 && exit 1; }
    cat "$PLAY/operators"
    ;;
  *" get namespace "* | *" get customresourcedefinition "*)
    [[ ! -e $PLAY/unreadable ]] || { echo "Error from server (Forbidden)" >&2 && exit 1; }
    [[ $* =~ get\ ([a-z]+)\ ([^ ]+) ]]
    grep -x "${BASH_REMATCH[1]}/${BASH_REMATCH[2]}" "$PLAY/objects" || [[ $* == *--ignore-not-found* ]]
    ;;
  *" get deployments "*) echo "securememcached-system securememcached-operator" ;;
  *" get securememcacheds.securememcached.io --all-namespaces "*)
    [[ ! -s $PLAY/failure ]] || { cat "$PLAY/failure" >&2 && exit 1; }
    cat "$PLAY/caches"
    ;;
  *" diff "*) exit "$(<"$PLAY/difference")" ;;
  *" exec "*) exit 10 ;;
esac
FAKE
  cat >"$work/helm" <<'FAKE'
#!/usr/bin/env bash
echo "helm $*" >>"$PLAY/calls"
case " $* " in
  *" list "*) cat "$PLAY/release" ;;
  *" status "*) grep -q . "$PLAY/release" ;;
esac
FAKE
  chmod +x "$work/kubectl" "$work/helm"
}

# A cluster without an operator.
setup() {
  load "$CHECKOUT/scripts/assertions.bash"
  work=$BATS_TEST_TMPDIR
  touch "$work/caches" "$work/operators" "$work/objects" "$work/release"
  echo "uid-1" >"$work/id"
  echo 0 >"$work/difference"
}

# play [OPTION]...: runs quickstart with a cache of its own; sets out and calls.
play() {
  local code=0
  : >"$work/calls"
  PLAY=$work SECUREMEMCACHED_CACHE=$work/cache PATH=$BATS_FILE_TMPDIR:$PATH "$CHECKOUT/quickstart" "$@" >"$work/out" 2>&1 || code=$?
  ((code == 0)) || cat "$work/out"
  return "$code"
}
run_quickstart() { play --cluster existing --context theirs; }
says() { grep -qF -- "$1" "$work/out" || { echo "no '$1' in:" && cat "$work/out" && return 1; }; }
says_not() { ! grep -F -- "$1" "$work/out"; }
called() { grep -qF -- "$1" "$work/calls" || { echo "no '$1' in:" && cat "$work/calls" && return 1; }; }
called_not() { ! grep -F -- "$1" "$work/calls"; }

@test "quickstart is short enough to be read: 200 lines" {
  (($(wc -l <"$CHECKOUT/quickstart") <= 200))
}

@test "an empty cluster gets the CRD with the operator" {
  run_quickstart
  called "helm --kube-context theirs --namespace securememcached-system upgrade --install securememcached-operator"
  called_not "crds.install"
  called_not "--take-ownership"
}

@test "an operator in another namespace is named, and nothing is installed beside it" {
  printf 'platform/securememcached-operator ' >"$work/operators"
  echo "$crd" >"$work/objects"
  exits 1 run_quickstart
  says "an operator that is not quickstart's: platform/securememcached-operator; uninstall it"
  called_not " upgrade "
}

@test "what is not installed is not removed either" {
  printf 'platform/securememcached-operator ' >"$work/operators"
  echo "$crd" >"$work/objects"
  exits 1 run_quickstart
  play --down
  says_not "was there before quickstart"
  called_not " uninstall "
  called_not " delete "
}

@test "a CRD that is left keeps its owner" {
  echo "$crd" >"$work/objects"
  run_quickstart
  called "--set crds.install=false"
  called_not "--take-ownership"
  says_not "The CRD was there before"
  play --down
  called " uninstall securememcached-operator "
  called_not " delete customresourcedefinition "
}

@test "a CRD of another version is said" {
  echo "$crd" >"$work/objects"
  echo 1 >"$work/difference"
  run_quickstart
  says "it is not this checkout's: fields may be missing"
  called "--set crds.install=false"
}

@test "a CRD that can't be compared is not said to differ" {
  echo "$crd" >"$work/objects"
  echo 2 >"$work/difference"
  run_quickstart
  says_not "The CRD was there before"
  called "--set crds.install=false"
}

@test "nothing is installed while other operators can't be listed" {
  touch "$work/restricted"
  exits 1 run_quickstart
  says "is forbidden"
  says "operators can't be listed, see above"
  called_not " upgrade "
}

@test "the operator of a release of this name is used as it is, with no right to list others" {
  echo "securememcached-operator" >"$work/release"
  touch "$work/restricted"
  run_quickstart
  says "by somebody else: it is used as it is"
  called_not " upgrade "
  play --down
  called_not " uninstall "
}

@test "--down removes what was installed, and a tutorial's cache with it" {
  run_quickstart
  echo "$crd" >"$work/objects"
  printf 'securememcached-tutorial/memcached ' >"$work/caches"
  play --down
  called " delete namespace securememcached-tutorial "
  called " uninstall securememcached-operator "
  called " delete customresourcedefinition securememcacheds.securememcached.io "
  called " delete namespace securememcached-system "
}

@test "--down removes nothing while the CRD has resources of others" {
  run_quickstart
  echo "$crd" >"$work/objects"
  printf 'securememcached-tutorial/memcached shop/sessions ' >"$work/caches"
  exits 1 play --down
  says "would go with the CRD: shop/sessions; delete them first"
  called_not " delete "
}

@test "--down removes nothing while it is not known whose resources the CRD has" {
  run_quickstart
  echo "$crd" >"$work/objects"
  echo "Error from server (Forbidden): securememcacheds is forbidden" >"$work/failure"
  exits 1 play --down
  says "is forbidden"
  says "would go with the CRD, see above; nothing was removed"
  called_not " delete "
  called_not " uninstall "
  # The same, once the list is there.
  rm "$work/failure"
  play --down
  called " delete customresourcedefinition "
}

@test "--down goes on without the CRD, which somebody has deleted" {
  run_quickstart
  echo "the server doesn't have a resource type" >"$work/failure"
  play --down
  called " uninstall securememcached-operator "
}

@test "--down of a cluster that does not answer removes nothing, and forgets nothing" {
  run_quickstart
  touch "$work/unreachable"
  exits 1 play --down
  says "the cluster of context theirs does not answer; nothing was removed"
  says_not "Done."
  called_not " delete "
  rm "$work/unreachable"
  play --down
  called " uninstall securememcached-operator "
}

@test "--down removes nothing in another cluster, and forgets the one that is gone" {
  run_quickstart
  echo "uid-2" >"$work/id"
  play --down
  says "Context theirs leads to another cluster now"
  called_not " delete "
  called_not " uninstall "
  play --down
  says "There is nothing to remove"
}

@test "--down of its own cluster that fails forgets nothing" {
  (cd "$CHECKOUT" && cp -R --parents quickstart scripts "$work")
  mkdir -p "$work/testbed" "$work/cache"
  printf '#!/bin/sh\nexit 1\n' >"$work/testbed/testbed"
  chmod +x "$work/testbed/testbed"
  printf 'origin=made\ncluster=testbed\ncontext=securememcached-testbed\n' >"$work/cache/quickstart.state"
  CHECKOUT=$work exits 1 play --down
  says_not "Done."
  [[ -s $work/cache/quickstart.state ]]
}

@test "a lookup that fails is no sign that an object was not there" {
  echo "$crd" >"$work/objects"
  run_quickstart
  touch "$work/unreadable"
  exits 1 run_quickstart
  rm "$work/unreadable"
  play --down
  called_not " delete customresourcedefinition "
}
