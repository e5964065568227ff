# Builds the operator and the images, and installs them with the chart.
# shellcheck shell=bash disable=SC2154

archives=()

install_operator() {
  say "Operator and images"
  if builds_images; then
    build_operator
    build_images
    step "Giving the images to the cluster" load_images "${archives[@]}"
  else
    image=${image:-CentOS7}
    say "  The cluster pulls the images that charts/securememcached-operator/values.yaml names."
  fi
  install_release
}

# A digest of the jar and of all that goes into it; nothing while there is no jar.
jar_inputs() {
  local jars=("$root"/operator/target/operator-*.jar "$root"/operator/target/lib/*.jar)
  [[ -f ${jars[0]} && -f ${jars[-1]} ]] || return 0
  find "$root/pom.xml" "$root/operator/pom.xml" "$root/operator/src/main" "${jars[@]}" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
}

build_operator() {
  local record=$root/operator/target/quickstart.inputs inputs
  inputs=$(jar_inputs)
  if [[ $inputs && $inputs == "$(cat "$record" 2>/dev/null)" ]]; then
    say "  ok The operator is built already"
    return
  fi
  step "Building the operator" mvn --quiet --batch-mode --file "$root/pom.xml" package -Dmaven.test.skip=true -Dspotless.check.skip=true
  jar_inputs >"$record"
}

# build_images: fills `archives`, and sets `image` where the user did not.
build_images() {
  local built
  # The tutorial's clients run the Debian image whatever the servers run.
  built=$("$root/images/build" operator memcached-debian12)
  mapfile -t archives <<<"$built"
  say "  ok The images of the operator and of memcached on Debian 12 are built"
  [[ ${image:-CentOS7} == CentOS7 ]] || return 0
  # Asking for the base takes its time where no registry answers, so once is enough.
  if [[ ! $image && $(recall centos7) == unavailable ]] || ! build_centos7; then
    [[ ! $image ]] || die "the base of the CentOS 7 image can't be had on this machine; leave --image out, and Debian12 stands in"
    remember centos7 unavailable
    say "  -- The base of the CentOS 7 image can't be had here: Debian12 stands in, and the CentOS 7 image is NOT tested by this run."
    image=Debian12
    return
  fi
  image=CentOS7
}

build_centos7() {
  local built code=0
  # Its own line about the missing base would be the second one.
  built=$("$root/images/build" memcached-centos7 2> >(sed --unbuffered '/no registry answers with its base/d' >&2)) || code=$?
  case $code in
    0) archives+=("$built") ;;
    4) return 1 ;;
    *) die "building the CentOS 7 image failed" ;;
  esac
}

available_flavor() {
  if [[ $image == CentOS7 ]]; then echo CentOS7; else echo Debian12; fi
}

install_release() {
  local arguments=(--wait --timeout 3m) other
  remember_origin system_origin kube get namespace "$release_namespace"
  remember_origin release_origin run_helm status "$release"
  remember_origin crd_origin kube get customresourcedefinition "$crd"
  if [[ $(recall release_origin) == found ]]; then
    say "  ok The operator is installed already, by somebody else: it is used as it is"
    return
  fi
  other=$(kube get deployments --all-namespaces --selector 'app.kubernetes.io/name=securememcached-operator,app.kubernetes.io/component!=exporter' \
    --output=jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name} {end}')
  other=${other/"$release_namespace/$release "/}
  [[ ! $other ]] || die "there is another SecureMemcached operator in this cluster (${other% }), and two would fight over the same servers"
  # The same tag with another image: pods are replaced when their annotation changes.
  if builds_images; then
    arguments+=(--set-string "podAnnotations.securememcached\.io/image-inputs=$(cat "${archives[0]}.inputs")")
  fi
  # Servers whose resource names no flavor run one whose image is there.
  if builds_images; then arguments+=(--set "defaultFlavor=$(available_flavor)"); fi
  # Left over from an installation with another tool.
  if [[ $(recall crd_origin) == found ]]; then arguments+=(--take-ownership); fi
  step "Installing CRD and operator" run_helm upgrade --install "$release" "$root/charts/securememcached-operator" --create-namespace "${arguments[@]}"
}
