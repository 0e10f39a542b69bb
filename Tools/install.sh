#!/bin/sh
# SPDX-License-Identifier: MIT
# Copies relax to where programs are: nothing is built, and nothing else is installed.
#
#   ./install.sh [PREFIX]            to PREFIX/bin, PREFIX/share, … (/usr/local)
#   ./install.sh --remove [PREFIX]   takes it away again
#
# DESTDIR=FOLDER in the environment puts all below FOLDER, as makers of packages need it. FROM=FOLDER
# is the tree to copy, else the folder of this script.
set -eu
umask 022

fail() {
  printf 'relax install: %s\n' "$1" >&2
  exit 1
}

remove=
if [ "${1:-}" = --remove ]; then
  remove=yes
  shift
fi
prefix=${1:-/usr/local}
case $prefix in
/*) ;;
-*) fail "there is no option $prefix; it is: install.sh [--remove] [PREFIX]" ;;
*) prefix=$PWD/$prefix ;;
esac
root=${DESTDIR:-}$prefix
list=$root/share/doc/relax/installed-files

if [ -n "$remove" ]; then
  [ -e "$list" ] || fail "$root holds no relax that was installed so: there is no $list"
  while IFS= read -r file; do rm -f "$root/$file"; done < "$list"
  rm -f "$list"
  # Folders that are relax's alone, the innermost first.
  for folder in lib/relax share/doc/relax; do
    [ ! -d "$root/$folder" ] || find "$root/$folder" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  printf 'removed from %s\n' "$root"
  exit 0
fi

from=${FROM:-$(dirname "$0")}
from=$(cd "$from" && pwd)
[ -x "$from/bin/relax" ] || fail "there is no bin/relax in $from"
[ "$from" != "$root" ] || fail "$from is where it would be copied to; name another PREFIX"
# Says before anything is copied if this machine cannot run it.
if ! words=$("$from/bin/relax" --version 2>&1); then
  case $words in
  *GLIBC_*) fail "this system's glibc is too old for this binary ($(getconf GNU_LIBC_VERSION 2>/dev/null || echo unknown)):
$(printf '%s\n' "$words" | head -n 1)
Take a system of 2022 or later, a container (containers/), or build from source." ;;
  *) fail "bin/relax does not run here:
$words" ;;
  esac
fi

mkdir -p "$root" 2>/dev/null || fail "$root cannot be made; try another PREFIX, such as ~/.local, or sudo"
[ -w "$root" ] || fail "$root cannot be written to; try another PREFIX, such as ~/.local, or sudo"
# What an older version had and this one has not.
if [ -e "$list" ]; then
  while IFS= read -r file; do rm -f "$root/$file"; done < "$list"
fi
mkdir -p "$root/share/doc/relax"
(cd "$from" && find bin lib share -type f 2>/dev/null | LC_ALL=C sort) > "$list.new"
while IFS= read -r file; do
  mode=644
  [ ! -x "$from/$file" ] || mode=755
  mkdir -p "$root/$(dirname "$file")"
  # Beside it and then in its place, so that a relax that runs keeps its own.
  cp "$from/$file" "$root/$file.new"
  chmod $mode "$root/$file.new"
  mv -f "$root/$file.new" "$root/$file"
done < "$list.new"
mv -f "$list.new" "$list"
printf 'installed: %s/bin/relax (%s), with man pages, completions and examples in %s/share\n' "$root" "$words" "$root"
[ -n "${DESTDIR:-}" ] && exit 0
case :$PATH: in
*:"$prefix/bin":*) ;;
*) printf 'to find it by its name: export PATH=%s/bin:$PATH\n' "$prefix" ;;
esac
