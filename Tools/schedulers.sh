#!/bin/bash
# SPDX-License-Identifier: MIT
# Tries the scripts of examples/ for GNU parallel, HyperQueue, Snakemake and PBS, each with a relax killed in the middle
# and the scheduler ended in the middle; what is merged at last must be the files of a run without shards.
#
#   Tools/schedulers.sh [RELAX [COPIES]]
#
# COPIES (200) of the twelve example slabs are relaxed. Schedulers that are not installed are skipped with a word:
# GNU parallel (Debian's package), HyperQueue (`pip install hyperqueue`, which has no program `hq` but a Python package;
# PYTHON names the interpreter that has it), Snakemake (PyPI). There is no PBS: its script is run with the variables that
# PBS would set. Slurm: Tools/slurm-cluster.py. Ends with 1 if anything failed.
# shellcheck disable=SC2016,SC2317
set -u
relax=$(realpath "${1:-.build/release/relax}")
copies=${2:-200}
examples=$(realpath "$(dirname "$0")/../examples")
python=${PYTHON:-python3}
[ -x "$relax" ] || { echo "$relax is no program; give the path of relax" >&2; exit 64; }
work=$(mktemp -d)
group=
stop() {  # ends what was started, whole process groups
  [ -z "$group" ] || kill -KILL -- "-$group" 2> /dev/null
  for pid in $(relaxing "$work"); do kill -KILL "$pid"; done
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM
mkdir "$work/bin" "$work/expected"
ln -s "$relax" "$work/bin/relax"
export PATH="$work/bin:$PATH" JOBS=2 CPUS=1
shards=6
failed=0

# Relax processes that work in or below a folder.
relaxing() {
  for process in /proc/[0-9]*; do
    [ "$(readlink "$process/exe" 2> /dev/null)" = "$relax" ] || continue
    case $(readlink "$process/cwd" 2> /dev/null)/ in "$1"/*) echo "${process#/proc/}" ;; esac
  done
}

begun() {  # how many shards have finished a structure
  find . -name 'summary.*-of-*.jsonl' -size +0 | wc -l
}

wait_for() {  # until COMMAND… succeeds, a minute at most
  for ((tries = 0; tries < 600; tries++)); do
    "$@" && return
    sleep 0.1
  done
  return 1
}

try() {  # NAME, signals that end the scheduler, COMMAND…
  local name=$1 signals=$2 fault="" pid
  shift 2
  mkdir "$work/$name"
  cd "$work/$name" || exit
  ln -s "$work/slabs.extxyz" .
  # A process group of its own, as a shell at a terminal gives.
  setsid "$@" > log 2>&1 < /dev/null &
  group=$!
  disown  # no word from bash when it is killed
  wait_for eval '[ $(begun) -gt 0 ]' || fault="nothing began"
  pid=$(relaxing "$PWD" | head -n 1)
  early=
  if [ -z "$pid" ] || ! kill -KILL "$pid"; then early=" (it ended too early to be disturbed in full)"; fi
  wait_for eval '[ $(begun) -gt 2 ] || ! kill -0 "$group" 2> /dev/null' || fault="relax did not go on"
  kill -0 "$group" 2> /dev/null || early=" (it ended too early to be disturbed in full)"
  for signal in $signals; do
    echo "$signal to the scheduler" >> log
    kill -"$signal" -- "-$group" 2> /dev/null
    sleep 0.5
  done
  wait_for eval '! kill -0 "$group" 2> /dev/null && [ -z "$(relaxing "$PWD")" ]' || fault="did not end by $signals"
  kill -KILL -- "-$group" 2> /dev/null
  group=
  # The same command goes on.
  echo "again" >> log
  timeout 300 "$@" >> log 2>&1 < /dev/null
  judge "$name" $? "$fault"
}

judge() {  # NAME, exit code of the last command, a fault so far
  local fault=$3
  [ "$2" = 3 ] || [ "$1-$2" = snakemake-0 ] || fault="ended with $2"
  cmp -s relaxed.extxyz "$work/expected/relaxed.extxyz" || fault=${fault:-other relaxed structures}
  cmp -s <(without_seconds summary.jsonl) <(without_seconds "$work/expected/summary.jsonl") ||
    fault=${fault:-another summary}
  if [ -z "$fault" ]; then
    printf '%-14s the files of a run without shards%s\n' "$1" "${early-}"
  else
    failed=1
    printf '%-14s FAILED: %s\n' "$1" "$fault"
    tail -n 40 log
    ls
  fi
}

without_seconds() { sed -E 's/"seconds": ?[-+.0-9e]+//' "$1"; }

skip() { printf '%-14s skipped: %s\n' "$1" "$2"; }

options=(-p emt-morse --steps 60 --summary summary.jsonl)
cd "$work/expected" || exit
# As many structures as keep a shard at work for some seconds, however fast the machine is.
while true; do
  for ((copy = 0; copy < copies; copy++)); do cat "$examples/slabs.extxyz"; done > "$work/slabs.extxyz"
  SECONDS=0
  relax run ../slabs.extxyz "${options[@]}" -q --overwrite -o relaxed.extxyz 2> /dev/null
  [ $? = 3 ] || { echo "the run without shards failed" >&2; exit 1; }
  [ "$SECONDS" -lt 8 ] && [ "$copies" -lt 3000 ] || break
  copies=$((copies * 2))
done

if ! command -v parallel > /dev/null || ! parallel --version 2> /dev/null | grep -q '^GNU parallel'; then
  skip gnu-parallel "no GNU parallel"
else
  # The first TERM only keeps it from starting more.
  try gnu-parallel "TERM TERM" "$examples/gnu-parallel/relax-parallel.sh" $shards relaxed.extxyz slabs.extxyz "${options[@]}"
fi

if ! "$python" -c 'import hyperqueue' 2> /dev/null; then
  skip hyperqueue "$python has no hyperqueue"
else
  try hyperqueue KILL "$python" "$examples/hyperqueue/submit.py" --local $shards relaxed.extxyz slabs.extxyz \
    "${options[@]}"
fi
if ! command -v hq > /dev/null; then
  skip hq "no program hq on the PATH"
else
  export HQ_SERVER_DIR="$work/server"
  hq server start > /dev/null 2>&1 &
  server=$!
  wait_for eval 'hq server info > /dev/null 2>&1'
  hq worker start --cpus 2 > /dev/null 2>&1 &
  try hq KILL "$examples/hyperqueue/submit.sh" $shards relaxed.extxyz slabs.extxyz "${options[@]}"
  hq server stop > /dev/null 2>&1
  wait "$server"
fi

# Snakemake's and PBS's scripts have their arguments inside: `--steps` comes in by a copy.
sed 's/-p emt-morse/-p emt-morse --steps 60/; s/100/6/' "$examples/snakemake/Snakefile" > "$work/Snakefile"
sed 's/-p emt-morse/-p emt-morse --steps 60/; s/^shards=100/shards=6/' "$examples/pbs/relax.pbs" > "$work/relax.pbs"
if ! command -v snakemake > /dev/null; then
  skip snakemake "no program snakemake on the PATH"
else
  try snakemake KILL snakemake --snakefile "$work/Snakefile" --cores 2 --nolock --rerun-incomplete
fi

mkdir "$work/pbs"
cd "$work/pbs" || exit
ln -s "$work/slabs.extxyz" .
for ((task = shards; task > 0; task--)); do
  PBS_O_WORKDIR=$PWD PBS_ARRAY_INDEX=$task bash "$work/relax.pbs" >> log 2>&1
done
PBS_O_WORKDIR=$PWD bash "$examples/pbs/merge.pbs" >> log 2>&1
judge pbs-variables $? ""
exit $failed
