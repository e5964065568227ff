# The checks of the manual guide, each with the command that really runs. A check sets `ran` (the command as one would type it) and `seen`, and fails by its
# exit code. Passwords go from kubectl to kubectl through a pipe, never on a command line of this machine.
# shellcheck shell=bash disable=SC2154

server=memcached-0
user=sammy
rows=()
failures=0

# check BY_HAND EXPECTED COMMAND...: adds a row to the table.
check() {
  local by_hand=$1 expected=$2 mark=ok ran='' seen=''
  shift 2
  "$@" || mark=FAILED
  [[ $mark == ok ]] || failures=$((failures + 1))
  rows+=("$by_hand"$'\037'"$ran"$'\037'"$expected"$'\037'"$seen"$'\037'"$mark")
  if [[ $mark == ok ]]; then say "  ok $by_hand"; else say "  xx $by_hand | $seen"; fi
}

check_loopback() {
  check "sudo yum install memcached libmemcached" "a version of each" has_programs
  check "sudo netstat -plunt" "one TCP socket, on 127.0.0.1:11211" listens_on 127.0.0.1:11211
  check "-U 0; sudo netstat -plunt" "no UDP socket" has_no_udp
  check "memstat --servers=<address>, from elsewhere" "connection refused: only inside the pod is it reachable" refuses_own_address
  check "-S, -vv; sudo journalctl -u memcached" "Initialized SASL." says_sasl
  check "mech_list: plain" "PLAIN offered; ANONYMOUS and statistics without a login refused (0x0020)" offers_plain_only
  check "memstat --servers=127.0.0.1; echo \$?" "exit code 1" refuses_without_login
  check "memstat --username=$user --password=<wrong>" "exit code 1" refuses_wrong_password
  check "saslpasswd2 -a memcached -c $user; memstat --username=$user --password=<its own>" "pid, uptime, version" tells_statistics
}

check_private() {
  local address authorized=''
  address=$(tutorial_kube get pod "$server" --output=jsonpath='{.status.podIP}')
  check "sudo netstat -plunt" "two TCP sockets, on $address:11211 and inside the pod on 127.0.0.1:11211" listens_on "$address:11211" 127.0.0.1:11211
  check "-U 0; sudo netstat -plunt" "no UDP socket" has_no_udp
  say "  .. Running the tutorial's clients"
  start_client authorized-client 3-authorized-client.yaml
  start_client unauthorized-client 4-unauthorized-client.yaml
  check "firewall-cmd --new-zone, --add-port, --add-source; memstat from that source" "refused without a login; pid, uptime, version with one" zone_gets_in
  check "memstat from another address" "no connection" others_stay_out
}

# shown WORD...: a command as one would type it.
shown() {
  local word words=()
  for word in "$@"; do
    [[ $word =~ ^[A-Za-z0-9_./:=@%+,-]+$ ]] || word="'$word'"
    words+=("$word")
  done
  echo "${words[*]}"
}

# in_server COMMAND...: sets ran, output and code. kubectl's own failures, such as a pod that is not there, are code 255: they must not pass for a refusal.
in_server() {
  ran="kubectl exec $server -- $(shown "$@")"
  finish_exec < <(tutorial_kube exec "$server" -- "$@" 2>&1 || echo "exit code $?")
}

# logged_in SCRIPT: as in_server, for a script that finds the user's password in $password.
logged_in() {
  local secret=(get secret "memcached-credentials-$user" '--output=go-template={{.data.password|base64decode}}')
  local script="read -r password; $1"
  ran="kubectl $(shown "${secret[@]}") | kubectl exec -i $server -- $(shown bash -c "$script")"
  finish_exec < <(tutorial_kube "${secret[@]}" | tutorial_kube exec --stdin "$server" -- bash -c "$script" 2>&1 || echo "exit code $?")
}

finish_exec() {
  output=$(cat)
  code=0
  if [[ $output =~ exit\ code\ ([0-9]+)$ ]]; then
    code=255
    # The line of kubectl for a command that ran and failed.
    if [[ $output == *"command terminated with exit code ${BASH_REMATCH[1]}"* ]]; then code=${BASH_REMATCH[1]}; fi
  fi
}

