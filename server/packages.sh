# shellcheck shell=bash
# What Debian must bring, for server/run and tests/run, which source this file. It asks dpkg first and touches apt
# only when something is missing, so it costs a few milliseconds on a machine that has everything.
# Debian 12 and 13 name some packages differently: "a|b" means the first of them that the machine knows.

plenum_root() { # runs a command as root: itself, or through sudo
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "Not allowed without root: $*" >&2
    echo "Run this as root, install sudo, or install the missing packages yourself." >&2
    return 1
  fi
}

plenum_missing() { # "a|b"...: prints those of which no name is installed
  local want name found installed
  # One question for all names; dpkg-query complains of unknown ones, and they simply do not count.
  installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' ${@//|/ } 2>/dev/null || true)"
  for want in "$@"; do
    found=
    for name in ${want//|/ }; do
      case $installed in *" installed:$name "*) found=1 ;; esac
    done
    [ -n "$found" ] || echo "$want"
  done
}

plenum_choose() { # "a|b": prints the first that apt can install
  local name
  for name in ${1//|/ }; do
    if [ -n "$(apt-cache show --no-all-versions "$name" 2>/dev/null)" ]; then
      echo "$name"
      return 0
    fi
  done
  echo "${1%%|*}" # let apt say that it is missing
}

plenum_install() { # "a|b"...: installs what is missing
  local want missing=() names=()
  mapfile -t missing < <(plenum_missing "$@")
  [ ${#missing[@]} = 0 ] && return 0
  echo "Missing (a|b: either): ${missing[*]}" >&2
  plenum_root apt-get update -qq >&2 || return 1
  for want in "${missing[@]}"; do
    names+=("$(plenum_choose "$want")")
  done
  echo "Installing: ${names[*]}" >&2
  plenum_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${names[@]}" >&2
}

plenum_node_works() { # Node 18 or newer, and npm, wherever they come from
  command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node, 10) >= 18 ? 0 : 1)' 2>/dev/null
}

plenum_build_packages() {
  echo gcc libc6-dev pkg-config cmake ninja-build clang lld wasi-libc
  echo "libclang-rt-dev-wasm32|libclang-rt-14-dev-wasm32|libclang-rt-19-dev-wasm32"
  echo libwebsockets-dev libwebsockets-evlib-uv libuv1-dev liblmdb-dev libssl-dev libjansson-dev zlib1g-dev
  echo "libmsgpack-c-dev|libmsgpack-dev" ca-certificates
  plenum_node_works || echo nodejs npm
}

plenum_install_build() {
  # shellcheck disable=SC2046
  plenum_install $(plenum_build_packages)
}

plenum_install_test() {
  # shellcheck disable=SC2046
  plenum_install $(plenum_build_packages) libcmocka-dev "libclang-rt-dev|libclang-rt-14-dev|libclang-rt-19-dev" \
    chromium fonts-noto-cjk fonts-noto-color-emoji
}
