#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the packages examples/custom-provider and examples/library as somebody else would, and runs them.
set -eu
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# One place for both: the second finds Relax built.
for package in custom-provider library; do
  swift build --package-path "examples/$package" --scratch-path "${RELAX_SCRATCH:-.build-custom}"
done
relax=${RELAX_SCRATCH:-.build-custom}/debug/relax-with-tether
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

# The same springs through the library: the same path, so the same structures to the last bit.
held=${RELAX_SCRATCH:-.build-custom}/debug/relax-held
"$held" examples/slabs.extxyz "$out/library.extxyz" | tee "$out/printed"
grep -c '^converged .* eV after [0-9]* steps: fmax' "$out/printed" | grep -qx 12
for file in held library; do
  # Positions of each atom, without the lines that say more in one of them.
  awk 'NF > 8 && $1 !~ /=/ { print $1, $2, $3, $4 }' "$out/$file.extxyz" > "$out/$file.positions"
done
[ "$(wc -l < "$out/held.positions")" -gt 300 ]
cmp "$out/held.positions" "$out/library.positions"
# What is not there is an error in words, no trap.
code=0
"$held" "$out/missing.extxyz" "$out/none.extxyz" 2> "$out/error" || code=$?
[ "$code" -eq 65 ] && grep -q 'missing.extxyz: there is no such file' "$out/error"
