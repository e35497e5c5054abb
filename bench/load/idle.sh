# shellcheck shell=bash
# What one echo costs a server that also holds idle connections: on ten boards, as many on each as asked for, while
# somebody on another board moves a sticky. Sourced by run, behind pinned.sh.

idle_boards=10

sessions_open() { # PORT: as the server's metrics tell
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf 'GET /metrics HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n' >&3
  sed -n 's/^plenum_sessions \([0-9]*\).*/\1/p' <&3
  exec 3<&-
}

# Twice for as long: what the idle cost by themselves, and with the echoes.
echo_among() { # CONNECTIONS_PER_BOARD SECONDS
  local holders=() board writers metrics_port
  metrics_port=$(free_port)
  serve "among-$1" --metrics-listen "127.0.0.1:$metrics_port"
  for ((board = 0; board < idle_boards; board++)); do
    taskset -c 1 "$bin/plenum-load" --json --url "http://127.0.0.1:$port" --clients "$1" --writers 0 --seconds 3600 \
      >/dev/null &
    holders+=($!)
  done
  until [ "$(sessions_open "$metrics_port")" = "$((idle_boards * $1))" ]; do
    kill -0 "${holders[@]}"
    sleep 0.5
  done
  sleep 3 # those who came last are still told of each other
  for writers in 0 1; do
    load "among-$1-$writers.json" --url "http://127.0.0.1:$port" --server-pid "$server_pid" --clients 1 \
      --writers "$writers" --moves --rate 200 --seconds "$2" --seed 7
  done
  kill "${holders[@]}"
  wait "${holders[@]}" 2>/dev/null || true
  server_kill TERM
}
