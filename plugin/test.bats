#!/usr/bin/env bats
# Tests kubectl-securememcached with a kubectl that only plays along: scripts/bats plugin/test.bats. No cluster needed.
# What a test writes for the plugin to read stays for the tests after it.
# shellcheck disable=SC2314

setup_file() {
  local work=$BATS_FILE_TMPDIR
  cat >"$work/kubectl" <<'FAKE'
#!/usr/bin/env bash
echo "$*" >>"$PLAY/calls"
case " $* " in
  *" config view "*) cat "$PLAY/namespace" ;;
  *" get securememcacheds"*" --ignore-not-found "*)
    [[ ! -s $PLAY/unreadable ]] || { cat "$PLAY/unreadable" >&2 && exit 1; }
    cat "$PLAY/managers"
    ;;
  *" get securememcacheds"*" --output=go-template="*)
    [[ ! -s $PLAY/failure ]] || { cat "$PLAY/failure" >&2 && exit 1; }
    cat "$PLAY/resources"
    ;;
  *" get securememcacheds"*) cat "$PLAY/now" ;;
  *" annotate "*)
    failure=$(head -n 1 "$PLAY/conflicts")
    sed -i 1d "$PLAY/conflicts"
    [[ ! $failure ]] || { echo "$failure" >&2 && exit 1; }
    ;;
  *" create --dry-run=client "*)
    [[ ! -s $PLAY/failure ]] || { cat "$PLAY/failure" >&2 && exit 1; }
    cat "$PLAY/documents"
    ;;
  *" --dry-run=server "*)
    json=$(cat)
    case $json in
      *bad*) echo "Warning: of a refusal" >&2 && echo "The SecureMemcached \"bad\" is invalid: spec.port: too small" >&2 && exit 1 ;;
      *away*) echo "Unable to connect to the server: dial tcp" >&2 && exit 1 ;;
      *) echo "$json" && echo "Warning: of the API server" >&2 ;;
    esac
    ;;
  *" exec "*" --plan "*)
    cat >"$PLAY/planned"
    echo "the plan"
    exit "$(<"$PLAY/code")"
    ;;
  *" get secret "*)
    [[ ! -s $PLAY/no-secret ]] || { cat "$PLAY/no-secret" >&2 && exit 1; }
    printf 'sammy\nhunter2\n'
    ;;
  *" port-forward "*)
    [[ ! -p $PLAY/alive ]] || exec 6>"$PLAY/alive"
    cat "$PLAY/forward"
    [[ ! -p $PLAY/alive ]] || exec sleep 30
    exit 1
    ;;
  *" get deployments "*) cat "$PLAY/operators" ;;
  *" exec "*)
    echo "the report"
    echo "a warning" >&2
    code=$(<"$PLAY/code")
    ((code == 0)) || echo "command terminated with exit code $code" >&2
    exit "$code"
    ;;
esac
FAKE
  chmod +x "$work/kubectl"
}

setup() {
  load "$CHECKOUT/scripts/assertions.bash"
  work=$BATS_FILE_TMPDIR
  here=$CHECKOUT/plugin
}

# play CODE [OPTION]...: runs the plugin against an operator whose run ends with this code; sets out, err and calls.
play() {
  local code=0
  echo "$1" >"$work/code"
  shift
  : >"$work/calls"
  PLAY=$work PATH=$work:$PATH "$here/kubectl-securememcached" "$@" >"$work/out" 2>"$work/err" || code=$?
  return "$code"
}
operators() { printf '%s\n' "$@" >"$work/operators"; }
calls() { cat "$work/calls"; }
says() { grep -qF -- "$1" "$work/$2" || { echo "no '$1' in $2:" && cat "$work/$2" && return 1; }; }
says_not() { ! grep -F -- "$1" "$work/$2"; }
# refused WORDS [OPTION]...: exit code 2 and these words, without a word to the cluster.
refused() {
  exits 2 play 10 "${@:2}" && says "$1" err && is '' calls
}
ends() { exits "$1" play "$2" verify sessions -n shop && says "the report" out; }

