#!/bin/bash
# SPDX-License-Identifier: MIT
# Submits relax.sbatch as an array of so many shards, and the merge that waits for it:
#
#   submit.sh SHARDS OUTPUT INPUT… [what else `relax run` takes]
#   submit.sh 400 relaxed.extxyz slabs.extxyz -p emt-morse --summary summary.jsonl
#
# SHARDS may say how many may run at the same time: 400%50. Options for sbatch go into its variables
# (SBATCH_PARTITION, SBATCH_ACCOUNT, SBATCH_TIMELIMIT, …). The same command again takes up what was left.
set -eu
if [ $# -lt 3 ]; then
  sed -n '3,9s/^# \{0,1\}//p' "$0" >&2
  exit 64
fi
here=$(cd "$(dirname "$0")" && pwd)
shards=$1 output=$2
shift 2
array=$(sbatch --parsable --array="1-$shards" "$here/relax.sbatch" "$@" -o "$output")
merge=$(sbatch --parsable --dependency="afterany:${array%%;*}" "$here/merge.sbatch" "$output")
echo "array $array, then merge $merge"
