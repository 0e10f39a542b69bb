#!/bin/bash
# SPDX-License-Identifier: MIT
# What the tarball promises, tried without root: try-dist.sh TARBALL. Its libraries are its own, it runs with an empty
# environment, installs and goes without a trace, and runs on processors without AVX2, if qemu is there to be one.
set -euo pipefail
tarball=$(readlink -f "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  printf 'relax dist: %s\n' "$1" >&2
  exit 1
}

mkdir "$work/in a folder"
tar -C "$work/in a folder" -xf "$tarball"
tree=$(echo "$work"/in\ a\ folder/relax-*)
relax=$tree/bin/relax
bytes=$(stat -c %s "$tarball")
[ "$bytes" -lt 40000000 ] || fail "it has $bytes bytes; 40 MB are promised"
outside=$(env -i ldd "$relax" | awk '$3 ~ /^\// { print $1 }' | grep -v '^lib\(c\|m\|gcc_s\)\.so' || true)
for library in $outside; do
  [ -e "$tree/lib/relax/$library" ] || fail "$library is taken from outside"
done
newest=$(grep -aoh 'GLIBC_2\.[0-9]*' "$relax" "$tree"/lib/relax/* | sort -uV | tail -n 1)
[ "$(printf '%s\nGLIBC_2.34\n' "$newest" | sort -V | tail -n 1)" = GLIBC_2.34 ] || fail "it needs $newest; 2.34 is promised"
# Each library has its licence.
for text in "$tree"/share/doc/relax/licenses/*.txt; do [ -s "$text" ] || fail "$text is empty"; done
for library in "$tree"/lib/relax/*; do
  grep -q "lib/relax/$(basename "$library") " "$tree/share/doc/relax/THIRD-PARTY.md" || fail "no licence is named for $library"
done
cd "$work"
small() { env -i "$@" "$tree/share/doc/relax/examples/slabs.extxyz" -p emt-morse -o relaxed.extxyz --overwrite --quiet; }
small "$relax"
cp relaxed.extxyz first.extxyz
for cpu in Nehalem Haswell; do
  if command -v qemu-x86_64 > /dev/null; then
    env -i qemu-x86_64 -cpu $cpu "$relax" doctor > doctor.txt 2> /dev/null || fail "a processor such as $cpu fails: $(cat doctor.txt)"
    echo "$cpu:$(sed -n 's/.*kernels in use//p' doctor.txt) kernels, all checks pass"
  else
    echo "skipped: $cpu, since qemu-x86_64 is not installed (qemu-user)"
  fi
done
if command -v qemu-x86_64 > /dev/null; then
  env -i qemu-x86_64 -cpu Nehalem "$relax" "$tree/share/doc/relax/examples/na-on-al100.extxyz" -p emt-morse -o old.extxyz --quiet 2> /dev/null ||
    [ $? -eq 3 ] || fail "nothing can be relaxed without AVX2"
fi
# Installed, by whichever way, and gone again.
DESTDIR="$work/stage area" "$tree/install.sh" /usr > /dev/null
for file in bin/relax share/man/man1/relax.1 share/man/man1/relax-run.1 share/bash-completion/completions/relax \
  share/zsh/site-functions/_relax share/fish/vendor_completions.d/relax.fish share/doc/relax/THIRD-PARTY.md; do
  [ -s "$work/stage area/usr/$file" ] || fail "install.sh leaves out $file"
done
small "$work/stage area/usr/bin/relax"
cmp relaxed.extxyz first.extxyz || fail "the installed one computes something else"
DESTDIR="$work/stage area" "$tree/install.sh" --remove /usr > /dev/null
[ -z "$(find "$work/stage area" -type f)" ] || fail "install.sh --remove leaves $(find "$work/stage area" -type f | head -n 3)"
if command -v mandoc > /dev/null; then
  found=$(mandoc -T lint -W warning "$tree"/share/man/man1/*.1 || true)
  [ -z "$found" ] || fail "man pages: $found"
elif command -v man > /dev/null; then
  found=$(for page in "$tree"/share/man/man1/*.1; do man --warnings=w -l "$page" 2>&1 > /dev/null; done)
  [ -z "$found" ] || fail "man pages: $found"
else
  echo "skipped: man pages are not looked at, since neither mandoc nor man is installed"
fi
echo "$(basename "$tarball"): $bytes bytes, $newest, libraries, licences, installing and man pages as promised"