waiting() { # NAME...: resources that wait for an approval of update NAME-id
  local name
  for name in "$@"; do
    printf '@ shop %s %s-id seen ApprovalNeeded 1 server needs a restart.\n  image from a to b, of %s\n' "$name" "$name" "$name"
  done >"$work/resources"
}
now() { printf '%s\n' "$1" >"$work/now"; }
conflicts() { printf '%s\n' "$@" '' >"$work/conflicts"; }
answer() {
  local code=0 word=$1
  shift
  : >"$work/calls"
  printf '%s\n' "$word" | PLAY=$work PATH=$work:$PATH script --quiet --return --command "$here/kubectl-securememcached $*" /dev/null >"$work/out" 2>"$work/err" || code=$?
  return "$code"
}
approved() { says "annotate --overwrite --namespace=shop --resource-version=7 securememcacheds.securememcached.io $1 securememcached.io/approve-update=$1-id" calls; }
approves_nothing() { says_not "annotate --overwrite" calls; }
documents() {
  local name
  for name in "$@"; do
    printf 'securememcached.io/v1beta1/SecureMemcached shop/%s {"name":"%s"}\n' "$name" "$name"
  done >"$work/documents"
}
managers() { # LINE...: what the plugin reads of the live resource
  printf '%s\n' "$@" >"$work/managers"
}
servers() { # LINE...: what the resource says
  printf '%s\n' "$@" 'ready AllServersReady: Fine.' >"$work/resources"
}
ended_by() {
  local code=0 line plugin kubectl
  mkfifo "$work/alive" "$work/told"
  timeout 10 cat "$work/alive" >/dev/null 2>&1 &
  kubectl=$!
  # A program under nohup ignores SIGHUP, and so would what it starts.
  PLAY=$work PATH=$work:$PATH env --default-signal "$here/kubectl-securememcached" connect sessions --port 1234 >/dev/null 2>"$work/told" &
  plugin=$!
  while IFS= read -r -t 10 line; do
    [[ $line != *"Your client logs in"* ]] || break
  done <"$work/told"
  kill -s "$1" "$plugin"
  wait "$plugin" || code=$?
  wait "$kubectl" || code="$code, and kubectl goes on"
  rm "$work/alive" "$work/told"
  echo "$code"
}

@test "--help ends with 0 and names the commands" {
  operators "system operator"
  echo -n team >"$work/namespace"
  exits 0 play 10 --help
  # on standard output
  says "securememcached plan -f FILE" out
}

@test "--help of each command ends with 0, and has exit codes and its own options only" {
  for command in verify update plan top connect; do
    exits 0 play 10 "$command" --help
    says "Exit code 0:" out
    says "kubectl securememcached $command:" out
  done
}

@test "without a command it shows its usage" {
  refused "kubectl securememcached verify NAME"
}

@test "refuses an unknown command" {
  refused "unknown command 'check'" check sessions
}

@test "refuses an unknown option" {
  refused "unknown option '--all'" verify --all
}

@test "refuses an unknown option with a value" {
  refused "unknown option '--all'" verify sessions --all=yes
}

@test "refuses a missing name" {
  refused "NAME is required" verify -n shop
}

@test "refuses two names" {
  refused "only one NAME is allowed" verify sessions carts
}

@test "refuses an option without its value" {
  refused "-o needs a value" verify sessions -o
}

@test "refuses an empty value" {
  refused "--namespace needs a value" verify sessions --namespace=
}

@test "refuses an unknown format" {
  refused "expected table, guide, json or junit" verify sessions -o xml
}

@test "all passed: 0" {
  ends 0 10
}

@test "a check failed: 1" {
  ends 1 11
}

@test "something unknown: 2" {
  ends 2 12
  # without kubectl's line about it
  says_not "command terminated" err
  # but with other warnings
  says "a warning" err
  # and without words of its own
  says_not "did not complete" err
}

@test "a lost connection, which kubectl ends with 0: 2" {
  ends 2 0
}

