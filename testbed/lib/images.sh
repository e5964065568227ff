# Images: imports archives, and makes the two images of the testbed itself out of one static binary each.
# shellcheck shell=bash disable=SC2154

# The tag names the binary's folder, so that another binary is another image.
image_name() { echo "testbed.local/$1:$(basename "$(dirname "$(built "$1")")" | sed "s/^$1-//")"; }

in_containerd() { in_node ctr --namespace k8s.io "$@"; }

# load_archive FILE: prints the names of its images. One file for each archive that was imported holds its names, so that it is not imported again as long as
# those names are there and no later archive has taken one of them.
load_archive() {
  local archive record names image
  archive=$(readlink -f "$1")
  [[ -f $archive ]] || die "there is no archive $1"
  record=$state/images/$(sha256sum <"$archive" | cut -d' ' -f1)
  mkdir -p "$state/images"
  if ! images_present "$record"; then
    names=$(in_containerd images import - <"$archive" | sed -n 's/^unpacking \([^ ]*\) .*/\1/p') || die "containerd did not import $1"
    [[ $names ]] || die "$1 holds no image that has a name; write one, as in 'buildah push IMAGE oci-archive:FILE:NAME:TAG'"
    for image in $names; do
      # The kubelet sees an image once containerd's CRI plugin has marked it.
      until_true 20 "containerd to show $image" image_managed "$image"
      { grep -lxrF "$image" "$state/images" || true; } | xargs --no-run-if-empty rm -f
    done
    printf '%s\n' "$names" >"$record.$BASHPID"
    mv "$record.$BASHPID" "$record"
  fi
  cat "$record"
}
images_present() {
  local image
  [[ -s $1 ]] || return
  while read -r image; do image_managed "$image" || return; done <"$1"
}
image_managed() { in_containerd images ls "name==$1" </dev/null | grep -q io.cri-containerd.image=managed; }

load() {
  local archive
  (($#)) || die "load takes one archive or more; see --help"
  running containerd || die "containerd does not run: run '$0 up' first"
  for archive in "$@"; do load_archive "$archive"; done
}

# load_built NAME: imports a binary of the testbed as an image of its own.
load_built() {
  local image archive=$state/$1.tar
  image=$(image_name "$1")
  [[ -e $state/run/$1.image && $(<"$state/run/$1.image") == "$image" ]] && return
  scratch_archive "$archive" "$image" / "$(built "$1")"
  load_archive "$archive"
  rm "$archive"
  echo "$image" >"$state/run/$1.image"
}
