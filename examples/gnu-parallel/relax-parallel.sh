#!/bin/bash
# SPDX-License-Identifier: MIT
# Relaxes structures by GNU parallel, one shard of them in each job, and merges:
#
#   relax-parallel.sh SHARDS OUTPUT INPUT… [what else `relax run` takes]
#   JOBS=16 relax-parallel.sh 64 relaxed.extxyz slabs.extxyz -p emt-morse --summary summary.jsonl
#
# On one machine `relax` alone does as well, by its threads. Several, with one file system: PARALLEL="--sshloginfile
# nodes.txt --workdir $PWD". The same command again takes up what was left.
set -u
if [ $# -lt 3 ]; then
  sed -n '3,9s/^# \{0,1\}//p' "$0" >&2
  exit 64
fi
shards=$1 output=$2
shift 2
printf -v run '%q ' relax run --threads 1 "$@" -o "$output"

# --termseq: one TERM, then time to keep what is there; by itself parallel repeats it at once, and kills.
# Shards that are finished end at once. A job that was killed goes on, at most three times. In the job log, 3 says that
# some structures did not converge, 75 that it was stopped and is taken up by the same command.
seq "$shards" | parallel --jobs "${JOBS:-4}" --joblog "$output.joblog" \
  --termseq TERM,10000,KILL,25 --line-buffer --tagstring 'shard {}' \
  "for try in 1 2 3 4; do $run --shard {}/$shards --resume; code=\$?; [ \$code = 137 ] || break; done; exit \$code"
# Says what is missing, if anything is.
exec relax merge "$output"
