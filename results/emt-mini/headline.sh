#!/bin/sh
# SPDX-License-Identifier: MIT
# Trains a network as the shipped one was, examples/forcenet-emt-mini.safetensors: six hours of one core.
# Not the same network: an earlier build drew some of its frames (README, "The shipped network").
# Needs what Tools/emt-mini-data.sh makes. What an interruption leaves is gone on with. That the shipped
# file asks for four turns was written into it by `relax model import`.
set -eu
relax=$(realpath "${1:-$(dirname "$0")/../../.build/release/relax}")
cd "$(dirname "$0")"

# own NAME NETWORK SEED FILE=COUNT...: data/NAME.extxyz.xz, what relaxations of structures picked by lot
# visit when NETWORK moves the atoms, labelled by the teacher.
own() {
  name=$1 network=$2 seed=$3
  shift 3
  [ ! -e "data/$name.extxyz.xz" ] || return 0
  python3 pick.py "$seed" "runs/$name-initial.extxyz" "$@"
  # Exit code 3 says that some structures did not converge, which an unfinished network's will not.
  "$relax" "runs/$name-initial.extxyz" --scheme robust --steps 120 \
    --provider "forcenet:model=runs/$network/model.safetensors,elements=any" \
    --trajectory "runs/$name.extxyz" --frames every:7 -o "runs/$name-relaxed.extxyz" --overwrite ||
    [ $? -eq 3 ]
  "$relax" predict "runs/$name.extxyz" --provider emt-morse -o "data/$name.extxyz.xz"
}

./wider-data.sh "$relax"
"$relax" train configs/headline-large-forces.yaml --resume
"$relax" train configs/headline-relaxations.yaml --resume
if [ ! -e data/own-relaxations.extxyz.xz ]; then
  # Exit code 3 says that some structures did not converge, which an unfinished network's will not.
  "$relax" initial/train.extxyz.xz --scheme robust \
    --provider forcenet:model=runs/headline-relaxations/model.safetensors \
    --trajectory runs/own-relaxations.extxyz --frames every:8 \
    -o runs/own-relaxations-relaxed.extxyz --overwrite || [ $? -eq 3 ]
  "$relax" predict runs/own-relaxations.extxyz --provider emt-morse \
    -o data/own-relaxations.extxyz.xz
fi
"$relax" train configs/headline-own-relaxations.yaml --resume
"$relax" train configs/headline-pairs.yaml --resume
"$relax" train configs/headline-crowds.yaml --resume
own own-crowds headline-crowds 5 initial/train.extxyz.xz=700 data/crowds-initial.extxyz.xz=500
"$relax" train configs/headline-own-crowds.yaml --resume
"$relax" train configs/headline-fragments.yaml --resume
own own-fragments headline-fragments 7 initial/train.extxyz.xz=500 data/crowds-initial.extxyz.xz=300 \
  data/fragments-initial.extxyz.xz=800
"$relax" train configs/headline-own-fragments.yaml --resume
[ -e data/slopes.extxyz ] || python3 slopes.py
"$relax" train configs/headline.yaml --resume
