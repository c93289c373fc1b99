# shellcheck shell=bash disable=SC2154  # settings.sh and its caller set the variables
# Starts, watches and stops the cluster's processes, each known by a file pid/NAME that holds its process id
# and its start time: an id that the machine gave to another process since is never taken for ours. Sourced.

say() { echo "  $*"; }
die() {
  echo "cluster: $*" >&2
  exit 1
}

# Prints the start time of a process, in clock ticks since the machine's start; fails if it does not run.
start_time() { # process id
  local stat fields
  { IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  read -ra fields <<<"${stat##*) }"
  [ "${fields[0]}" != Z ] && echo "${fields[19]}"
}

alive() { # component
  local pid started now
  [ -s "$STATE/pid/$1" ] || return 1
  read -r pid started <"$STATE/pid/$1"
  now=$(start_time "$pid") && [ "$now" = "$started" ]
}

pid_of() { cut -d' ' -f1 "$STATE/pid/$1"; }

start() { # component, command...
  local name=$1 pid
  shift
  setsid "$@" </dev/null >>"$STATE/log/$name.log" 2>&1 9>&- &
  pid=$!
  disown
  echo "$pid $(start_time "$pid")" >"$STATE/pid/$name"
}

# Says which component failed, why, and what it said last.
fail() { # component, reason
  echo "cluster: $1 $2; the end of $STATE/log/$1.log:" >&2
  tail -n 20 "$STATE/log/$1.log" | cut -c1-300 | sed 's/^/    /' >&2
  exit 1
}

# Waits until a command succeeds, which tells that a component is ready; fails at once if any one has stopped.
await() { # component, seconds, command...
  local name=$1 deadline=$((SECONDS + $2)) seconds=$2 started
  shift 2
  until "$@" >/dev/null 2>&1; do
    for started in "$STATE"/pid/*; do alive "${started##*/}" || fail "${started##*/}" "stopped while starting"; done
    ((SECONDS < deadline)) || fail "$name" "is not ready after $seconds s"
    sleep 0.1
  done
}

# Nothing in the cluster outlives it, so nothing needs a graceful end.
stop_components() {
  local name pid
  for name in "${components[@]}"; do
    if alive "$name"; then
      pid=$(pid_of "$name")
      kill -KILL "$pid" 2>/dev/null || true
      while alive "$name"; do sleep 0.05; done
    fi
    rm -f "$STATE/pid/$name"
  done
}

# Asks the component to end, as an init system does, and makes it do so after 3 s: the API server has answered by then
# what it was asked, and would wait for its watches.
stop_component() { # component
  local pid deadline=$((SECONDS + 3))
  pid=$(pid_of "$1")
  kill -TERM "$pid" 2>/dev/null || true
  while alive "$1"; do
    ((SECONDS < deadline)) || kill -KILL "$pid" 2>/dev/null || true
    sleep 0.05
  done
  rm -f "$STATE/pid/$1"
}

check_port_is_free() { # component, port, setting that changes it
  local taken
  taken=$(ss -Hltnp "sport = :$2" | head -n 1)
  [ -z "$taken" ] || die "port $2, which $1 needs, is taken${3:+ (choose another with $3=PORT)}: $taken"
}
