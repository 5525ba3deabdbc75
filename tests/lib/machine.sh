# SPDX-License-Identifier: GPL-3.0-or-later
# A machine that has nothing: Debian 12 by debootstrap in a folder, entered by chroot. Root; the Debian registry. Sourced
# by bash after deploy/lib.sh.
# shellcheck shell=bash

# make_machine: sets $machine, which goes when the script ends. inside COMMAND… runs in it.
make_machine() {
  [ "$(id -u)" = 0 ] || { say "needs root, for chroot"; exit 1; }
  need_packages debootstrap git
  machine=$(mktemp -d /var/tmp/majlis-clean.XXXXXX)
  trap remove_machine EXIT
  debootstrap --variant=minbase bookworm "$machine" http://deb.debian.org/debian >"$machine.log" 2>&1 ||
    { tail -5 "$machine.log" >&2; exit 1; }
  rm -f "$machine.log"
  chmod 755 "$machine"
  mount_machine
  cp /etc/resolv.conf "$machine/etc/resolv.conf"
  printf '127.0.0.1 localhost %s\n' "$(hostname)" >"$machine/etc/hosts"
  settings=(HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 CI="${CI:-}" DEBIAN_FRONTEND=noninteractive)
  if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then # a registry behind a certificate of one's own
    cp -L "$NODE_EXTRA_CA_CERTS" "$machine/etc/extra-ca.pem"
    settings+=(NODE_EXTRA_CA_CERTS=/etc/extra-ca.pem)
  fi
}

mount_machine() {
  local node
  mount -t proc proc "$machine/proc"
  mount --rbind /sys "$machine/sys" && mount --make-rslave "$machine/sys"
  mount -t tmpfs tmpfs "$machine/dev"
  mkdir -p "$machine/dev/shm" "$machine/dev/pts"
  for node in null zero full random urandom tty; do
    cp -a "/dev/$node" "$machine/dev/$node"
  done
  for node in /dev/loop*; do # the faults' loss of power mounts one
    if [ -e "$node" ]; then cp -a "$node" "$machine/dev/"; fi
  done
  mount -t tmpfs tmpfs "$machine/dev/shm"
  mount -t devpts devpts "$machine/dev/pts" 2>/dev/null || true
  ln -sf pts/ptmx "$machine/dev/ptmx"
  ln -s /proc/self/fd "$machine/dev/fd"
}

unmount_machine() {
  local at
  for at in dev/shm dev/pts dev sys proc; do
    umount -l "$machine/$at" 2>/dev/null || true
  done
}

remove_machine() {
  local pid
  # what a failed run left behind in the chroot, by where its root is
  for pid in $(find /proc -maxdepth 2 -name root -lname "$machine*" 2>/dev/null | cut -d/ -f3); do
    kill -9 "$pid" 2>/dev/null || true
  done
  unmount_machine
  rm -rf --one-file-system "$machine"
}

inside() { chroot "$machine" env -i "${settings[@]}" "$@"; }
