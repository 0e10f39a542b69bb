#!/bin/bash
# SPDX-License-Identifier: MIT
# Makes a tarball that needs nothing but glibc: dist.sh BINARY FOLDER. The binary stripped, its libraries beside it, the
# licences of all that is in it, man pages, completions, examples, and a script that installs them. As any user, after
# `make build` on Debian or Ubuntu; nothing is fetched. Equal inputs give equal bytes.
set -euo pipefail
export LC_ALL=C TZ=UTC
umask 022
cd "$(dirname "$0")/.."
binary=$1 out=$2

fail() {
  printf 'relax dist: %s\n' "$1" >&2
  exit 1
}

[ -x "$binary" ] || fail "nothing is built yet: there is no $binary; first: make build"
for program in dpkg-query strip readelf tar xz ldd; do
  command -v $program > /dev/null || fail "$program is missing (Debian: dpkg, binutils, tar, xz-utils, libc-bin)"
done
[[ $(readelf -d "$binary") = *'ORIGIN/../lib/relax'* ]] || fail "$binary looks for libraries elsewhere: build it by make build"
told=$("$binary" doctor)
[[ $told = *DYNAMIC_ARCH* ]] ||
  fail "this OpenBLAS is made for one processor; take a DYNAMIC_ARCH build, as Debian's libopenblas0-pthread is"

version=$("$binary" --version)
name=relax-$version-linux-$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/$name
doc=$tree/share/doc/relax
Tools/stage.sh "$binary" "$tree"
strip "$tree/bin/relax"
cp Tools/install.sh "$tree/install.sh"
chmod 755 "$tree/install.sh"

# Libraries, all but those that come with glibc itself; what belongs to it is as old as it is.
mkdir -p "$tree/lib/relax" "$doc/licenses"
system='linux-vdso|ld-linux|libc\.so|libm\.so|libdl\.so|libpthread\.so|librt\.so|libgcc_s\.so'
table=$work/table
row() { printf '| %s | %s | %s | %s | [%s](licenses/%s) |\n' "$1" "$2" "$3" "$4" "$5" "$5" >> "$table"; }

# package_of FILE: the Debian package it is from, under whichever of its names.
package_of() {
  local path
  path=$(readlink -f "$1")
  { dpkg-query -S "$path" || dpkg-query -S "${path#/usr}" || dpkg-query -S "/usr$path"; } 2> /dev/null |
    head -n 1 | cut -d: -f1
}

# bundled NAME FILE LICENCE HOW: a row and the text for something of a Debian package.
bundled() {
  local package version source
  package=$(package_of "$2")
  [ -n "$package" ] || fail "$2 is of no Debian package, so that its licence is not known"
  version=$(dpkg-query -W -f '${Version}' "$package")
  source=$(dpkg-query -W -f '${source:Package}' "$package")
  cp "/usr/share/doc/$package/copyright" "$doc/licenses/$1.txt"
  row "$1" "$version (Debian's [$source](https://tracker.debian.org/pkg/$source))" "$3" "$4" "$1.txt"
}

ldd "$binary" | awk '$2 == "=>" && $3 ~ /^\// { print $1, $3 }' | grep -Ev "^($system)" | sort > "$work/libraries"
grep -q libopenblas "$work/libraries" || fail "ldd finds no OpenBLAS for $binary"
while read -r library path; do
  cp -L "$path" "$tree/lib/relax/$library"
  chmod 644 "$tree/lib/relax/$library"
  case $library in
  libopenblas.*) bundled OpenBLAS "$path" "BSD-3-Clause, LAPACK's likewise" "lib/relax/$library" ;;
  libgfortran.*) bundled libgfortran "$path" "GPL-3.0-or-later with the GCC Runtime Library Exception" "lib/relax/$library" ;;
  libquadmath.*) bundled libquadmath "$path" "LGPL-2.1-or-later" "lib/relax/$library" ;;
  libsqlite3.*) bundled SQLite "$path" "public domain" "lib/relax/$library" ;;
  liblzma.*) bundled liblzma "$path" "public domain" "lib/relax/$library" ;;
  libz.*) bundled zlib "$path" "Zlib" "lib/relax/$library" ;;
  *) fail "$library ($path) is new: say in Tools/dist.sh what its licence is" ;;
  esac
done < "$work/libraries"

# What is in the binary itself.
compiler=$(clang -print-file-name=libstdc++.a)
bundled libstdc++ "$compiler" "GPL-3.0-or-later with the GCC Runtime Library Exception" "in the binary"
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
swift=$(swift --version 2> /dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)
cp "$toolchain/share/swift/LICENSE.txt" "$doc/licenses/Swift.txt"
for part in "Swift standard library and runtime" "swift-corelibs-libdispatch" "swift-corelibs-foundation, swift-foundation" \
  "swift-collections (in Foundation)"; do
  row "$part" "$swift" "Apache-2.0 with Runtime Library Exception" "in the binary" Swift.txt
