# shellcheck shell=bash
# Servers on core 0 and load on core 1, on fresh data folders, all ended and removed in the end. Sourced by what measures;
# the working directory is the checkout.

. tests/support/server.sh
raw_pid='' raw_url=''

bench_begin() { # BUILD_DIR
  bin=$1/bin
  work=$(mktemp -d)
  mkdir -p build/bench
  data=$(mktemp -d build/bench/data.XXXXXX) # on the checkout's disk: /tmp may be memory, and fsync free
  trap bench_end EXIT
}

bench_end() {
  raw_kill
  server_kill TERM
  rm -rf "$work" "$data"
}

serve() { # NAME [ARGUMENTS...]: a server on the data of that name, fresh when it is new
  local name=$1
  shift
  port=$(free_port)
  serve_again "$name" "$@"
}

serve_again() { # NAME [ARGUMENTS...]: the same where the last one listened
  local name=$1
  shift
  PIN=0 server_start "$port" "$work/$name.log" "$bin/plenum" serve --data "$data/$name" --rate-factor 1000 "$@"
}

raw_start() { # ARGUMENTS...
  : >"$work/raw.url"
  taskset -c 0 "$bin/plenum-raw" "$@" >"$work/raw.url" &
  raw_pid=$!
  until [ -s "$work/raw.url" ]; do sleep 0.05; done
  raw_url=$(cat "$work/raw.url")
}

raw_kill() {
  [ -n "$raw_pid" ] || return 0
  kill "$raw_pid" 2>/dev/null || true
  wait "$raw_pid" 2>/dev/null || true
  raw_pid=
}

load() { # FILE ARGUMENTS...: what plenum-load measured, as JSON into the work folder
  local file=$1
  shift
  taskset -c 1 "$bin/plenum-load" --json "$@" >"$work/$file" || { cat "$work/$file"; echo "failed: $*" >&2; exit 1; }
}