# The first words of what a failed command said.
complaint() { grep -v '^exit code\|^command terminated' <<<"$output" | paste -sd' ' | cut -c1-120; }

resource_is_ready() {
  local started=$SECONDS condition
  ran="kubectl wait --for=condition=Ready securememcached/memcached --timeout=2m"
  if tutorial_kube wait --for=condition=Ready securememcached/memcached --timeout=2m >/dev/null 2>&1; then
    seen="Ready after $((SECONDS - started)) s"
    return
  fi
  condition=$(tutorial_kube get securememcached memcached --output=jsonpath='{.status.conditions[?(@.type=="Ready")].message}' 2>&1) || true
  seen="not Ready: ${condition:-no status}"
  return 1
}

has_programs() {
  in_server bash -c 'memcached -V && memstat --version'
  seen=$(paste -sd' ' <<<"$output")
  ((code == 0)) && [[ $seen == "memcached 1."*" memstat "*1.* ]]
}

# The kernel writes an IPv4 address as a little-endian hexadecimal word.
address_of() {
  local address=${1%:*} port=$((16#${1#*:}))
  if ((${#address} == 8)); then
    printf '%d.%d.%d.%d:%d\n' "0x${address:6:2}" "0x${address:4:2}" "0x${address:2:2}" "0x${address:0:2}" "$port"
  else
    echo "[$address]:$port"
  fi
}

# sockets PROTOCOL [STATE]: sets seen to the sockets, IPv6 too, in all states or this one.
sockets() {
  local local_address state found=''
  # No netstat in the image; this is where it reads.
  in_server bash -c "cat /proc/net/$1*"
  if ((code != 0)) || [[ $output != *local_address* ]]; then
    seen="can't tell: $(complaint)"
    return 1
  fi
  while read -r _ local_address _ state _; do
    [[ $local_address =~ ^[0-9A-F]+:[0-9A-F]{4}$ ]] || continue
    [[ ${2:-$state} != "$state" ]] || found+="${found:+, }$1 $(address_of "$local_address")"
  done <<<"$output"
  seen=${found:-no $1 socket}
}
# listens_on ADDRESS...: on these and no other, in any order.
listens_on() { sockets tcp 0A && [[ $(tr ',' '\n' <<<"$seen" | sed 's/^ *//' | sort) == "$(printf 'tcp %s\n' "$@" | sort)" ]]; }
has_no_udp() { sockets udp && [[ $seen == "no udp socket" ]]; }

refuses_own_address() {
  # shellcheck disable=SC2016
  in_server bash -c 'timeout 3 bash -c "</dev/tcp/$POD_IP/11211"'
  if ((code == 1)) && [[ $output == *"Connection refused"* ]]; then
    seen="connection refused"
    return
  fi
  seen="exit code $code $(complaint)"
  ((code != 0)) || seen="connected"
  return 1
}

says_sasl() {
  ran="kubectl logs $server"
  output=$(tutorial_kube logs "$server" 2>&1) || true
  seen=$(grep --max-count=1 'Initialized SASL\.' <<<"$output") || { seen="no such line" && return 1; }
}

# Three requests of the binary protocol: SASL LIST MECHANISMS (0x20), SASL AUTH (0x21) with ANONYMOUS, STAT (0x10). After refusing the last the server hangs up.
offers_plain_only() {
  local request='\x80\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' replies at=0 length status=() mechanisms='' body
  request+='\x80\x21\0\x09\0\0\0\0\0\0\0\x0a\0\0\0\0\0\0\0\0\0\0\0\0ANONYMOUSx'
  request+='\x80\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
  ran="kubectl exec $server -- bash -c 'exec 3<>/dev/tcp/127.0.0.1/11211; printf <SASL LIST, SASL AUTH ANONYMOUS, STAT> >&3; timeout 3 cat <&3'"
  replies=$(tutorial_kube exec "$server" -- bash -c "exec 3<>/dev/tcp/127.0.0.1/11211; printf '$request' >&3; timeout 3 cat <&3" 2>/dev/null |
    od --address-radix=n --output-duplicates --format=x1 | tr -d ' \n') || true
  # A reply: magic 81, at byte 6 two of status, at byte 8 four of body length, from byte 24 the body.
  while [[ ${replies:at:2} == 81 && ${#replies} -ge $((at + 48)) ]]; do
    status+=("${replies:at+12:4}")
    length=$((16#${replies:at+16:8} * 2))
    if ((${#status[@]} == 1)); then
      body=${replies:at+48:length}
      # shellcheck disable=SC2001,SC2059
      mechanisms=$(printf "$(sed 's/../\\x&/g' <<<"$body")")
    fi
    at=$((at + 48 + length))
  done
  seen="offered: ${mechanisms:-none}; ANONYMOUS: 0x${status[1]:-?}; statistics: 0x${status[2]:-?}"
  [[ $mechanisms == PLAIN && ${status[*]} == "0000 0020 0020" ]]
}

is_refused() {
  seen="exit code $code"
  if ((code == 255)); then seen="can't tell: $(complaint)"; fi
  if ((code == 0)); then seen="$(statistics)"; fi
  ((code == 1))
}
# As the manual guide has it, in the text protocol, which a server with SASL does not answer; the check of mech_list asks in the binary protocol too. Not
# memstat --binary: libmemcached 1.1.4 prints nothing then, and exits with 0.
refuses_without_login() {
  in_server memstat --servers=127.0.0.1
  is_refused
}
refuses_wrong_password() {
  in_server memstat --binary --servers=127.0.0.1 "--username=$user" --password=wrong
  is_refused
}

# What memstat tells of the server, in one line; the output of two servers or two calls has the last one's.
statistics() {
  local name value text=''
  for name in pid uptime version; do
    value=$(sed -n "s/^[[:space:]]*$name: *//p" <<<"$output" | tail -n 1)
    [[ ! $value ]] || text+="${text:+, }$name $value"
  done
  echo "${text:-no statistics: $(complaint)}"
}
has_statistics() { [[ $seen =~ pid\ [0-9]+,\ uptime\ [0-9]+,\ version\ 1\. ]]; }

tells_statistics() {
  logged_in "memstat --binary --servers=127.0.0.1 --username=$user --password=\"\$password\""
  seen=$(statistics)
  ((code == 0)) && has_statistics
}

# A finished Job does not run again.
start_client() {
  tutorial_kube delete job "$1" --ignore-not-found --wait >/dev/null
  tutorial_kube apply --filename "$tutorial/$2" >/dev/null
}

# end_client JOB FILE: sets output; fails when the job does.
end_client() {
  local deadline=$((SECONDS + 60)) counts=''
  ran="kubectl apply -f examples/tutorial/$2; kubectl logs job/$1"
  until [[ $counts == *1* ]]; do
    ((SECONDS < deadline)) || { seen="the client did not end within 60 s" && return 1; }
    sleep 0.3
    counts=$(tutorial_kube get job "$1" --output=jsonpath='{.status.succeeded}/{.status.failed}')
  done
  output=$(tutorial_kube logs "job/$1" 2>&1)
  [[ $counts == 1/* ]]
}

zone_gets_in() {
  if end_client authorized-client 3-authorized-client.yaml; then
    authorized=yes
    seen="refused without a login; $(statistics)"
    has_statistics
  else
    seen=${seen:-$(complaint)}
    return 1
  fi
}

# Only when the authorized client got in is it the zone that kept this one out, and not a server that is down.
others_stay_out() {
  if ! end_client unauthorized-client 4-unauthorized-client.yaml; then
    seen=${seen:-$(complaint)}
    return 1
  fi
  seen=$(complaint)
  [[ $authorized ]] || seen="can't tell: the authorized client did not get in either"
  [[ $authorized ]]
}
