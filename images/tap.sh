# Checks that print TAP. Sourced by tests of images.
# shellcheck shell=bash
tests=0 failures=0

# check DESCRIPTION COMMAND...: one line; the command's output is shown when it fails.
check() {
  local description=$1 output
  shift
  tests=$((tests + 1))
  if output=$("$@" 2>&1); then
    echo "ok $tests - $description"
  else
    failures=$((failures + 1))
    echo "not ok $tests - $description"
    [[ -z $output ]] || printf '%s\n' "$output" | head -n 20 | sed 's/^/# /'
  fi
}

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

# finish: the closing lines; fails when a check failed.
finish() {
  echo "1..$tests"
  echo "$((tests - failures)) passed, $failures failed"
  ((failures == 0))
}