done
cp Tools/licenses/icu.txt "$doc/licenses/ICU.txt"
icu=$(grep -aom 1 'icudt[0-9]*' "$binary" | head -n 1 | tr -dc 0-9)
row "ICU (as swift-foundation-icu)" "${icu:-unknown}" "Unicode-3.0, with others for its dictionaries" "in the binary" ICU.txt
checkouts=$(dirname "$(dirname "$(readlink -f "$binary")")")
while [ ! -d "$checkouts/checkouts" ]; do
  [ "$checkouts" != / ] || fail "there are no checkouts of packages beside $binary"
  checkouts=$(dirname "$checkouts")
done
for package in "$checkouts"/checkouts/*/; do
  package=$(basename "$package")
  tag=$(git -C "$checkouts/checkouts/$package" describe --tags 2> /dev/null || echo unknown)
  case $package in
  swift-argument-parser) licence="Apache-2.0 with Runtime Library Exception" text=LICENSE.txt ;;
  Yams) licence=MIT text=LICENSE ;;
  *) fail "the package $package is new: say in Tools/dist.sh what its licence is" ;;
  esac
  cp "$checkouts/checkouts/$package/$text" "$doc/licenses/$package.txt"
  row "$package" "$tag" "$licence" "in the binary" "$package.txt"
done
cp Tools/licenses/libyaml.txt "$doc/licenses/libyaml.txt"
row "libyaml (in Yams)" "0.2.5" "MIT" "in the binary" libyaml.txt
# Texts that those of Debian refer to.
for text in GPL-3 LGPL-2.1 GFDL-1.3 Artistic; do
  grep -qsr "common-licenses/$text" "$doc/licenses" || continue
  [ -e "/usr/share/common-licenses/$text" ] || fail "/usr/share/common-licenses/$text is missing"
  cp "/usr/share/common-licenses/$text" "$doc/licenses/$text.txt"
done
chmod 644 "$doc"/licenses/*
{
  printf '# What else is in this package\n\n'
  printf 'Relax itself has the MIT licence ([LICENSE](LICENSE)). With it come:\n\n'
  printf '| what | version | licence | where | text |\n| --- | --- | --- | --- | --- |\n'
  cat "$table"
  printf '\nThe libraries are as Debian has them; their sources are there under the names and versions above, and at\n'
  printf '<https://snapshot.debian.org>. Any of them can be replaced by another build of the same library in lib/relax.\n'
} > "$doc/THIRD-PARTY.md"

cat > "$tree/README.txt" << END
relax $version for Linux on $(uname -m), glibc $(cat "$tree"/bin/relax "$tree"/lib/relax/* | grep -ao 'GLIBC_2\.[0-9]*' | sort -uV | tail -n 1 | cut -d_ -f2) or later.

  bin/relax --version           runs where it lies, wherever that is
  ./install.sh ~/.local         copies it there, with man pages and completions; without a folder: /usr/local
  ./install.sh --remove ~/.local
  bin/relax share/doc/relax/examples/slabs.extxyz --provider emt-morse

share/doc/relax has README.md, examples and what else is bundled (THIRD-PARTY.md).
END

# Nothing outside may be needed: with no environment, and from another place.
env -i ldd "$tree/bin/relax" | awk '{ print $1, $3 }' | grep -Ev "^($system|/lib64/ld-linux)" | while read -r library path; do
  case $(readlink -f "${path:-/}") in
  "$(readlink -f "$tree")"/lib/relax/*) ;;
  *) fail "$library would be taken from ${path:-nowhere}" ;;
  esac
done
env -i "$tree/bin/relax" --version > /dev/null || fail "the stripped binary does not start"

epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || date -d "$(sed -n 's/.*released = "\(.*\)"/\1/p' Sources/RelaxCommandLine/RelaxCommand.swift)" +%s)}
mkdir -p "$out"
tar -C "$work" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mode=u+w,go-w --mtime="@$epoch" -cf - "$name" |
  xz -6 -T1 > "$out/$name.tar.xz.new"
mv "$out/$name.tar.xz.new" "$out/$name.tar.xz"
(cd "$out" && sha256sum "$name.tar.xz" > "$name.tar.xz.sha256")
printf 'written: %s/%s.tar.xz (%s bytes)\n' "$out" "$name" "$(stat -c %s "$out/$name.tar.xz")"
