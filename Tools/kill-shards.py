#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kills and stops the shards of a run at random moments, resumes them in any order, merges, and compares.

    Tools/kill-shards.py RELAX [KILLS [SHARDS…]]      200 kills over 7 shards; 1, 3, 7 and 1000 shards without kills

Half of the kills are kill -9, the others SIGTERM, SIGUSR1 or Ctrl-C. The merged relaxed structures and trajectory must be those of a
run without shards, byte for byte, the summary but for its seconds; codes must be those that are promised.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SLABS = Path(__file__).resolve().parent.parent / "examples" / "slabs.extxyz"
SIGNALS = [signal.SIGKILL] * 3 + [signal.SIGTERM, signal.SIGUSR1, signal.SIGINT]
CODES = {signal.SIGKILL: {-9}, signal.SIGTERM: {75, -15}, signal.SIGUSR1: {75, -10}, signal.SIGINT: {130, -2}}


def command(relax, source, folder, *more):
    return [relax, "run", source, "-p", "emt-morse", "-q", "--threads", "2", "-o", f"{folder}/r.extxyz",
            "--trajectory", f"{folder}/t.extxyz", "--frames", "every:10", "--summary", f"{folder}/s.jsonl", *more]


def summary(path):
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        del line["seconds"]
    return lines


def merged(relax, work, name, whole, code):
    """Merges the shards in a folder; how many faults that shows."""
    folder = work / name
    ended = subprocess.run([relax, "merge", folder / "r.extxyz", "-q"], capture_output=True, text=True)
    faults = []
    if ended.returncode != code:
        faults.append(f"merge ended with {ended.returncode}: {ended.stderr}")
    else:
        faults += [f"other {file}" for file in ["r.extxyz", "t.extxyz"]
                   if (folder / file).read_bytes() != (whole / file).read_bytes()]
        if summary(folder / "s.jsonl") != summary(whole / "s.jsonl"):
            faults.append("another summary")
    left = [file for file in os.listdir(folder) if file.startswith(".") and not file.endswith(".journal")]
    faults += [f"left behind: {file}" for file in left]
    for fault in faults:
        print(f"{name}: {fault}")
    return len(faults)


def main():
    relax = str(Path(sys.argv[1]).resolve())
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    counts = [int(text) for text in sys.argv[3:]] or [1, 3, 7, 1000]
    work = Path(tempfile.mkdtemp(prefix="kill-shards-"))
    source = work / "in.extxyz"
    source.write_text(SLABS.read_text() * 30)
    whole = work / "whole"
    whole.mkdir()
    begin = time.time()
    code = subprocess.run(command(relax, source, whole), stderr=subprocess.DEVNULL).returncode
    longest = 0.4 * (time.time() - begin)
    faults, done = 0, 0
    (work / "killed").mkdir()
    while done < kills:
        shard = f"{random.randint(1, 7)}/7"
        process = subprocess.Popen(
            command(relax, source, work / "killed", "--shard", shard, "--resume"), stderr=subprocess.DEVNULL)
        try:
            process.wait(random.uniform(0.005, longest))
            # It was finished before: its share begins again.
            for file in (work / "killed").glob(f"*.{shard.replace('/', '-of-')}.*"):
                file.unlink()
            for file in (work / "killed").glob(f".*.{shard.replace('/', '-of-')}.*"):
                file.unlink()
        except subprocess.TimeoutExpired:
            number = random.choice(SIGNALS)
            process.send_signal(number)
            ended = process.wait()
            done += 1
            if ended not in CODES[number] | {0, 3}:
                faults += 1
                print(f"signal {number} ended a shard with {ended}")
    for number in random.sample(range(1, 8), 7):
        subprocess.run(command(relax, source, work / "killed", "--shard", f"{number}/7", "--resume"),
                       stderr=subprocess.DEVNULL)
    faults += merged(relax, work, "killed", whole, code)
    for count in counts:
        (work / str(count)).mkdir()
        for number in random.sample(range(1, count + 1), count):
            subprocess.run(command(relax, source, work / str(count), "--shard", f"{number}/{count}", "--steps", "200"),
                           stderr=subprocess.DEVNULL)
        faults += merged(relax, work, str(count), whole, code)
    print(f"{done} kills over 7 shards, then {', '.join(map(str, counts))} shards without: {faults} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
