#!/bin/sh
# SPDX-License-Identifier: MIT
# `make install`: make-install.sh BINARY DESTDIR PREFIX. Lays the tree out in a temporary folder, and copies it as the
# tarball's own script does.
set -eu
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
trap 'exit 1' HUP INT TERM
"$(dirname "$0")/stage.sh" "$1" "$tree"
FROM=$tree DESTDIR=$2 "$(dirname "$0")/install.sh" "$3"
