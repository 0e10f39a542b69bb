#!/bin/sh
# SPDX-License-Identifier: MIT
# Relaxes ten structures by five providers and judges them by GPAW; lets relax drive GPAW itself.
#
#     ./run.sh [--relax BINARY] [--python PYTHON] [--out FOLDER] [--score-only]
#
# PYTHON has ase, gpaw, gpaw-data, chgnet and tblite. Everything is written into FOLDER (default:
# dft-round-trip-output); what its costs.txt lists is not made again. With --score-only nothing but relax
# is needed: the files beside this script are scored. All together costs some 15 CPU minutes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
relax=relax python=python3 out=dft-round-trip-output only=
while [ $# -gt 0 ]; do
  case $1 in
    --relax) relax=$2; shift 2 ;;
    --python) python=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    --score-only) only=yes; shift ;;
    *) sed -n '3,9p' "$0"; exit 64 ;;
  esac
done
case $relax in */*) relax=$(realpath "$relax") ;; esac
providers="emt emt-morse gfn1 chgnet gpaw-cheap"
calculators=$here/../../examples/calculators
export OMP_NUM_THREADS=1

scores() (  # of the files in folder $1
  cd "$1"
  cp "$here/initial.extxyz" relaxed-initial.extxyz
  # The references by themselves: what is left of 100 % is where DFT's own relaxations ended.
  cp reference.extxyz relaxed-reference.extxyz
  cp reference.extxyz labels-reference.extxyz
  for name in initial $providers reference; do
    echo
    "$relax" score "relaxed-$name.extxyz" --reference reference.extxyz \
      --labels "labels-$name.extxyz" --split "map=$here/splits.txt" \
      --json "score-$name.json" --overwrite || [ $? = 3 ]
  done
  echo
  "$relax" compare relaxed-initial.extxyz relaxed-chgnet.extxyz --reference reference.extxyz ||
    [ $? = 3 ]
)

if [ -n "$only" ]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
  cp "$here"/*.extxyz "$out"
  scores "$out"
  exit
fi

mkdir -p "$out"
spend() {  # $1: what it makes; the rest: the command, whose CPU seconds are kept
  grep -qs "^$1 " "$out/costs.txt" && return
  name=$1
  shift
  "$python" "$here/cpu_seconds.py" "$name" "$out/costs.txt" "$@"
}
gpaw=ase:script=$here/gpaw_pbe.py,python=$python

# 1. What providers make of the initial structures.
for provider in emt emt-morse; do
  spend "relaxed-$provider.extxyz" "$relax" "$here/initial.extxyz" -p $provider --fmax 0.05 \
    -o "$out/relaxed-$provider.extxyz" --summary "$out/summary-$provider.jsonl" --overwrite
done
spend relaxed-chgnet.extxyz "$relax" "$here/initial.extxyz" --fmax 0.05 \
  -p "ase:script=$calculators/chgnet_mptrj.py,python=$python" \
  -o "$out/relaxed-chgnet.extxyz" --summary "$out/summary-chgnet.jsonl" --overwrite
spend relaxed-gfn1.extxyz "$relax" "$here/initial.extxyz" --fmax 0.05 \
  -p "ase:script=$calculators/tblite_gfn1.py,python=$python" \
  -o "$out/relaxed-gfn1.extxyz" --summary "$out/summary-gfn1.jsonl" --overwrite
spend relaxed-gpaw-cheap.extxyz "$relax" "$here/initial.extxyz" --fmax 0.05 --steps 60 \
  -p "ase:script=$here/gpaw_cheap.py,python=$python" \
  -o "$out/relaxed-gpaw-cheap.extxyz" --summary "$out/summary-gpaw-cheap.jsonl" --resume

# 2. GPAW's own relaxations, by ASE: every frame, and the last as the reference.
spend path-ase.extxyz "$python" "$here/relax_by_ase.py" "$here/initial.extxyz" \
  "$out/path-ase.extxyz"
"$relax" convert "$out/path-ase.extxyz" "$out/reference.extxyz" --select fid=last --overwrite
# Who does not relax at all stays at the first frames, whose DFT forces are known.
"$relax" convert "$out/path-ase.extxyz" "$out/labels-initial.extxyz" --select fid=0 --overwrite

# 3. GPAW's forces where the providers ended. EMT knows no sodium.
for name in gfn1 chgnet gpaw-cheap; do
  spend labels-$name.extxyz "$relax" predict "$out/relaxed-$name.extxyz" -p "$gpaw" \
    -o "$out/labels-$name.extxyz" --overwrite
done
for name in emt-morse emt; do
  spend labels-$name.extxyz "$relax" predict "$out/relaxed-$name.extxyz" -p "$gpaw" \
    --select elements=H,C,N,O,Al -o "$out/labels-$name.extxyz" --overwrite
done

# 4. ADwT and AFbT.
scores "$out"

# 5. relax drives GPAW itself: three molecules and a slab, step by step beside ASE's.
spend relaxed-gpaw.extxyz "$relax" "$here/initial.extxyz" --select 'natoms<=4' -p "$gpaw" \
  --fmax 0.05 -o "$out/relaxed-gpaw.extxyz" --trajectory "$out/path-relax.extxyz" \
  --summary "$out/summary-gpaw.jsonl" --resume
echo
"$python" "$here/compare_paths.py" "$out/path-ase.extxyz" "$out/path-relax.extxyz"
cat "$out/costs.txt"
