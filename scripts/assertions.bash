# What the bats tests of this project share.
# shellcheck shell=bash

# is EXPECTED COMMAND...: the command succeeds and prints this.
is() {
  local expected=$1 got
  shift
  got=$("$@") || { echo "failed with exit code $?: $got" && return 1; }
  [[ $got == "$expected" ]] || { printf 'expected: %s\ngot:      %s\n' "$expected" "$got" && return 1; }
}

# exits CODE COMMAND...
exits() {
  local expected=$1 code=0
  shift
  "$@" || code=$?
  ((code == expected)) || { echo "expected exit code $expected, got $code" && return 1; }
}
