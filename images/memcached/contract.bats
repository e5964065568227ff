#!/usr/bin/env bats
# Checks a memcached image against the contract in docs/images.md: IMAGE=NAME_OR_ARCHIVE scripts/bats images/memcached/contract.bats. No cluster needed.
# A test that starts or changes the server leaves it so for the tests after it.

setup_file() {
  # shellcheck source=../../scripts/lib.sh
  source "$CHECKOUT/scripts/lib.sh"
  # shellcheck source=../engine.sh
  source "$CHECKOUT/images/engine.sh"
  find_engine
  # The user of the container writes the sasldb.
  chmod 0755 "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR"
  loaded_image "${IMAGE:?IMAGE is the name of an image, or an archive of images/build}" >"$BATS_FILE_TMPDIR/image"
  echo "securememcached-contract-$$" >"$BATS_FILE_TMPDIR/container"
}

setup() {
  load "$CHECKOUT/scripts/assertions.bash"
  source "$CHECKOUT/scripts/lib.sh"
  source "$CHECKOUT/images/engine.sh"
  find_engine
  here=$CHECKOUT/images/memcached
  work=$BATS_FILE_TMPDIR
  image=$(<"$work/image")
  container=$(<"$work/container")
  realm=sessions-0
  login=(--binary --username=sammy)
  arguments=(-l 127.0.0.1 -p 11211 -U 0 -S -v)
  zero=0000000000000000
}

teardown_file() {
  source "$CHECKOUT/scripts/lib.sh"
  source "$CHECKOUT/images/engine.sh"
  find_engine
  "${engine[@]}" rm --force "$(<"$BATS_FILE_TMPDIR/container")" >/dev/null 2>&1 || true
}

# --- the image at rest

