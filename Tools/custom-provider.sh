#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the package examples/custom-provider as somebody else would, and runs its provider.
set -eu
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
swift build --package-path examples/custom-provider --scratch-path .build-custom
relax=.build-custom/debug/relax-with-tether
# Springs alone are at rest where they are.
"$relax" examples/slabs.extxyz -p tether:k=2 --steps 0 -o "$out/still.extxyz" --quiet
"$relax" examples/slabs.extxyz -p emt-morse+tether:k=0.01 --fmax 0.02 --steps 500 \
  -o "$out/held.extxyz"
grep -c 'relax_status=converged' "$out/held.extxyz" | grep -qx 12
# A key that it does not have is refused as any provider's.
if "$relax" examples/slabs.extxyz -p tether:stiffness=2 -o "$out/none.extxyz" 2> "$out/error"; then
  echo "an unknown key was taken" >&2
  exit 1
fi
grep -q 'tether has no parameter `stiffness`' "$out/error"