@test "kubectl's own failure: 2" {
  ends 2 1
  # says so
  says "did not complete (exit code 1)" err
}

@test "a killed run: 2" {
  ends 2 137
}

@test "takes the namespace of the context" {
  exits 0 play 10 verify sessions
  # and 120 columns without a terminal
  says "--verify team/sessions -o table --width 120" calls
  # and the operator's Deployment
  says "exec --namespace=system deployment/operator --container=operator" calls
}

@test "takes default where the context names none" {
  : >"$work/namespace"
  exits 0 play 10 verify sessions
  # as kubectl does
  says "--verify default/sessions" calls
}

@test "passes options on in both forms" {
  exits 0 play 10 verify --context there --kubeconfig=file sessions --output=junit -n shop --operator-namespace ops
  # the context and the file to each call
  is 2 grep -c -- "--context=there --kubeconfig=file" "$work/calls"
  # the format
  says "--verify shop/sessions -o junit" calls
  # where to look for the operator
  says "get deployments --namespace=ops" calls
}

@test "no operator: 2" {
  operators ""
  exits 2 play 10 verify sessions -n shop
  # says so
  says "no operator found in any namespace" err
}

@test "several operators: 2" {
  operators "one operator" "two operator"
  exits 2 play 10 verify sessions -n shop
  # names them
  says "select one with --operator-namespace: one two" err
}

# Updates.
# answer WORD [OPTION]...: with a terminal, on which this is typed.
@test "update refuses no name" {
  : >"$work/failure"
  conflicts ''
  waiting sessions
  now "7 sessions-id"
  refused "NAME or --all is required" update
}

@test "update refuses a name with --all" {
  refused "either NAME or --all" update sessions --all
}

@test "update refuses a namespace with -A" {
  refused "not both" update -A -n shop
}

@test "update refuses options of other commands" {
  refused "unknown option '-o'" update sessions -o json
}

@test "update without a terminal and without --yes: 2" {
  exits 2 play 0 update sessions -n shop
  # says how
  says "use --yes in scripts" err
  # after it has shown the cost
  says "image from a to b, of sessions" out
  # and approves nothing
  approves_nothing
}

@test "update --yes: 0" {
  exits 0 play 0 update sessions -n shop --yes
  # approves what it has shown
  approved sessions
  # and says so
  says "shop/sessions: approved update sessions-id" out
  # and runs nothing in the operator's pod
  says_not "exec --namespace" calls
}

@test "y on the terminal: 0" {
  exits 0 answer y update sessions -n shop
  # was asked
  says "Approve this update? [y/N]" out
  # approves
  approved sessions
}

@test "anything else: 1" {
  exits 1 answer "" update sessions -n shop
  # approves nothing
  approves_nothing
}

@test "another update meanwhile: 1" {
  now "8 another-id"
  exits 1 play 0 update sessions -n shop --yes
  # says so
  says "has changed meanwhile" err
  # approves nothing
  approves_nothing
}

@test "a status that moved on is read again: 0" {
  now "7 sessions-id"
  conflicts "Error from server (Conflict): the object has been modified"
  exits 0 play 0 update sessions -n shop --yes
  # twice
  is 2 grep -c "annotate --overwrite" "$work/calls"
}

@test "no rights: 2" {
  conflicts 'Error from server (Forbidden): user "eve" cannot patch'
  exits 2 play 0 update sessions -n shop --yes
  # says which
  says "permission to patch securememcacheds in namespace shop" err
  # and the API server's words
  says 'user "eve" cannot patch' err
}

@test "nothing pending: 3" {
  conflicts ''
  echo '@ shop sessions - seen UpToDate Every server runs what it should.' >"$work/resources"
  exits 3 play 0 update sessions -n shop --yes
  # says why
  says "waits for no approval: Every server runs what it should." err
  # and that there is nothing
  says "nothing to approve" err
}

@test "an update that waits for a window: 3" {
  echo '@ shop sessions x-id seen WaitingForWindow The next window opens at noon.' >"$work/resources"
  exits 3 play 0 update sessions -n shop --yes
  # says for which
  says "The next window opens at noon." err
}

