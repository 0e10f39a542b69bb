#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs, kills and resumes short relaxations on file systems that behave otherwise than a local disk, and compares what
# is there with an undisturbed run, byte for byte. Most are played by Tools/file-systems/shim.c, which answers in the
# system's place; a full disk is also a real one where this process may mount it.
#
# What is promised in every case (docs/clusters.md): right bytes, or an end with 74 (66 where a file could not be
# read) and a message, after which the same command with --resume goes on to the right bytes. Never other bytes, never
# two that write at once, never an end without an end.
#
#   Tools/file-systems.sh [RELAX [WORD]]     WORD: only the cases whose name has it
set -u
relax=$(realpath "${1:-.build/release/relax}")
only=${2:-}
here=$(realpath "$(dirname "$0")")
work=$(realpath "$(mktemp -d)")
mounted=
finish() {
  [ -z "$mounted" ] || umount "$mounted"
  rm -rf "$work"
}
trap finish EXIT
cd "$work" || exit 1
gcc -std=gnu11 -O1 -shared -fPIC -o shim.so "$here/file-systems/shim.c" -ldl -lpthread || exit 1
input=$here/../examples/slabs.extxyz
cases=0 faults=0
inside= # not empty: runs are started in their folder, and paths do not name it

# run FOLDER [VARIABLE=VALUE…] [-- ARGUMENT…]: one run with outputs in FOLDER under these conditions, in place of the
# shell that calls it.
replace_by_run() {
  local folder=$1 conditions=()
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    conditions+=("$1")
    shift
  done
  [ $# -eq 0 ] || shift
  local place=$work/$folder
  if [ -n "$inside" ]; then
    cd "$place" || exit 1
    place=.
  fi
  exec env SHIM_BELOW="$work/$folder" SHIM_TELL="$work/told" "${conditions[@]}" LD_PRELOAD="$work/shim.so" \
    "${limit[@]}" "$relax" "$input" -p emt-morse -q --threads 2 -o "$place/r.extxyz" \
    --trajectory "$place/t.extxyz" --summary "$place/s.jsonl" "$@" 2> "$work/$folder.txt"
}
run() (
  limit=(timeout -s KILL 180)
  replace_by_run "$@"
)
# The same in the background; $! is the process itself.
background() {
  limit=()
  (replace_by_run "$@") &
}
# Ends a process started so as a crash does.
crash() {
  kill -KILL "$1" 2> /dev/null
  wait "$1" 2> /dev/null
}

# Begins a case: NAME, and what its folder is called.
begin() {
  case $1 in *"$only"*) ;; *) return 1 ;; esac
  name=$1
  folder=c$((++cases))
  mkdir -p "$folder"
  problems=
  told_before=$(cat told 2> /dev/null | wc -l)
}
problem() { problems="$problems
    $*"; }
ends() { # ends CODE EXPECTED…
  local code=$1
  shift
  case " $* " in *" $code "*) ;; *) problem "ended with $code, not $*: $(head -3 "$folder.txt" 2> /dev/null)" ;; esac
}
same() {
  cmp -s "$folder/r.extxyz" expected/r.extxyz || problem "other relaxed structures"
  cmp -s "$folder/t.extxyz" expected/t.extxyz || problem "another trajectory"
  cmp -s <(sed 's/"seconds":[^,}]*//' "$folder/s.jsonl") <(sed 's/"seconds":[^,}]*//' expected/s.jsonl) ||
    problem "another summary"
  local left
  left=$(find "$folder" -mindepth 1 -printf '%f\n' | grep -vE '^([rt]\.extxyz|s\.jsonl|\.r\.extxyz\.journal)$' | sort)
  case $left in '') ;; *) problem "left behind: $(echo $left)" ;; esac
}
# Whole structures, as far as they go: what another program reads meanwhile is right.
beginning() {
  for file in r t; do
    [ -f "$folder/$file.extxyz" ] || continue
    local size
    size=$(stat -c %s "$folder/$file.extxyz")
    cmp -s -n "$size" "$folder/$file.extxyz" expected/$file.extxyz || problem "$file.extxyz holds other bytes"
  done
}
end() {
  local told
  told=$(tail -n +$((told_before + 1)) told 2> /dev/null |
    awk '{ for (i = 1; i < NF; i += 2) s[$i] += $(i + 1) } END { for (k in s) if (s[k]) printf " %s %d", k, s[k] }')
  if [ -n "$problems" ]; then
    faults=$((faults + 1))
    echo "FAULT $name ($folder):$problems"
  else
    echo "ok    $name${told:+ (answers changed:$told)}"
    rm -rf "${work:?}/$folder" "$work/$folder".*
  fi
}
# Resumes until it is done, under these conditions.
resume_to_the_end() {
  local tries=0 code
  while true; do
    run "$folder" "$@" -- --resume
    code=$?
    [ $code != 0 ] || break
    ends $code 74 66
    tries=$((tries + 1))
    [ $tries -lt 40 ] || { problem "does not come to an end"; break; }
  done
}

