#!/bin/sh
# SPDX-License-Identifier: MIT
# Trains the shipped network, examples/forcenet-emt-mini.safetensors: six hours of one core.
# Needs what Tools/emt-mini-data.sh makes. What an interruption leaves is gone on with.
set -eu
relax=$(realpath "${1:-$(dirname "$0")/../../.build/release/relax}")
cd "$(dirname "$0")"

[ -e data/more ] || "$relax" sample initial/train.extxyz.xz --provider emt-morse --seed 3 \
  --frames 40 --rattled 6 --md-every 2 -o data/more
[ -e data/pairs ] || "$relax" sample initial/pairs.extxyz.xz --provider emt-morse --seed 4 \
  --rattled 6 --md-every 1 -o data/pairs
"$relax" train configs/headline-start.yaml --resume
"$relax" train configs/headline-middle.yaml --resume
if [ ! -e data/own.extxyz.xz ]; then
  # Exit code 3 says that some structures did not converge, which an unfinished network's will not.
  "$relax" initial/train.extxyz.xz --scheme robust \
    --provider forcenet:model=runs/headline-middle/model.safetensors --trajectory runs/own.extxyz \
    --frames every:8 -o runs/own-relaxed.extxyz --overwrite || [ $? -eq 3 ]
  "$relax" predict runs/own.extxyz --provider emt-morse -o data/own.extxyz.xz
fi
"$relax" train configs/headline-third.yaml --resume
"$relax" train configs/headline-fourth.yaml --resume
if [ ! -e data/crowds ]; then
  python3 crowds.py
  "$relax" sample data/crowds-initial.extxyz.xz --provider emt-morse --seed 5 --rattled 1 \
    --md-every 3 -o data/crowds
fi
"$relax" train configs/headline-fifth.yaml --resume
if [ ! -e data/own2.extxyz.xz ]; then
  python3 pick.py 5 runs/own2-initial.extxyz initial/train.extxyz.xz=700 \
    data/crowds-initial.extxyz.xz=500
  "$relax" runs/own2-initial.extxyz --scheme robust --steps 120 \
    --provider forcenet:model=runs/headline-fifth/model.safetensors,elements=any \
    --trajectory runs/own2.extxyz --frames every:7 -o runs/own2-relaxed.extxyz --overwrite ||
    [ $? -eq 3 ]
  "$relax" predict runs/own2.extxyz --provider emt-morse -o data/own2.extxyz.xz
fi
"$relax" train configs/headline-sixth.yaml --resume
if [ ! -e data/fragments ]; then
  python3 fragments.py
  "$relax" sample data/fragments-initial.extxyz.xz --provider emt-morse --seed 6 --rattled 1 \
    --md-every 3 -o data/fragments
fi
"$relax" train configs/headline-seventh.yaml --resume
if [ ! -e data/own3.extxyz.xz ]; then
  python3 pick.py 7 runs/own3-initial.extxyz initial/train.extxyz.xz=500 \
    data/crowds-initial.extxyz.xz=300 data/fragments-initial.extxyz.xz=800
  "$relax" runs/own3-initial.extxyz --scheme robust --steps 120 \
    --provider forcenet:model=runs/headline-seventh/model.safetensors,elements=any \
    --trajectory runs/own3.extxyz --frames every:7 -o runs/own3-relaxed.extxyz --overwrite ||
    [ $? -eq 3 ]
  "$relax" predict runs/own3.extxyz --provider emt-morse -o data/own3.extxyz.xz
fi
"$relax" train configs/headline-eighth.yaml --resume
[ -e data/slopes.extxyz ] || python3 slopes.py
"$relax" train configs/headline.yaml --resume