@test "a status of an earlier spec: 3" {
  echo '@ shop sessions x-id unseen ApprovalNeeded of the spec before' >"$work/resources"
  exits 3 play 0 update sessions -n shop --yes
  # says so
  says "has not seen the latest change yet" err
}

@test "an unknown resource: 2" {
  echo 'Error from server (NotFound): securememcacheds "sessions" not found' >"$work/failure"
  exits 2 play 0 update sessions -n shop --yes
  # says so
  says "could not read sessions, see above; list all" err
}

@test "--all asks once: 0 or 1" {
  : >"$work/failure"
  waiting sessions carts
  echo '@ shop idle - seen UpToDate fine' >>"$work/resources"
  now "7 sessions-id"
  exits 1 answer y update --all -n shop
  # for all
  says "Approve these 2 updates? [y/N]" out
  # shows all first
  says "image from a to b, of carts" out
  # but not what is up to date
  says_not "idle" out
  # approves the one
  approved sessions
  # but not the one that has changed
  says "shop/carts: not approved" out
}

@test "a value can't control the terminal" {
  printf '@ shop sessions sessions-id seen ApprovalNeeded x\n  pod.labels from \033[31ma to b\n' >"$work/resources"
  exits 0 play 0 update sessions -n shop --yes
  # and is shown
  says "pod.labels from  [31ma to b" out
}

@test "-A asks all namespaces" {
  waiting sessions carts
  exits 1 play 0 update -A --yes
  # in one request
  says "get securememcacheds.securememcached.io --all-namespaces" calls
}

# Plans.
@test "plan refuses a name" {
  documents sessions
  operators "system operator"
  managers
  : >"$work/unreadable"
  refused "unexpected argument 'sessions'" plan sessions
}

@test "plan refuses no file" {
  refused "-f FILE is required" plan -n shop
}

@test "plan refuses options of other commands" {
  refused "unknown option '--yes'" plan -f x --yes
}

@test "plan without a lost cache: 0" {
  exits 0 play 10 plan -f cache.yaml -n shop
  # shows it
  says "the plan" out
  # and warnings of the API server
  says "Warning: of the API server" err
  # reads the file and the namespace
  says "create --dry-run=client --filename=cache.yaml --namespace=shop" calls
  # asks the API server
  says "apply --dry-run=server --filename=-" calls
  # and the operator about its result
  says '{"name":"sessions"}' planned
}

@test "lost caches: 3" {
  exits 3 play 13 plan -f -
}

@test "refused by the operator: 1" {
  exits 1 play 11 plan -f -
}

@test "not planned: 2" {
  exits 2 play 12 plan -f -
}

@test "a lost connection: 2" {
  exits 2 play 0 plan -f -
}

@test "an operator without this command: 2" {
  exits 2 play 2 plan -f -
}

@test "--server-side is passed on" {
  exits 0 play 10 plan -f - --server-side
  # to the dry run
  says "apply --server-side --dry-run=server" calls
}

@test "--field-manager is passed on, as of a tool that forces conflicts" {
  exits 0 play 10 plan -f - --field-manager kustomize-controller
  # to the dry run
  says "apply --server-side --force-conflicts --field-manager=kustomize-controller --dry-run=server" calls
  # of a new resource, which nobody manages
  says_not "has not applied" err
}

@test "plan refuses no field manager" {
  refused "--field-manager needs a value" plan -f x --field-manager=
}

@test "plan refuses a field manager without server-side apply" {
  refused "either --server-side=false, or --server-side or --field-manager" plan -f x --field-manager helm --server-side=false
}

@test "applied by another tool: 2" {
  managers 'Apply kustomize-controller'
  exits 2 play 10 plan -f -
  # names it, and the options
  says "shop/sessions is managed by kustomize-controller; add --field-manager kustomize-controller, or --server-side=false if you apply the file with 'kubectl apply'" err
  # read them of the live resource
  says "get securememcacheds.securememcached.io sessions --namespace=shop --ignore-not-found" calls
  # and planned nothing
  says_not "--dry-run=server" calls
}

