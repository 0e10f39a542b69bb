#!/bin/bash
# SPDX-License-Identifier: MIT
# Starts two processes on the same outputs at random moments, again and again: one of them must be refused, and
# what is there afterwards must be what one undisturbed run writes.
#
#   Tools/two-at-once.sh [RELAX [ROUNDS]]
set -u
relax=$(realpath "${1:-.build/release/relax}")
rounds=${2:-200}
examples=$(realpath "$(dirname "$0")/../examples")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
for _ in 1 2 3 4; do cat "$examples/slabs.extxyz"; done > in.extxyz
run() {
  name=$1
  shift
  "$relax" in.extxyz -p emt-morse --steps 20 -q --threads 2 -o "$name.extxyz" \
    --trajectory "$name-path.extxyz" --summary "$name.jsonl" "$@"
}
run straight
expected=$?
refused=0 faults=0
for ((round = 1; round <= rounds; round++)); do
  rm -f x.* x-* .x.*
  case $((round % 3)) in
    0) more= ;;
    1) more=--resume ;;
    2) more=--overwrite ;;
  esac
  run x 2> one.txt &
  first=$!
  sleep "0.$(printf %03d $((RANDOM % 300)))"
  run x $more 2> two.txt
  second=$?
  wait "$first"
  first=$?
  fault=
  if [ "$first" = 74 ] || [ "$second" = 74 ]; then
    refused=$((refused + 1))
    [ "$first" = 74 ] && [ "$second" = 74 ] && fault="both were refused"
  elif [ "$first" != "$expected" ] || [ "$second" != "$expected" ]; then
    fault="they ended with $first and $second"
  fi
  run x --resume > /dev/null 2> three.txt || [ $? = "$expected" ] || fault="resuming: $(cat three.txt)"
  cmp -s x.extxyz straight.extxyz || fault="other relaxed structures"
  cmp -s x-path.extxyz straight-path.extxyz || fault="another trajectory"
  [ "$(wc -l < x.jsonl)" = "$(wc -l < straight.jsonl)" ] || fault="another summary"
  if [ -n "$fault" ]; then
    faults=$((faults + 1))
    echo "round $round ($more): $fault"
    cat one.txt two.txt
  fi
done
echo "$rounds rounds, $refused with a refusal, $faults faults"
[ "$faults" = 0 ]