mkdir expected
run expected || { cat expected.txt; exit 1; }
rm -f told

# --- What a run must bear without a word.
benign() {
  begin "$1" || return
  shift
  run "$folder" "$@"
  ends $? 0
  same
  run "$folder" "$@" -- --resume
  ends $? 0
  same
  end
}
benign "interrupted calls" SHIM_EINTR=3
benign "no fsync on this file system" SHIM_FSYNC=EINVAL
benign "lost answers to renames, links and unlinks" SHIM_RETRY=1
benign "open files are renamed, not unlinked" SHIM_SILLY=1
benign "clock of the file system 5 hours ahead" SHIM_CLOCK=18000
benign "clock of the file system 5 hours behind" SHIM_CLOCK=-18000
benign "names are seen late" SHIM_CACHE=300
benign "no locks (ENOLCK)" SHIM_FLOCK=nolock
benign "no locks (EOPNOTSUPP)" SHIM_FLOCK=unsupported
benign "locks that other machines do not see" SHIM_FLOCK=local

if begin "an ASE database without locks"; then
  (limit=(timeout -s KILL 180) && exec env SHIM_BELOW="$work/$folder" SHIM_FLOCK=nolock LD_PRELOAD="$work/shim.so" \
    "${limit[@]}" "$relax" "$input" -p emt-morse -q -o "$work/$folder/r.db" 2> "$folder.txt")
  ends $? 74
  grep -q "r.db: SQLite says" "$folder.txt" || problem "no word of it: $(cat "$folder.txt")"
  end
fi

# --- Stale handles: a second look helps, or it ends and is resumed.
for seed in 1 2 3 4 5; do
  begin "stale handles, sequence $seed" || continue
  run "$folder" SHIM_STALE=4 SHIM_SEED=$seed
  ends $? 0 74 66
  beginning
  resume_to_the_end SHIM_STALE=50 SHIM_SEED=$seed
  same
  end
done

# --- Quota and full disks.
for error in EDQUOT ENOSPC; do
  for room in 0 100 700 5000 60000 1000000 4000000 4456000; do
    begin "$error after $room bytes" || continue
    run "$folder" SHIM_ROOM=$room SHIM_ROOM_ERROR=$error
    ends $? 74
    grep -q "quota\|space" "$folder.txt" || problem "no word of it: $(cat "$folder.txt")"
    beginning
    run "$folder" SHIM_ROOM=$room SHIM_ROOM_ERROR=$error -- --resume
    ends $? 74 0
    beginning
    run "$folder" -- --resume
    ends $? 0
    same
    end
  done
done
for room in 100 5000 1000000 4456000; do
  begin "quota noticed late, after $room bytes" || continue
  run "$folder" SHIM_ROOM=$room SHIM_ROOM_LATE=1
  ends $? 74
  run "$folder" -- --resume
  ends $? 0
  same
  end
done
for from in 1 2 3 4 5 6; do
  begin "fsync fails (EIO), from call $from on" || continue
  run "$folder" SHIM_FSYNC=EIO SHIM_FSYNC_FROM=$from
  ends $? 74 0
  beginning
  run "$folder" -- --resume
  ends $? 0
  same
  end
done
if begin "a full disk, mounted"; then
  if mount -t tmpfs -o size=2m tmpfs "$folder" 2> /dev/null; then
    mounted=$work/$folder
    run "$folder"
    ends $? 74
    beginning
    mount -o remount,size=64m "$mounted"
    run "$folder" -- --resume
    ends $? 0
    same
    umount "$mounted"
    mounted=
    end
  else
    echo "skip  $name: this process may not mount one"
  fi
fi

# Waits until the process with that number has its locks.
until_locked() {
  for _ in $(seq 500); do
    grep -q "^relax process $1$" "$folder"/.s.jsonl.lock 2> /dev/null && return
    kill -0 "$1" 2> /dev/null || return
    sleep 0.01
  done
  problem "no lock was seen"
}
# --- Kills, and the locks that they leave.
for conditions in "" "SHIM_FLOCK=nolock" "SHIM_FLOCK=local" "SHIM_FLOCK=unsupported SHIM_CACHE=300 SHIM_CLOCK=-7200"; do
  begin "kills and resumes at once (${conditions:-as usual})" || continue
  for wait in 0.02 0.05 0.1 0.15 0.2 0.3; do
    # shellcheck disable=SC2086
    background "$folder" $conditions -- --resume
    sleep "$wait"
    crash $!
    beginning
  done
  # shellcheck disable=SC2086
  resume_to_the_end $conditions
  same
  end
done
for conditions in SHIM_FLOCK=nolock SHIM_FLOCK=local; do
  begin "killed on one machine, resumed on another ($conditions)" || continue
  background "$folder" $conditions SHIM_NODE=node1 SHIM_CLOCK=9000
  until_locked $!
  sleep 0.1
  crash $!
  beginning
  [ -f "$folder/.r.extxyz.lock" ] || problem "the killed run has left no lock"
  SECONDS=0
  run "$folder" $conditions SHIM_NODE=node2 SHIM_CLOCK=9000 -- --resume
  ends $? 0
  same
  end
