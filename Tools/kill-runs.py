#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kills runs at random moments, resumes them, and compares with an undisturbed run.

    Tools/kill-runs.py RELAX ENDING [ROUNDS]      ENDING: extxyz, extxyz.xz, traj, db, json

Four of five ends are kill -9, the others Ctrl-C. After each round the relaxed structures and trajectories must be those
of the undisturbed run, byte for byte (a .db row by row), with nothing left beside them but the journal.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

INPUT = Path(__file__).resolve().parent.parent / "examples" / "slabs.extxyz"
TABLES = ["systems", "species", "keys", "text_key_values", "number_key_values", "sqlite_sequence"]


def command(relax, folder, ending, *more):
    return [relax, "run", INPUT, "-p", "emt-morse", "-q", "--threads", "2", "-o", f"{folder}/r.{ending}",
            "--trajectory", f"{folder}/t.{ending}", "--summary", f"{folder}/s.jsonl", *more]


def content(path):
    if path.suffix != ".db":
        return path.read_bytes()
    database = sqlite3.connect(path)
    try:
        return [database.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall() for table in TABLES]
    finally:
        database.close()


def main():
    relax, ending = sys.argv[1], sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    os.environ["SOURCE_DATE_EPOCH"] = "1700000000"
    work = Path(tempfile.mkdtemp(prefix="kill-runs-"))
    expected = work / "expected"
    expected.mkdir()
    begin = time.time()
    subprocess.run(command(relax, expected, ending), check=True)
    longest = 0.8 * (time.time() - begin)
    names = sorted(os.listdir(expected))
    kills, faults = 0, 0
    for number in range(rounds):
        folder = work / "killed"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        while True:
            process = subprocess.Popen(command(relax, folder, ending, "--resume"), stderr=subprocess.PIPE)
            try:
                process.wait(random.uniform(0.01, longest))
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL if random.random() < 0.8 else signal.SIGINT)
                process.wait()
                kills += 1
        problems = [] if process.returncode == 0 else [process.stderr.read().decode()]
        problems += [f"{name}.{ending} differs" for name in "rt"
                     if content(folder / f"{name}.{ending}") != content(expected / f"{name}.{ending}")]
        if sorted(os.listdir(folder)) != names:
            problems.append(f"left: {sorted(os.listdir(folder))}")
        for problem in problems:
            print(f"round {number}: {problem}")
        faults += bool(problems)
    shutil.rmtree(work)
    print(f"{ending}: {rounds} rounds, {kills} kills, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