@test "applied by the field manager that was named: 0" {
  exits 0 play 10 plan -f - --field-manager kustomize-controller
  # without a warning of its own
  says_not "has not applied" err
}

@test "not applied by the field manager that was named: warns" {
  exits 0 play 10 plan -f - --field-manager kustomise-controller
  # what the plan lacks
  says "Warning: kustomise-controller has not applied shop/sessions server-side, so fields that the file no longer has stay in this plan; the spec is managed by kustomize-controller" err
}

@test "--server-side of what another tool applies: warns" {
  exits 0 play 10 plan -f - --server-side
  # as it is kubectl's
  says "Warning: kubectl has not applied shop/sessions server-side" err
}

@test "--server-side=false plans what 'kubectl apply' does" {
  exits 0 play 10 plan -f - --server-side=false
  # whoever manages the resource
  says_not "--ignore-not-found" calls
  # client-side
  says "apply --dry-run=server" calls
}

@test "applied server-side by kubectl: 2" {
  managers 'Apply kubectl'
  exits 2 play 10 plan -f -
  # names kubectl's option
  says "shop/sessions is managed by kubectl; add --server-side, or" err
  # which suffices
  exits 0 play 10 plan -f - --server-side
  # without a warning
  says_not "has not applied" err
}

@test "created and edited by kubectl: 0" {
  managers 'Update kubectl-create' 'Update kubectl-edit'
  exits 0 play 10 plan -f -
  # as 'kubectl apply' does it
  says "apply --dry-run=server" calls
}

@test "applied client-side, by whatever manager: 0" {
  managers annotated 'Update argocd-controller'
  exits 0 play 10 plan -f -
  # as the annotation has what was applied
  says_not "is managed by" err
}

@test "applied client-side and server-side: warns" {
  managers annotated 'Update kubectl-client-side-apply' 'Apply argocd-controller'
  exits 0 play 10 plan -f -
  # with the option
  says "Warning: shop/sessions is managed by kubectl-client-side-apply, argocd-controller; if the file is applied server-side, add --field-manager argocd-controller" err
}

@test "changed by a tool that does not apply: 2" {
  managers 'Update helm' 'Update helm' 'Update kubectl-edit'
  exits 2 play 10 plan -f -
  # names it
  says "shop/sessions is managed by helm, kubectl-edit; add --field-manager helm, or" err
  # and warns with it
  exits 0 play 10 plan -f - --field-manager=helm
  # of what it can't plan
  says "Warning: helm has not applied shop/sessions server-side" err
}

@test "applied by several tools: 2" {
  managers 'Apply kustomize-controller' 'Apply kustomize-controller' 'Update node-fetch' 'Apply team b;x' 'Update kustomize-controller'
  exits 2 play 10 plan -f -
  # names all, and the options of those that apply, for a shell
  says "is managed by kustomize-controller, node-fetch, team b;x; add --field-manager kustomize-controller or --field-manager team\\ b\\;x, or" err
}

@test "a live resource that can't be read: 2" {
  managers
  echo 'Error from server (Forbidden): user "eve" cannot get' >"$work/unreadable"
  exits 2 play 10 plan -f -
  # says so
  says "could not read shop/sessions, see above" err
  : >"$work/unreadable"
}

@test "refused by the API server: 1" {
  documents bad sessions
  exits 1 play 13 plan -f -
  # names it
  says "SecureMemcached shop/bad: refused by the API server" out
  # with the message
  says "  The SecureMemcached \"bad\" is invalid: spec.port: too small" out
  # without warnings
  says_not "Warning: " out
  # which are apart
  says "Warning: of a refusal" err
  # and plans the others
  says "the plan" out
  # but not that one
  says_not bad planned
}

@test "all refused: 1" {
  documents bad
  exits 1 play 10 plan -f -
  # needs no operator
  says_not "exec --namespace" calls
}

@test "no API server: 2" {
  documents away
  exits 2 play 10 plan -f -
  # says so
  says "gave no answer for shop/away" err
}

