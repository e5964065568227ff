# The programs that a release needs beyond Debian's, built from Go modules into the cache; their versions are pinned in release/tools. Sourced after scripts/lib.sh.
# shellcheck shell=bash disable=SC2154

compile_tool() {
  local folder=$1 module
  module=$(basename "${folder%-*}")
  cd "$root/release/tools/${module#release-}" || exit
  rm -rf "$folder.new"
  mkdir -p "$folder.new"
  CGO_ENABLED=0 GOBIN=$folder.new go install -mod=readonly -trimpath -ldflags='-s -w' tool
  mv "$folder.new" "$folder"
}

# need_tools NAME...: puts these folders of release/tools on the PATH.
need_tools() {
  local name folder
  for name in "$@"; do
    folder=$cache/bin/release-$name-$(cat "$root/release/tools/$name"/go.* <(declare -f compile_tool) | sha256sum | cut -c1-12)
    if [[ ! -d $folder ]]; then need_go "a release"; fi
    once "$folder" "Building $name (minutes, the first time)" compile_tool
    PATH=$folder:$PATH
  done
}

# need_helm: the Helm 4 in PATH, or the testbed's. Helm 3 gives the files in a package the present time, so no two runs have the same bytes.
need_helm() {
  [[ $(helm version --template '{{.Version}}' 2>/dev/null) != v4.* ]] || return 0
  "$root/testbed/testbed" binaries helm >/dev/null
  PATH=$cache/bin/testbed:$PATH
}
