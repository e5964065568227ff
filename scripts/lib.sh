# What the project's scripts share. Sourced, never run.
#
# root    the checkout
# cache   what may be thrown away and is built again: binaries, image archives, logs
# shellcheck shell=bash
# shellcheck disable=SC2034
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${SECUREMEMCACHED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/securememcached}
mkdir -p "$cache/logs"

# die MESSAGE...: says what is wrong and what to do about it, and ends the script.
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# say MESSAGE...: one line for the person who watches.
say() { printf '%s\n' "$*" >&2; }

# step DESCRIPTION COMMAND...: runs a command with its output in a log, and says how far it is every 15 s and how long it took. On failure the end of the log is
# shown and the script ends with the command's own exit code.
step() {
  local description=$1 log started=$SECONDS pid code=0 beat=0
  shift
  log=$cache/logs/$(tr -cs '[:alnum:]' '-' <<<"$description" | cut -c1-60).$$.log
  say "  .. $description"
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    beat=$((beat + 1))
    if ((beat % 75 == 0)); then
      say "     $((SECONDS - started)) s: $(tail -n 1 "$log" | tr -d '\r' | cut -c1-100)"
    fi
  done
  wait "$pid" || code=$?
  if ((code != 0)); then
    say "  xx $description: failed with exit code $code after $((SECONDS - started)) s; the end of $log:"
    tail -n 40 "$log" >&2
    exit "$code"
  fi
  rm -f "$log"
  say "  ok $description ($((SECONDS - started)) s)"
}

# once FOLDER DESCRIPTION COMMAND: COMMAND FOLDER makes a folder of the cache, named NAME-PIN, unless it is there or another process makes it.
once() {
  local folder=$1 lock
  [[ ! -d $folder ]] || return 0
  mkdir -p "$cache/bin"
  exec {lock}>"${folder%-*}.lock"
  flock "$lock"
  [[ -d $folder ]] || step "$2" "$3" "$folder"
  exec {lock}>&-
}

# need_packages WHY PACKAGE...: installs the Debian packages that are missing, or names them all in one message where it may not.
need_packages() {
  local why=$1 package missing=()
  shift
  command -v dpkg-query >/dev/null || die "$why needs these Debian packages or their like: $*"
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]} == 0)) && return
  ((EUID == 0)) || die "$why needs packages that are not installed; run: sudo apt-get install ${missing[*]}"
  step "Refreshing the package lists" apt-get -o DPkg::Lock::Timeout=600 update
  step "Installing for $why: ${missing[*]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=600 install --yes --no-install-recommends "${missing[@]}"
}

# need_interpreter CHECK WHY PACKAGE...: installs the Debian packages, unless the command CHECK works with what is there from elsewhere.
need_interpreter() {
  local check=$1
  shift
  bash -c "$check" >/dev/null 2>&1 || need_packages "$@"
  bash -c "$check" >/dev/null || die "$1 does not work although these packages are installed: ${*:2}"
}

# need_go WHY: Go is not installed here; it must be newer than Debian's.
need_go() {
  local found minor
  command -v go >/dev/null || die "$1 needs Go 1.26 or newer, and there is no 'go' in PATH"
  found=$(GOTOOLCHAIN=local go env GOVERSION)
  minor=${found#go1.}
  minor=${minor%%[!0-9]*}
  if [[ $found != go1.* ]] || ((minor < 26)); then die "$1 needs Go 1.26 or newer; $(command -v go) is $found"; fi
}

# scratch_archive FILE IMAGE FOLDER BINARY...: a docker-archive whose image holds nothing but static binaries, in FOLDER (/, /bin); it runs the first.
scratch_archive() {
  local file=$1 image=$2 target=${3%/}/ folder layer
  shift 3
  folder=$(mktemp -d)
  tar --create --file="$folder/layer.tar" --mtime=@0 --owner=0 --group=0 --mode=0755 --absolute-names --transform="s|.*/|${target#/}|" "$@"
  layer=$(sha256sum <"$folder/layer.tar" | cut -d' ' -f1)
  printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":["%s"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$(dpkg --print-architecture)" "$target$(basename "$1")" "$layer" >"$folder/config.json"
  printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$image" >"$folder/manifest.json"
  tar --create --file="$file" --directory="$folder" manifest.json config.json layer.tar
  rm -r "$folder"
}
