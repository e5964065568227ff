# Starts and stops the components. All of them, and all containers, live below one cgroup: that is how leftovers are found and killed.
# shellcheck shell=bash disable=SC2154

# The cgroup hierarchies: one with cgroup v2, several with v1.
hierarchies=()
if [[ -e /sys/fs/cgroup/cgroup.procs ]]; then
  hierarchies=(/sys/fs/cgroup)
else
  for hierarchy in /sys/fs/cgroup/*/cgroup.procs; do hierarchies+=("${hierarchy%/cgroup.procs}"); done
fi
# The one in which processes are looked up.
processes=/sys/fs/cgroup/pids/$name
((${#hierarchies[@]} == 1)) && processes=/sys/fs/cgroup/$name

make_cgroups() {
  local hierarchy folder controller
  for hierarchy in "${hierarchies[@]}"; do
    for folder in "$hierarchy/$name" "$hierarchy/$name/daemons"; do
      [[ -d $folder ]] && continue
      if ((${#hierarchies[@]} == 1)); then
        for controller in cpu memory pids cpuset io hugetlb; do echo "+$controller" >"${folder%/*}/cgroup.subtree_control" || true; done
      fi
      mkdir "$folder"
      # A v1 cpuset starts empty and takes no process until it is filled.
      if [[ -e $folder/cpuset.mems && $hierarchy == */cpuset* ]]; then
        cat "${folder%/*}/cpuset.cpus" >"$folder/cpuset.cpus"
        cat "${folder%/*}/cpuset.mems" >"$folder/cpuset.mems"
      fi
    done
  done
}

join_cgroups() {
  local hierarchy
  for hierarchy in "${hierarchies[@]}"; do echo "$BASHPID" >"$hierarchy/$name/daemons/cgroup.procs"; done
}

# All process ids below the testbed's cgroup: components, and containers too.
testbed_pids() {
  [[ ! -d $processes ]] || find "$processes" -name cgroup.procs -exec cat {} + 2>/dev/null || true
}

pid_of() { cat "$state/run/$1.pid" 2>/dev/null || true; }

# A pid file alone may name a foreign process after a reboot: the process must be in our cgroup too.
running() {
  local pid
  pid=$(pid_of "$1")
  [[ $pid ]] && grep -qx "$pid" "$processes/daemons/cgroup.procs" 2>/dev/null
}

stop_daemon() {
  if running "$1"; then
    kill -9 "$(pid_of "$1")"
    until_true 20 "$1 to end" not_running "$1"
  fi
  rm -f "$state/run/$1.pid"
}
not_running() { ! running "$1"; }

# command_record NAME COMMAND...: the command and its configuration; another record means the daemon must start again.
command_record() {
  local daemon=$1
  shift
  printf '%s\n' "$*"
  find "$state/config" -name "$daemon.*" -exec sha256sum {} + | sort
}

# current NAME COMMAND...: does it run, with this very command and configuration?
current() { running "$1" && command_record "$@" | cmp -s - "$state/run/$1.command"; }

# daemon NAME COMMAND...: starts it unless it is current; what runs with another command is stopped first.
daemon() {
  local daemon=$1
  current "$@" && return
  stop_daemon "$daemon"
  command_record "$@" >"$state/run/$daemon.command"
  shift
  # What was checked was checked with the old process.
  rm -f "$state/run/verified"
  (
    # Joined before the start, so that it is never seen outside of the cgroup.
    join_cgroups
    [[ -z ${lock:-} ]] || exec {lock}>&-
    umask 022
    cd /
    setsid "$@" >>"$state/logs/$daemon.log" 2>&1 </dev/null &
    echo "$!" >"$state/run/$daemon.pid"
  )
}

# ready_or_dead NAME SECONDS COMMAND...: waits for a daemon, and shows the end of its log when it dies or is late.
ready_or_dead() {
  local daemon=$1 deadline=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ! running "$daemon" || ((SECONDS >= deadline)); then
      tail -n 20 "$state/logs/$daemon.log"
      die "$daemon $(running "$daemon" && echo "is not ready in time" || echo "ended"); its log is $state/logs/$daemon.log"
    fi
    sleep 0.1
  done
}
