#!/bin/sh
# SPDX-License-Identifier: MIT
# Relaxes the example slabs, writes a trajectory and scores the result; then with a network.
set -eu
cd "$(dirname "$0")/.."
relax=${1:-.build/release/relax}
out=${2:-demo-output}
mkdir -p "$out"

step() {
  printf '\n$ %s\n' "$*" | sed "s|$relax|relax|"
  "$@"
}

# Exit code 3 says that some structure did not converge: worth showing, no failure of the demo.
step "$relax" examples/slabs.extxyz --provider emt-morse -o "$out/relaxed.extxyz" \
  --trajectory "$out/trajectory.extxyz" --summary "$out/summary.jsonl" --overwrite || [ $? -eq 3 ]
step "$relax" score "$out/relaxed.extxyz" --reference examples/reference.extxyz \
  --provider emt-morse --html "$out/score.html" --overwrite
# The same slabs by networks that learned from emt-morse, judged by their teacher.
step "$relax" examples/slabs.extxyz \
  --provider forcenet:model=examples/forcenet-emt-mini.safetensors --scheme robust \
  -o "$out/by-forcenet.extxyz" --trajectory "$out/path.extxyz" --summary "$out/by-forcenet.jsonl" \
  --overwrite || [ $? -eq 3 ]
step "$relax" score "$out/by-forcenet.extxyz" --reference examples/reference.extxyz \
  --initial examples/slabs.extxyz --provider emt-morse
# SchNet has energies too: "energy MAE" in the table.
step "$relax" examples/slabs.extxyz \
  --provider schnet:model=examples/schnet-emt-mini.safetensors --scheme robust \
  -o "$out/by-schnet.extxyz" --overwrite || [ $? -eq 3 ]
step "$relax" score "$out/by-schnet.extxyz" --reference examples/reference.extxyz \
  --initial examples/slabs.extxyz --provider emt-morse
# Teacher and ForceNet on one page.
step "$relax" report "$out/by-forcenet.extxyz" --reference examples/reference.extxyz \
  --initial examples/slabs.extxyz --provider emt-morse --trajectory "$out/path.extxyz" \
  --summary "$out/by-forcenet.jsonl" --others "$out/relaxed.extxyz" \
  --other-summaries "$out/summary.jsonl" -o "$out/study.html" --overwrite
printf '\nIn %s: relaxed.extxyz, trajectory.extxyz (ase gui opens it), summary.jsonl, score.html;\n  by-forcenet.extxyz, path.extxyz, by-forcenet.jsonl, by-schnet.extxyz; study.html for a browser\n' "$out"
