# The images of a cluster that pulls none: builds them, and gives them to its nodes. Sourced by quickstart, never run.
#
# context, fallback, image   of quickstart
# shellcheck shell=bash
# shellcheck disable=SC2154

# build: fills `archives`, and sets `image` where the user did not.
build() {
  local built code=0
  command -v mvn >/dev/null || need_packages "building the operator" maven
  step "Building the operator" mvn --quiet --batch-mode --file "$root/pom.xml" package -Dmaven.test.skip=true -Dspotless.check.skip=true
  built=$("$root/images/build" operator "memcached-${fallback,,}")
  mapfile -t archives <<<"$built"
  case ${image:-CentOS7} in
    CentOS7) built=$("$root/images/build" memcached-centos7 2> >(sed 's/^  xx/  --/' >&2)) || code=$? ;;
    Debian*) built=$("$root/images/build" "memcached-${image,,}") || code=$? ;;
    *) return ;;
  esac
  ((code == 0 || code == 4)) || die "building the image of the servers failed"
  ((code == 0)) && archives+=("$built") && image=${image:-CentOS7} && return
  [[ ! $image ]] || die "the base of this image can't be had on this machine; leave --image out, and $fallback stands in"
  say "  -- The base of the CentOS 7 image can't be had here: $fallback stands in, and the CentOS 7 image is NOT tested by this run."
  image=$fallback
}
# load ARCHIVE...
load() {
  local archive
  for archive; do
    if [[ $context == securememcached-testbed ]]; then "$root/testbed/testbed" load "$archive"; else kind load image-archive --name "${context#kind-}" "$archive"; fi
  done
}