config() { image_config "$image" "$1"; }
plugins() { sed -nE 's|^[-lh].* (./)?usr/.*/sasl2/lib([a-z0-9]+)\.so.*|\2|p' "$work/files" | sort -u | paste -sd ' '; }
entrypoint_is_memcached() { [[ $(config '{{json .Config.Entrypoint}} {{json .Config.Cmd}}') =~ ^\[\"/[a-z/]*/memcached\"\]\ (null|\[\])$ ]]; }

# --- a running server

serve() {
  "${engine[@]}" run --detach --name "$container" --hostname "$realm" --network none --user 11211:11211 --cap-drop ALL \
    --security-opt no-new-privileges "${read_only[@]}" "${run_limits[@]}" "$@" >/dev/null
}
inside() { "${engine[@]}" exec "$container" "$@"; }
listening_on() { inside bash -c "exec 3<>/dev/tcp/127.0.0.1/$1"; }
started() {
  local end=$((SECONDS + 10))
  until listening_on 11211 2>/dev/null; do
    ((SECONDS < end)) || { "${engine[@]}" logs "$container" && return 1; }
    sleep 0.1
  done
}

# set_password USER REALM PASSWORD: with the image's own tool, as an administrator would.
set_password() {
  "${engine[@]}" run --rm --interactive --network none --user 11211:11211 "${run_limits[@]}" --volume "$work/new:/new" \
    --entrypoint saslpasswd2 "$image" -p -c -a memcached -u "$2" -f /new/memcached-sasldb2 "$1" <<<"$3"
}
publish_sasldb() { mv "$work/new/memcached-sasldb2" "$work/sasl/memcached-sasldb2"; }

stat_as() { inside timeout 10 memcstat --servers=127.0.0.1:11211 "${login[@]}" --password="$1"; }
stat_has() {
  local output name
  output=$(inside timeout 10 "$1" --servers=127.0.0.1:11211 "${login[@]}" --password="$2")
  for name in pid uptime version; do
    grep -q "^[[:space:]]*$name: " <<<"$output" || { echo "no $name in: $output" && return 1; }
  done
}
round_trip() {
  inside bash -c 'memccp "$@" /etc/sasl2/memcached.conf && memccat "$@" memcached.conf' bash \
    --servers=127.0.0.1:11211 "${login[@]}" --password=secret-1 | grep -q 'mech_list: plain'
}

# request OPCODE KEY VALUE [ESCAPES]: a request of the binary protocol, for printf; ESCAPES is the number of backslash-0 in the value.
request() {
  printf '\\x80\\x%s\\x00\\x%02x\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x%02x' "$1" "${#2}" "$((${#2} + ${#3} - ${4:-0}))"
  printf '\\x00%.0s' {1..12}
  printf '%s%s' "$2" "$3"
}
auth_plain() { request 21 PLAIN "\\0sammy\\0$1" 2; }
get() { request 00 key ''; }

hex() { od -An -v -tx1 | tr -d ' \n'; }
# replies REQUEST...: opcode, status and body of each reply on one connection, in hex. The server closes after QUIT, and after any command that needs a login.
replies() {
  local hex length
  # shellcheck disable=SC2016
  hex=$(inside timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/11211 && printf "$1" >&3 && cat <&3' bash "$(printf '%s' "$@" "$(request 07 '' '')")" | hex)
  while [[ $hex ]]; do
    length=$((16#${hex:16:8} * 2))
    echo "${hex:2:2} ${hex:12:4} ${hex:48:length}"
    hex=${hex:48+length}
  done
}
mechanisms() { replies "$(request 20 '' '')" | awk '$1 == "20" {print $3}'; }
statuses() { replies "$@" | cut -d' ' -f2 | paste -sd ' '; }

sockets() {
  inside cat "/proc/net/$1" "/proc/net/$1"6 | awk -v state="$2" '$4 == state {print $2}'
}
privileges() { inside grep -E '^(Uid|Gid|Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs):' /proc/1/status | awk '{print $1, $2}' | paste -sd ' '; }
# shellcheck disable=SC2016
cannot_write() { ! inside bash -c 'for f in / /etc /tmp /usr/bin /etc/sasl2; do echo x >"$f/written" && echo "wrote to $f" && exit; done; exit 1' 2>/dev/null; }
has_tools() {
  # shellcheck disable=SC2016
  inside bash -c 'for tool; do command -v "$tool" >/dev/null || { echo "no $tool" && exit 1; }; done' bash "$@"
}
stops() {
  local before after code
  before=$(date +%s%N)
  "${engine[@]}" stop --time 10 "$container" >/dev/null
  after=$(date +%s%N)
  code=$("${engine[@]}" inspect --format '{{.State.ExitCode}}' "$container")
  (((after - before) / 1000000 < 2000 && code == 0)) || { echo "exit code $code after $(((after - before) / 1000000)) ms" && return 1; }
}

@test "has the label of the contract" {
  is 1 config '{{index .Config.Labels "io.securememcached.contract"}}'
}

@test "runs as 11211:11211" {
  is 11211:11211 config '{{.Config.User}}'
}

@test "is stopped with SIGINT" {
  is SIGINT config '{{.Config.StopSignal}}'
}

@test "its entry point is memcached without arguments" {
  entrypoint_is_memcached
}

@test "its SASL plugins are plain and sasldb" {
  list_files "$image" "$container" >"$work/files"
  is "plain sasldb" plugins
}

@test "holds no setuid or setgid file and no device" {
  is '' privileged "$work/files"
}

@test "starts with a read-only root, no capabilities, no privileges to gain" {
  mkdir -p "$work/sasl" "$work/new"
  chmod 0777 "$work/new"
  cp "$here/memcached.conf" "$work/sasl/"
  set_password sammy "$realm" secret-1
  set_password sammy other-0 secret-2
  publish_sasldb
  serve --volume "$work/sasl:/etc/sasl2:ro" "$image" "${arguments[@]}"
  started
}

@test "has bash, whose /dev/tcp serves as a probe" {
  listening_on 11211
}

@test "that probe fails where nothing listens" {
  exits 1 listening_on 11212
}

@test "says that SASL is on" {
  grep -q 'Initialized SASL.' <("${engine[@]}" logs "$container" 2>&1)
}

@test "listens on one TCP socket" {
  is 0100007F:2BCB sockets tcp 0A
}

@test "has no UDP socket" {
  is '' sockets udp 07
}

@test "process 1 is 11211 without capabilities" {
  is "Uid: 11211 Gid: 11211 CapInh: $zero CapPrm: $zero CapEff: $zero CapBnd: $zero CapAmb: $zero NoNewPrivs: 1" privileges
}

@test "nothing can be written to" {
  cannot_write
}

@test "knows the user by name" {
  inside grep -q '^memcached:x:11211:11211:' /etc/passwd
}

@test "has memcached in PATH, and what probes and tests use" {
  has_tools memcached bash cat grep timeout
}

@test "has libmemcached's tools under both names" {
  has_tools mem{,c}{stat,ping,cat,cp,exist,rm,touch,flush}
}

@test "has the tools for a sasldb" {
  has_tools saslpasswd2 sasldblistusers2 db_dump db_verify
}

@test "sasldblistusers2 lists the users" {
  grep -qx "sammy@$realm: userPassword" <(inside sasldblistusers2 -f /etc/sasl2/memcached-sasldb2)
}

@test "db_verify accepts the sasldb" {
  inside db_verify /etc/sasl2/memcached-sasldb2
}

@test "offers the mechanism PLAIN only" {
  is "$(printf PLAIN | hex)" mechanisms
}

@test "answers no command before a login, and closes" {
  is 0020 statuses "$(get)"
}

@test "lets a user in" {
  is "0000 0001 0000" statuses "$(auth_plain secret-1)" "$(get)"
}

@test "refuses a wrong password, and commands after it" {
  is "0020 0020" statuses "$(auth_plain wrong)" "$(get)"
}

@test "refuses the password of another realm" {
  is "0020 0020" statuses "$(auth_plain secret-2)" "$(get)"
}

@test "refuses ANONYMOUS" {
  is "0020 0020" statuses "$(request 21 ANONYMOUS x)" "$(get)"
}

@test "memcstat without a login exits 1" {
  exits 1 inside timeout 10 memcstat --servers=127.0.0.1:11211
}

@test "memcstat with a wrong password exits 1" {
  exits 1 stat_as wrong
}

@test "memcstat with a login prints pid, uptime, version" {
  stat_has memcstat secret-1
}

@test "memstat does the same" {
  stat_has memstat secret-1
}

@test "keeps a value" {
  round_trip
}

@test "takes a new password from a new sasldb without a restart" {
  set_password sammy "$realm" secret-3
  publish_sasldb
  is "0000 0001 0000" statuses "$(auth_plain secret-3)" "$(get)"
}

@test "and no longer the old one" {
  is "0020 0020" statuses "$(auth_plain secret-1)" "$(get)"
}

@test "stops within 2 s" {
  stops
}

@test "starts without a configuration of the operator" {
  "${engine[@]}" rm --force "$container" >/dev/null
  serve "$image" "${arguments[@]}"
  started
}

@test "then offers PLAIN only" {
  is "$(printf PLAIN | hex)" mechanisms
}

@test "then lets nobody in with a password" {
  is "0020 0020" statuses "$(auth_plain secret-3)" "$(get)"
}

@test "then lets nobody in as ANONYMOUS" {
  is "0020 0020" statuses "$(request 21 ANONYMOUS x)" "$(get)"
}
