#!/bin/bash
# SPDX-License-Identifier: MIT
# Measures a campaign part by part; tables.md and README.md here say what came out.
#
#   results/campaign/campaign.sh RELAX COMMIT FOLDER PART…
#
# RELAX is an absolute path, COMMIT what it was built from, FOLDER where some gigabytes may lie.
# Parts: schnet forcenet random-sample random-all disk, and for N small structures small-N, two-N and
# shards-N-K for K shards (small-N first: results are compared). NICE is the niceness (10).
set -u
relax=$1 commit=$2 folder=$3
shift 3
project=$(cd "$(dirname "$0")/../.." && pwd)
campaign="python3 $project/Benchmarks/campaign.py"
mkdir -p "$folder"
cd "$folder" || exit 74
[ -e slabs ] || $campaign make-slabs 10000 slabs
[ -e forcenet-512x5.safetensors ] ||
  "$relax" model init --architecture forcenet --seed 1 -o forcenet-512x5.safetensors

# measured NAME FOLDER [OPTION OF measure…] -- COMMAND…
measured() {
  nice -n "${NICE:-10}" $campaign measure --lines "$project/results/campaign/figures.jsonl" \
    --commit "$commit" "$1" --folder "$2" "${@:3}"
}
one="--threads 1 -q --json run.json --summary summary.jsonl -o relaxed.extxyz"
ends="--trajectory t.extxyz --frames ends"
here=$PWD
shipped=$project/examples
random=forcenet:model=$here/forcenet-512x5.safetensors
lj="-p lj:sigma=2.27,epsilon=0.4,cutoff=5 --steps 10 --fmax 0.1 --curvature 10"

# The first N slabs, as a file.
first() {
  [ -e "first-$1.extxyz" ] || xz -dc slabs/00001.extxyz.xz | awk -v n="$1" \
    'left == 0 { if (done++ == n) exit; left = $1 + 2 } { print; left-- }' > "first-$1.extxyz"
}

small() {
  local n=$1 input=$here/small-$1-input
  [ -e "$input" ] || $campaign make-small "$n" "$input"
  local run="$relax run $input $lj -o relaxed.extxyz --summary summary.jsonl -q"
  measured "small run, 1 thread" "small-$n" -- $run --threads 1 --json run.json
  # Everything is finished: what is left is to read and to check it.
  measured "small run --resume, all done" "small-$n" --structures "$n" -- \
    $run --threads 1 --resume
  measured "small run without --overwrite, refused" "small-$n" --structures "$n" -- \
    $run --threads 1
  measured "small status" "small-$n" --structures "$n" -- \
    "$relax" status relaxed.extxyz --json status.json
  measured "small score against the initial structures" "small-$n" --structures "$n" -- \
    "$relax" score relaxed.extxyz --reference "$input" -q
  measured "small score --json" "small-$n" --structures "$n" -- \
    "$relax" score relaxed.extxyz --reference "$input" -q --json score.json --overwrite
}

two() {
  local n=$1 input=$here/small-$1-input
  measured "small run, 2 threads" "small-$n-two" -- \
    "$relax" run "$input" $lj -o relaxed.extxyz --summary summary.jsonl -q --threads 2 --json run.json
}

# K shards one after the other, then what is done with all of them.
shards() {
  local n=$1 k=$2 input=$here/small-$1-input shard
  [ -e "$input" ] || $campaign make-small "$n" "$input"
  local folder=shards-$n-$k run="$relax run $input $lj -o relaxed.extxyz --summary summary.jsonl -q --threads 1"
  mkdir -p "$folder"
  for shard in $(seq 1 "$k"); do
    if [ "$k" -le 4 ]; then
      measured "small run, one of $k shards" "$folder" --structures "$n" -- $run --shard "$shard/$k"
    else
      (cd "$folder" && nice -n "${NICE:-10}" $run --shard "$shard/$k")
    fi
  done
  measured "small status of $k shards" "$folder" --structures "$n" -- \
    "$relax" status relaxed.extxyz --json status.json
  measured "small merge of $k shards" "$folder" --structures "$n" -- "$relax" merge relaxed.extxyz -q
  cmp "$folder/relaxed.extxyz" "small-$n/relaxed.extxyz" && echo "merged: equal"
}

for part in "$@"; do
  case $part in
  schnet)
    measured "slabs SchNet 128×3, shipped; at most 200 steps" schnet -- \
      "$relax" run "$here/slabs" -p "schnet:model=$shipped/schnet-emt-mini.safetensors" \
      --scheme robust $one $ends ;;
  forcenet)
    first 30
    measured "slabs ForceNet 128×3, shipped, four turns; at most 200 steps" forcenet -- \
      "$relax" run "$here/first-30.extxyz" \
      -p "forcenet:model=$shipped/forcenet-emt-mini.safetensors" --scheme robust $one $ends ;;
  random-sample)
    first 100
    measured "slabs ForceNet 512×5, random; 10 steps" forcenet-512-10 -- \
      "$relax" run "$here/first-100.extxyz" -p "$random" --max-step 0.02 --fmax 0 --steps 10 \
      $one $ends ;;
  random-all)
    measured "slabs ForceNet 512×5, random; 1 step" forcenet-512-1 -- \
      "$relax" run "$here/slabs" -p "$random" --max-step 0.02 --fmax 0 --steps 1 $one $ends ;;
  disk)
    first 50
    for kind in none: "all:t.extxyz" "every:10:t.extxyz" "ends:t.extxyz" "all:t.extxyz.gz" \
      "all:t.extxyz.xz" "all:t.traj" "ends:t.extxyz.xz"; do
      frames=${kind%:*} file=${kind##*:}
      options=; [ -z "$file" ] || options="--trajectory $file --frames $frames"
      [ "$kind" != ends:t.extxyz.xz ] || options+=" -o relaxed.extxyz.xz"
      measured "disk $frames${file:+, ${file#t}}" "disk-$frames$file" -- \
        "$relax" run "$here/first-50.extxyz" -p emt-morse --scheme robust $one $options
    done ;;
  small-*) small "${part#small-}" ;;
  two-*) two "${part#two-}" ;;
  shards-*-*) n=${part#shards-} && shards "${n%-*}" "${n#*-}" ;;
  *) echo "campaign: no part is called $part" >&2; exit 64 ;;
  esac
done
