#!/bin/sh
# SPDX-License-Identifier: MIT
# Lays out what is installed as a tree: stage.sh BINARY FOLDER. The binary tells its own man pages and completions.
set -eu
umask 022
cd "$(dirname "$0")/.."
binary=$1 tree=$2

[ -x "$binary" ] || {
  printf 'relax: nothing is built yet: there is no %s; first, as yourself: make build\n' "$binary" >&2
  exit 1
}
# The build of a clone finds its libraries where the system has them.
relax=$(cd "$(dirname "$binary")" && pwd)/$(basename "$binary")
doc=$tree/share/doc/relax
mkdir -p "$tree/bin" "$tree/share/man/man1" "$tree/share/bash-completion/completions" \
  "$tree/share/zsh/site-functions" "$tree/share/fish/vendor_completions.d" "$doc"

cp "$relax" "$tree/bin/relax"
chmod 755 "$tree/bin/relax"
"$relax" --generate-manual | while IFS= read -r page; do
  "$relax" --generate-manual "$page" > "$tree/share/man/man1/$page.1"
done
"$relax" --generate-completion-script bash > "$tree/share/bash-completion/completions/relax"
"$relax" --generate-completion-script zsh > "$tree/share/zsh/site-functions/_relax"
"$relax" --generate-completion-script fish > "$tree/share/fish/vendor_completions.d/relax.fish"

cp README.md LICENSE CHANGELOG.md CITATION.cff "$doc"
# Without what builds and runs have left there.
find docs examples -type f ! -path '*/.build*' ! -path '*/__pycache__/*' ! -name Package.resolved | while IFS= read -r file; do
  mkdir -p "$doc/$(dirname "$file")"
  cp "$file" "$doc/$file"
done
find "$tree/share" -type f ! -perm -u=x -exec chmod 644 {} +
find "$tree/share" -type f -perm -u=x -exec chmod 755 {} +
