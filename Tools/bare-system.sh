#!/bin/bash
# SPDX-License-Identifier: MIT
# Tries the tarball on systems that have nothing: bare-system.sh TARBALL [SUITE[=MIRROR]…] (bookworm, of Debian). Each is made by
# debootstrap in a temporary folder, or is the folder BARE_SYSTEMS/SUITE if there is one. Needs root and debootstrap;
# where they are missing it says so and tries nothing.
set -euo pipefail
tarball=$(readlink -f "$1")
shift
[ $# -gt 0 ] || set -- bookworm
[ "$(id -u)" -eq 0 ] || { echo "skipped: bare systems are made by root"; exit 0; }
unshare --mount true 2> /dev/null || { echo "skipped: root may not mount here"; exit 0; }
command -v debootstrap > /dev/null || { echo "skipped: debootstrap is not installed"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What a person does with it, as somebody who may write to nothing but a home.
cat > "$work/try.sh" << 'END'
set -eu
export HOME=/tmp/home PATH=/usr/bin:/bin LC_ALL=C
umask 022
mkdir -p "$HOME/a folder"
cd "$HOME/a folder"
tree=$(echo /opt/relax-*)
relax=$tree/bin/relax
"$relax" --version
"$relax" doctor > doctor.txt || { cat doctor.txt; exit 1; }
grep -q FAILED doctor.txt && exit 1
for kernels in portable ""; do
  RELAX_KERNELS=$kernels "$relax" "$tree/share/doc/relax/examples/slabs.extxyz" -p emt-morse -o relaxed.extxyz --overwrite --quiet
done
"$relax" score relaxed.extxyz --reference "$tree/share/doc/relax/examples/reference.extxyz" --quiet --json score.json
"$relax" "$tree/share/doc/relax/examples/slabs.extxyz" --quiet -o by-network.extxyz.xz --scheme robust \
  -p "forcenet:model=$tree/share/doc/relax/examples/forcenet-emt-mini.safetensors"
"$relax" convert relaxed.extxyz relaxed.db --quiet
"$tree/install.sh" "$HOME/my programs" > installed.txt
"$HOME/my programs/bin/relax" --version > /dev/null
[ -e "$HOME/my programs/share/man/man1/relax-run.1" ]
"$tree/install.sh" --remove "$HOME/my programs" > /dev/null
[ -z "$(find "$HOME/my programs" -type f)" ]
END

status=0
for suite in "$@"; do
  mirror=http://deb.debian.org/debian
  [[ $suite != *=* ]] || mirror=${suite#*=}
  suite=${suite%%=*}
  root=$work/$suite
  if [ -d "${BARE_SYSTEMS:-/nonexistent}/$suite" ]; then
    cp -a "$BARE_SYSTEMS/$suite" "$root"
  elif ! debootstrap --variant=minbase "$suite" "$root" "$mirror" > "$work/log" 2>&1; then
    echo "skipped: $suite cannot be had from $mirror: $(tail -n 1 "$work/log")"
    continue
  fi
  tar -C "$root/opt" -xf "$tarball"
  cp "$work/try.sh" "$root/try.sh"
  libc=$(chroot "$root" ldd --version 2> /dev/null | sed -n '1s/.* //p')
  # With /proc, by which the loader finds where a program lies; the mount ends with the command.
  # shellcheck disable=SC2016
  if told=$(unshare --mount sh -c 'mount -t proc proc "$1/proc" && exec chroot --userspec=65534:65534 "$1" sh /try.sh' sh "$root" 2>&1); then
    echo "$suite (glibc $libc): relax $(printf '%s' "$told" | head -n 1) runs, relaxes, installs and goes without a trace"
  else
    printf '%s (glibc %s): failed\n%s\n' "$suite" "$libc" "$told"
    status=1
  fi
  rm -rf "$root"
done
exit $status