done

# --- Two at once: one writes, the other is refused and says who writes.

refused() { # refused PROCESS HOST CODE: the run that ended with CODE has named the other one.
  ends "$3" 74
  grep -q "another process ($1$2) is writing" "$folder.txt" || problem "names nobody: $(cat "$folder.txt")"
}

two() { # two NAME CONDITIONS CONDITIONS: on one machine; the first is halted, so that it is still there.
  begin "two at once: $1" || return
  # shellcheck disable=SC2086
  background "$folder" $2
  local first=$!
  until_locked $first
  kill -STOP $first
  # shellcheck disable=SC2086
  run "$folder" $3 -- --resume
  refused $first "" $?
  kill -CONT $first
  wait $first
  ends $? 0
  same
  end
}
two "as usual" "" ""
two "no locks" SHIM_FLOCK=nolock SHIM_FLOCK=nolock
two "locks refused to the second alone" "" SHIM_FLOCK=nolock
two "locks refused to the first alone" SHIM_FLOCK=nolock ""

for conditions in SHIM_FLOCK=nolock SHIM_FLOCK=local "SHIM_FLOCK=nolock SHIM_CLOCK=-9000 SHIM_CACHE=300"; do
  begin "two at once on two machines ($conditions)" || continue
  # shellcheck disable=SC2086
  background "$folder" $conditions SHIM_NODE=node1 SHIM_SLOW=500
  first=$!
  until_locked $first
  # shellcheck disable=SC2086
  run "$folder" $conditions SHIM_NODE=node2 -- --resume
  refused $first " on node1" $?
  wait $first
  ends $? 0
  same
  end
done
for conditions in SHIM_FLOCK=nolock SHIM_FLOCK=local; do
  begin "halted for more than a minute, taken over by another machine ($conditions)" || continue
  background "$folder" $conditions SHIM_NODE=node1 SHIM_SLOW=300
  first=$!
  until_locked $first
  sleep 2
  kill -STOP $first
  run "$folder" $conditions SHIM_NODE=node2 -- --resume
  ends $? 0
  same
  kill -CONT $first
  wait $first
  code=$?
  same
  [ $code = 74 ] || problem "the halted process ended with $code"
  end
done

for conditions in "" SHIM_FLOCK=nolock SHIM_FLOCK=local; do
  begin "four started at once, again and again (${conditions:-as usual})" || continue
  for round in 1 2 3 4 5; do
    rm -rf "${work:?}/$folder"
    mkdir "$folder"
    started=()
    for number in 1 2 3 4; do
      other=
      [ -z "$conditions" ] || [ $((number % 2)) = 0 ] || other=SHIM_NODE=node$number
      # shellcheck disable=SC2086
      background "$folder" $conditions $other SHIM_SEED=$round$number -- --resume
      started+=($!)
    done
    done_well=0
    for process in "${started[@]}"; do
      wait "$process"
      case $? in 0) done_well=$((done_well + 1)) ;; 74) ;; *) problem "one ended otherwise" ;; esac
    done
    [ $done_well -ge 1 ] || problem "none came to its end"
    same
  done
  end
done
for seed in 1 2 3; do
  begin "everything at once, with kills, sequence $seed" || continue
  all="SHIM_FLOCK=nolock SHIM_EINTR=10 SHIM_STALE=60 SHIM_RETRY=4 SHIM_CACHE=100 SHIM_CLOCK=-7200"
  RANDOM=$seed
  for number in 1 2 3 4 5 6 7 8; do
    # shellcheck disable=SC2086
    background "$folder" $all SHIM_SEED=$seed$number SHIM_ROOM=$((RANDOM * 200)) -- --resume
    sleep "0.$(printf %03d $((RANDOM % 400)))"
    crash $!
    beginning
  done
  # shellcheck disable=SC2086
  resume_to_the_end $all SHIM_SEED=$seed
  same
  end
done

# --- Copies of folders: what is a run's own goes with it, its locks do not.
for conditions in "" SHIM_FLOCK=nolock; do
  begin "a copy of a folder in use goes on by itself (${conditions:-as usual})" || continue
  inside=yes
  # shellcheck disable=SC2086
  background "$folder" $conditions SHIM_SLOW=50
  first=$!
  until_locked $first
  sleep 0.7
  kill -STOP $first
  original=$folder
  cp -a "$original" "$original-copy"
  folder=$original-copy
  [ -f "$folder/.r.extxyz.lock" ] || problem "the copy has no lock to be seen through"
  # shellcheck disable=SC2086
  run "$folder" $conditions -- --resume
  ends $? 0
  same
  folder=$original
  kill -CONT $first
  wait $first
  ends $? 0
  same
  inside=
  end
done

echo "$cases cases, $faults faults"
[ "$faults" = 0 ]
