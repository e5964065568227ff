# What quickstart has set up, so that --down removes just that: lines of key=value in one file, written before the thing is made.
# shellcheck shell=bash disable=SC2154

state=$cache/quickstart.state

recall() { sed -n "s/^$1=//p" "$state" 2>/dev/null || true; }

remember() {
  { grep -v "^$1=" "$state" 2>/dev/null || true; } >"$state.new"
  echo "$1=$2" >>"$state.new"
  mv "$state.new" "$state"
}

forget() { rm -f "$state" "$state.new"; }

# remember_origin KEY COMMAND...: whether the object that the command asks for is ours to remove: 'made', or 'found' when it was there before us.
remember_origin() {
  local key=$1
  shift
  if ! "$@" >/dev/null 2>&1; then
    remember "$key" made
  elif [[ ! $(recall "$key") ]]; then
    remember "$key" found
  fi
}
