# The container engine of this machine. Sourced after scripts/lib.sh.
# shellcheck shell=bash disable=SC2034

# find_engine: sets `engine`, the start of every command line, `build`, its build command, and `read_only`, the options for a root that nothing can write to.
# ENGINE=podman takes Podman where Docker runs, too.
find_engine() {
  if [[ ${ENGINE:-} != podman ]] && docker info >/dev/null 2>&1; then
    engine=(docker)
    build=(docker build)
    read_only=(--read-only)
    return
  fi
  if ! command -v podman >/dev/null || ! command -v runc >/dev/null; then
    need_packages "building and testing images without Docker" podman runc
  fi
  # crun refuses machines that have cgroup v1 and v2 at once, runc runs on all.
  engine=(podman --runtime runc)
  # RUN steps in a chroot: they work too where the machine doesn't allow whole containers to root.
  build=(podman build --isolation chroot)
  # Podman would lay a writable /tmp and /run over it.
  read_only=(--read-only --read-only-tmpfs=false)
}

# architecture_of_machine: as images name it.
architecture_of_machine() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64 | arm64) echo arm64 ;;
    *) uname -m ;;
  esac
}

# need_emulation ARCHITECTURE: programs of another processor run on this machine, in containers too.
need_emulation() {
  local handlers=/proc/sys/fs/binfmt_misc handler
  case $1 in
    amd64) handler=qemu-x86_64 ;;
    arm64) handler=qemu-aarch64 ;;
  esac
  [[ ! -e $handlers/$handler ]] || return 0
  need_packages "images for $1 on this machine" qemu-user-static binfmt-support
  [[ -e $handlers/register ]] || mount -t binfmt_misc binfmt_misc "$handlers"
  [[ -e $handlers/$handler ]] || update-binfmts --enable "$handler"
  [[ -e $handlers/$handler ]] || die "this machine runs no programs for $1, although qemu-user-static is installed; build on such a machine"
}

# push_options REFERENCE: sets `options` for a registry on the loopback address, which Docker reaches without TLS by itself.
push_options() {
  options=(--quiet)
  if [[ ${engine[0]} == podman && $1 =~ ^(localhost|127\.[0-9.]+):[0-9]+/ ]]; then options+=(--tls-verify=false); fi
}

# A root without CAP_SYS_RESOURCE may lower limits and not raise them, which engines do by default.
run_limits=(--ulimit nofile=8192:8192 --ulimit nproc=1024:1024)

# loaded_image ARCHIVE_OR_NAME: prints a name that the engine knows.
loaded_image() {
  if [[ -f $1 ]]; then
    "${engine[@]}" load --quiet --input "$1" | sed -n 's/^Loaded image[^:]*: //p' | head -n 1
  else
    echo "$1"
  fi
}

# image_config IMAGE TEMPLATE: a part of its configuration.
image_config() { "${engine[@]}" image inspect --format "$2" "$1"; }

# export_files IMAGE CONTAINER: a tar of all files, seen from outside: the image needs no tool for it.
export_files() {
  "${engine[@]}" create --name "$2" "$1" >/dev/null
  "${engine[@]}" export "$2"
  "${engine[@]}" rm "$2" >/dev/null
}

# list_files IMAGE CONTAINER: type, mode and path of every file.
list_files() { export_files "$1" "$2" | tar --list --verbose --numeric-owner | awk '{print $1, $6}'; }

# privileged FILES: what in such a list is setuid, setgid or a device.
privileged() { awk '$1 ~ /^-..[sS]|^-.....[sS]|^[bc]/' "$1"; }
