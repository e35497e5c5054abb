# shellcheck shell=bash
# Starts a Plenum server for a test or a benchmark, on loopback and a free port, and ends it by its process id.
# Sourced by tests/crash/lane and bench/load/run.

server_pid=

port_answers() { # PORT: whether somebody listens there
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)) && port_answers "$port"; do :; done
  echo "$port"
}

# server_start PORT LOG COMMAND...: runs COMMAND with "--listen 127.0.0.1:PORT" and waits until it answers.
# Sets server_pid. With PIN=N the server has that core.
server_start() {
  local port=$1 log=$2 tries
  shift 2
  ${PIN:+taskset -c "$PIN"} "$@" --listen "127.0.0.1:$port" >>"$log" 2>&1 &
  server_pid=$!
  for ((tries = 0; tries < 1500; tries++)); do
    port_answers "$port" && return 0
    kill -0 "$server_pid" 2>/dev/null || break
    sleep 0.02
  done
  echo "the server did not start: $*" >&2
  tail -n 20 "$log" >&2
  return 1
}

server_kill() { # SIGNAL: ends the server and waits until it is gone
  [ -n "$server_pid" ] || return 0
  kill "-$1" "$server_pid" 2>/dev/null
  wait "$server_pid" 2>/dev/null
  server_pid=
}
