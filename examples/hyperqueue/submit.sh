#!/bin/bash
# SPDX-License-Identifier: MIT
# Relaxes structures by tasks of HyperQueue, one shard of them in each, waits, and merges:
#
#   submit.sh SHARDS OUTPUT INPUT… [what else `relax run` takes]
#   submit.sh 400 relaxed.extxyz slabs.extxyz -p emt-morse --summary summary.jsonl
#
# A server and workers must run: `hq server start`, and `hq alloc add slurm …` or `hq worker start`.
set -u
if [ $# -lt 3 ]; then
  sed -n '3,8s/^# \{0,1\}//p' "$0" >&2
  exit 64
fi
shards=$1 output=$2
shift 2

# A task whose worker is lost runs again, on another; more than `--crash-limit` times only if workers end by plan.
# relax itself is the task, and no shell: if a worker dies, only the first process is told.
tasks=1-$shards
for _ in 1 2 3; do
  hq submit --wait --name relax --array "$tasks" --cpus "${CPUS:-4}" --crash-limit 10 --env "PATH=$PATH" \
    relax run --threads "${CPUS:-4}" "$@" -o "$output" --shard "auto/$shards" --resume
  # HyperQueue takes 75 (--time-limit), 74 (the process of a lost worker has not quite ended) and 3 (some did not
  # converge) for failures. Once more: shards that are finished end at once.
  tasks=$(hq job task-ids last --filter=failed,canceled)
  [ "$tasks" ] || break
done
# Says what is missing, if anything still is.
exec relax merge "$output"
