#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the data of the miniature experiments from their initial structures: frames of relaxations,
# rattled ones, molecular dynamics, and pairs of initial and relaxed structures, all by EMT+Morse.
set -eu
project=$(dirname "$0")/..
relax=${1:-$project/.build/release/relax}
out=${2:-$project/results/emt-mini/data}
initial=$project/results/emt-mini/initial

if [ -e "$out" ]; then
  echo "emt-mini-data: $out exists; remove it to make it again" >&2
  exit 74
fi
mkdir -p "$out"
work=$out/unfinished
trap 'rm -rf "$work"' EXIT

# Exit code 3 would say that some structure gave no frames, which here is an error.
"$relax" sample "$initial/train.extxyz.xz" --provider emt-morse --seed 1 -o "$work/train"
mv "$work/train/relaxations" "$out/s2ef_train"
mv "$work/train/rattled" "$out/s2ef_rattled"
mv "$work/train/md" "$out/s2ef_md"
mv "$work/train/is2rs.extxyz.xz" "$out/is2rs_train.extxyz.xz"
for split in val_id val_ood_ads val_ood_cat val_ood_both; do
  "$relax" sample "$initial/$split.extxyz.xz" --provider emt-morse --seed 2 --rattled 0 --md-every 0 \
    -o "$work/$split"
  mv "$work/$split/relaxations" "$out/s2ef_$split"
  mv "$work/$split/is2rs.extxyz.xz" "$out/is2rs_$split.extxyz.xz"
done
echo "written: $out"
