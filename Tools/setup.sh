#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks for the Swift toolchain and installs the system libraries that relax links to, if missing.
set -eu

fail() {
  printf 'relax setup: %s\n' "$1" >&2
  exit 1
}

command -v swift >/dev/null 2>&1 || fail "there is no Swift toolchain on the PATH.
Install Swift 6.1 or later from https://www.swift.org/install/linux and try again."
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
major=${version%%.*}
minor=${version#*.}
if [ -z "$version" ] || [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 1 ]; }; then
  fail "Swift ${version:-of unknown version} is too old: 6.1 or later is needed."
fi

[ "$(uname -s)" = Linux ] || exit 0

# Headers that the build includes, each with the package it comes with.
missing=""
probe() {
  printf '#include <%s>\n' "$1" | clang -fsyntax-only -x c - >/dev/null 2>&1 ||
    printf '#include <%s>\n' "$1" | cc -fsyntax-only -x c - >/dev/null 2>&1 ||
    missing="$missing $2"
}
probe cblas.h libopenblas-dev
probe zlib.h zlib1g-dev
probe lzma.h liblzma-dev
probe sqlite3.h libsqlite3-dev
command -v pkg-config >/dev/null 2>&1 || missing="$missing pkg-config"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  fail "missing:$missing (Debian's names). Install them with this system's package manager."
fi
sudo=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || fail "missing:$missing. As root: apt-get install$missing"
  sudo=sudo
fi
printf 'relax setup: installing%s\n' "$missing"
# A stale or absent package list is what makes a first try fail.
install="env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends"
# shellcheck disable=SC2086
$sudo $install $missing >/dev/null 2>&1 ||
  { $sudo apt-get update >/dev/null && $sudo $install $missing >/dev/null; } ||
  fail "apt-get could not install$missing; its own messages: $sudo apt-get install$missing"
