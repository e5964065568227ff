# The container engine of this machine. Sourced after scripts/lib.sh.
# shellcheck shell=bash disable=SC2034

# find_engine: sets `engine`, the start of every command line, and `build`, its build command.
find_engine() {
  if docker info >/dev/null 2>&1; then
    engine=(docker)
    build=(docker build)
    return
  fi
  need_packages "building and testing images without Docker" podman runc
  # crun refuses machines that have cgroup v1 and v2 at once, runc runs on all.
  engine=(podman --runtime runc)
  # RUN steps in a chroot: they work too where the machine doesn't allow whole containers to root.
  build=(podman build --isolation chroot)
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
