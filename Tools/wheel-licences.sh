#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The licences of everything that a wheel bundles: wheel-licences.sh BINARY FOLDER writes one file a component, and
# COMPONENTS.txt, which names them. Texts come from where the parts do: Debian's packages, the toolchain, the checkouts
# of Package.swift; those that come with none are in Tools/licenses.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$1 folder=$2
mkdir -p "$folder"
table=$folder/COMPONENTS.txt
{
  echo "What this package bundles beside its own code, and under which licences (texts beside this file)."
  echo
} > "$table"

name() { printf '%s: %s (%s)\n' "$1" "$2" "$3" >> "$table"; }

take() { # take FILE TARGET
  [ -s "$1" ] || {
    echo "relax wheel: the licence $1 is missing" >&2
    exit 1
  }
  cp "$1" "$folder/$2"
}

# Parts that are linked into the program.
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
take "$toolchain/share/swift/LICENSE.txt" swift.txt
name "Swift standard library, Foundation, libdispatch" "Apache-2.0 with Runtime Library Exception" swift.txt
checkouts=$(dirname "$binary")
while [ "$checkouts" != / ] && [ ! -d "$checkouts/checkouts" ]; do checkouts=$(dirname "$checkouts"); done
take "$checkouts/checkouts/swift-argument-parser/LICENSE.txt" swift-argument-parser.txt
name "Swift Argument Parser" "Apache-2.0 with Runtime Library Exception" swift-argument-parser.txt
take "$checkouts/checkouts/Yams/LICENSE" yams.txt
name Yams MIT yams.txt
take Tools/licenses/libyaml.txt libyaml.txt
name "libyaml, within Yams" MIT libyaml.txt
take Tools/licenses/icu.txt icu.txt
name "ICU, within Foundation" "Unicode-3.0" icu.txt

# Libraries beside it, whether the wheel takes them in or finds them on every Linux.
licence_of() {
  case $1 in
  libopenblas* | libblas* | liblapack* | libtmglib*) echo "BSD-3-Clause" ;;
  libgfortran* | libgcc* | libstdc++*) echo "GPL-3.0-or-later with GCC Runtime Library Exception" ;;
  libquadmath*) echo "LGPL-2.1-or-later" ;;
  libz.*) echo "Zlib" ;;
  liblzma*) echo "public domain" ;;
  libsqlite3*) echo "public domain" ;;
  *) echo "see its text" ;;
  esac
}
ldd "$binary" | awk '$3 ~ /^\// { print $1, $3 }' | sort | while read -r library path; do
  case $library in libc.so* | libm.so* | ld-linux* | libdl.so* | libpthread.so*) continue ;; esac
  real=$(readlink -f "$path")
  package=""
  for file in "$path" "$real" "/usr$path" "${path#/usr}" "${real#/usr}"; do
    package=$(dpkg -S "$file" 2>/dev/null | head -n 1 | cut -d: -f1) && [ -n "$package" ] && break
  done
  [ -n "$package" ] || {
    echo "relax wheel: no package has $path, so that its licence is not known" >&2
    exit 1
  }
  take "/usr/share/doc/$package/copyright" "$package.txt"
  name "$library" "$(licence_of "$library")" "$package.txt"
done

# Where it is linked into the program, it is of the compiler's package.
if ! grep -q '^libstdc++' "$table"; then
  package=$(dpkg -S "$(readlink -f "$(clang -print-file-name=libstdc++.a)")" | head -n 1 | cut -d: -f1)
  take "/usr/share/doc/$package/copyright" libstdc++.txt
  name "libstdc++" "$(licence_of libstdc++.a)" libstdc++.txt
fi
