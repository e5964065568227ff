# What the machine must have. All that is missing and may not be installed here is named at once.
# shellcheck shell=bash disable=SC2154

java_release=$(sed -n 's|.*<java.release>\(.*\)</java.release>.*|\1|p' "$root/pom.xml")
tools=$cache/bin/testbed

may_install() { ((EUID == 0)) && command -v apt-get >/dev/null; }

# Where Maven's select-jdk-toolchain looks, too.
has_jdk() {
  local folder
  for folder in "${JAVA_HOME:-}" "${JDK_HOME:-}" /usr/lib/jvm/* "$HOME"/.jdks/* "$HOME"/.sdkman/candidates/java/*; do
    [[ -x $folder/bin/javac ]] && grep -qs "^JAVA_VERSION=\"${java_release}[.\"]" "$folder/release" && return
  done
  return 1
}

has_go() {
  local version
  version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return
  version=${version#go1.}
  [[ $version =~ ^[0-9]+ ]] && ((BASH_REMATCH[0] >= 26))
}

has_clients() { command -v kubectl >/dev/null && command -v helm >/dev/null; }
clients_are_built() { [[ -x $tools/kubectl && -x $tools/helm ]]; }

need_tools() {
  local lacking=() packages=() jdk_package=openjdk-$java_release-jdk-headless message
  if builds_images; then
    if ! command -v mvn >/dev/null; then
      if may_install; then packages+=(maven); else lacking+=("Maven (on Debian and Ubuntu: apt-get install maven)"); fi
    fi
    if ! has_jdk; then
      # Debian 12 has no JDK as new as this, newer releases do.
      if may_install && apt-cache show "$jdk_package" >/dev/null 2>&1; then
        packages+=("$jdk_package")
      else
        lacking+=("JDK $java_release, such as Eclipse Temurin's, below /usr/lib/jvm or with JAVA_HOME set to it")
      fi
    fi
  fi
  if [[ $cluster == testbed ]]; then
    [[ $(uname -s) == Linux ]] && ((EUID == 0)) || lacking+=("Linux and root, for the testbed; or name another cluster, see --help")
    clients_are_built || has_go || lacking+=("Go 1.26 or newer in PATH, to build the testbed")
  elif ! has_clients && ! clients_are_built && ! has_go; then
    lacking+=("kubectl and helm in PATH, or Go 1.26 or newer, to build them")
  fi
  if ((${#lacking[@]})); then
    printf -v message '\n  - %s' "${lacking[@]}"
    die "this machine lacks:$message"
  fi
  ((${#packages[@]} == 0)) || need_packages "building the operator" "${packages[@]}"
}

# The testbed brings its own kubectl and helm.
find_clients() {
  has_clients && return
  "$root/testbed/testbed" binaries kubectl helm >/dev/null
  PATH=$tools:$PATH
}

kube() { kubectl --context "$context" "$@"; }
tutorial_kube() { kube --namespace "$namespace" "$@"; }
run_helm() { helm --kube-context "$context" --namespace "$release_namespace" "$@"; }