@test "a file without a SecureMemcached: 2" {
  echo 'v1/ConfigMap shop/sessions {"name":"sessions"}' >"$work/documents"
  exits 2 play 10 plan -f other.yaml
  # says so
  says "no SecureMemcached in 'other.yaml'" err
}

@test "an unreadable file: 2" {
  echo 'error: the path "x.yaml" does not exist' >"$work/failure"
  exits 2 play 10 plan -f x.yaml
  # says so
  says "could not read 'x.yaml', see above" err
}

# Top.
@test "top shows all of the context's namespace" {
  operators "system exporter"
  echo -n team >"$work/namespace"
  exits 0 play 10 top
  # in the exporter's pod
  says "exec --namespace=system deployment/exporter --container=exporter" calls
  # which it finds by its label
  says "app.kubernetes.io/component=exporter" calls
  # what it was asked for
  says "--top team" calls
  # and prints that
  says "the report" out
}

@test "top shows one resource" {
  exits 0 play 10 top sessions -n shop
  # of its namespace
  says "--top shop/sessions" calls
}

@test "top shows all namespaces" {
  exits 0 play 10 top -A
  # and names none
  says_not "--top team" calls
}

@test "nothing shown: 2" {
  exits 2 play 12 top sessions
}

@test "top refuses a name for all namespaces" {
  refused "either NAME or --all-namespaces" top sessions -A
}

@test "verify asks in the operator's pod alone" {
  exits 0 play 10 verify sessions
  # whatever other Deployment there is
  says "app.kubernetes.io/component!=exporter" calls
}

@test "no exporter: 2" {
  operators ""
  exits 2 play 10 top
  # says so
  says "no exporter found in any namespace" err
}

# Connecting. cli/ConnectCommandIT has a real server.
# ended_by SIGNAL: --port gets this signal while kubectl forwards. Waits for the end of both.
@test "connect refuses no name" {
  echo -n team >"$work/namespace"
  : >"$work/failure"
  : >"$work/no-secret"
  echo 'Error from server (Forbidden): pods "sessions-0" is forbidden' >"$work/forward"
  servers 'server sessions-0 true' 'server sessions-1 false' 'user sammy sessions-credentials-sammy Active'
  refused "NAME is required" connect
}

@test "connect refuses a command without --" {
  refused "a command goes after --, as in 'connect sessions -- get'" connect sessions get greeting
}

@test "connect refuses no command after --" {
  refused "a command is missing after --" connect sessions --
}

@test "connect refuses an unknown command" {
  refused "unknown command 'flush_all'" connect sessions -- flush_all
}

@test "connect refuses get without a key" {
  refused "get needs a KEY" connect sessions -- get
}

@test "connect refuses two keys" {
  refused "unexpected argument 'b'" connect sessions -- get a b
}

@test "connect refuses a key with a blank" {
  refused "the key has a blank" connect sessions -- get "a b"
}

@test "connect refuses an empty key" {
  refused "get needs a KEY" connect sessions -- get ""
}

@test "connect refuses a long key, in bytes" {
  refused "the key has 252 bytes" connect sessions -- get "$(printf 'ü%.0s' {1..126})"
}

@test "connect refuses a value of several words" {
  refused "put quotes around" connect sessions -- set a b c
}

@test "connect refuses an expiry that is none" {
  refused "--expire 'soon' is not a number" connect sessions -- set --expire soon a b
}

@test "connect refuses no expiry" {
  refused "--expire '' is not a number" connect sessions -- set --expire
}

@test "connect refuses two kinds of statistics" {
  refused "unknown statistics 'items slabs'" connect sessions -- stats items slabs
}

@test "connect refuses other statistics" {
  refused "unknown statistics 'reset'" connect sessions -- stats reset
}

@test "connect refuses a server that is no number" {
  refused "invalid --server 'sessions-1'" connect sessions --server sessions-1
}

@test "connect refuses a port that is none" {
  refused "invalid --port '65536'" connect sessions --port 65536
}

