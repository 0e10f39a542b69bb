#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes what the shipped networks learn from beside the frames of Tools/emt-mini-data.sh: more frames of the same
# relaxations, other pairs of slab and adsorbate, several adsorbates on a slab, random molecules on random alloys.
set -eu
relax=$(realpath "${1:-$(dirname "$0")/../../.build/release/relax}")
cd "$(dirname "$0")"

# made NAME INITIAL SEED OPTION...: data/NAME, frames of the structures in INITIAL by the teacher.
made() {
  name=$1 initial=$2 seed=$3
  shift 3
  [ -e "data/$name" ] ||
    "$relax" sample "$initial" --provider emt-morse --seed "$seed" "$@" -o "data/$name"
}

made more initial/train.extxyz.xz 3 --frames 40 --rattled 6 --md-every 2
made pairs initial/pairs.extxyz.xz 4 --rattled 6 --md-every 1
[ -e data/crowds ] || python3 crowds.py
made crowds data/crowds-initial.extxyz.xz 5 --rattled 1 --md-every 3
[ -e data/fragments ] || python3 fragments.py
made fragments data/fragments-initial.extxyz.xz 6 --rattled 1 --md-every 3