@test "connect refuses a port and a command" {
  refused "either --port or a command" connect sessions --port 1234 -- version
}

@test "connect refuses options of other commands" {
  refused "unknown option '--all'" connect sessions --all
}

@test "connect without the right to forward: 2" {
  exits 2 play 0 connect sessions -- version
  # shows the API server's words
  says 'pods "sessions-0" is forbidden' err
  # and says which right
  says "permission to get pods and to create pods/portforward in namespace team" err
  # and did not read the Secret
  says_not "get secret" calls
  # on 127.0.0.1 alone
  says "port-forward --namespace=team --address=127.0.0.1 pod/sessions-0 :memcached" calls
}

@test "a server that is not ready: 2" {
  exits 2 play 0 connect sessions --server 1 -- version
  # says so
  says "sessions-1 is not ready: AllServersReady: Fine." err
  # and connects to none
  says_not "port-forward" calls
}

@test "an unknown server: 2" {
  exits 2 play 0 connect sessions --server 2 -- version
  # names those that exist
  says "choose one of sessions-0, sessions-1 by --server" err
}

@test "an unknown user: 2" {
  exits 2 play 0 connect sessions --user eve -- version
  # names those that exist
  says "has no user eve: choose one of sammy by --user" err
}

@test "several users: 2" {
  servers 'server sessions-0 true' 'user sammy a Active' 'user reports b Waiting'
  exits 2 play 0 connect sessions -- version
  # names them
  says "choose one of sammy, reports by --user" err
}

@test "a user-provided Secret that can't be used: 2" {
  exits 2 play 0 connect sessions --user reports -- version
  # says where to look
  says "condition CredentialsReady says why" err
}

@test "no server: 2" {
  servers
  exits 2 play 0 connect sessions -- version
  # says so
  says "team/sessions has no server: AllServersReady: Fine." err
}

@test "a resource in another namespace: 2" {
  echo 'Error from server (NotFound): securememcacheds "sessions" not found' >"$work/failure"
  exits 2 play 0 connect sessions -- version
  # says so
  says "could not read team/sessions, see above; list all with 'kubectl get smc -A', and set -n" err
}

@test "--port that kubectl can't have: 2" {
  : >"$work/failure"
  servers 'server sessions-0 true' 'user sammy sessions-credentials-sammy Active'
  exits 2 play 0 connect sessions --port 1234
  # asks for this port on 127.0.0.1 alone
  says "port-forward --namespace=team --address=127.0.0.1 pod/sessions-0 1234:memcached" calls
  # reads no Secret
  says_not "get secret" calls
  # shows why
  says 'pods "sessions-0" is forbidden' err
  # and does not say that it forwards
  says_not "Forwarding 127.0.0.1" err
}

@test "--port whose connection ends: 2" {
  printf '%s\n' 'Warning: of kubectl' 'Forwarding from 127.0.0.1:1 -> 11211' 'error: lost connection to pod' >"$work/forward"
  exits 2 play 0 connect sessions --port 1
  # had said who logs in
  says "Your client logs in" err
  # shows what kubectl says then
  says "error: lost connection to pod" err
  # and says that it has ended
  says "the connection to sessions-0 ended" err
  # not that a right is missing
  says_not "it takes permission" err
}

@test "--port ends kubectl at SIGTERM: 143" {
  is 143 ended_by TERM
}

@test "--port ends kubectl at SIGHUP: 129" {
  is 129 ended_by HUP
}

@test "kubectl warns before it forwards: goes on" {
  exits 2 play 0 connect sessions -- version
  # to the server, which is not there
  says "no answer from sessions-0" err
  # and shows the warning then
  says "Warning: of kubectl" err
}

@test "a user who has left the spec is no choice" {
  servers 'server sessions-0 true' 'user sammy a Active' 'user old b Ending'
  exits 2 play 0 connect sessions -- version
  # so that the other is the only one
  says "no answer from sessions-0" err
  # unless it is named
  exits 2 play 0 connect sessions --user old --port 1
  # by --user
  says "user and password of Secret b" err
}
