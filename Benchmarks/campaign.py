#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a campaign of many relaxations costs: time, memory, and bytes of every file.

    python3 Benchmarks/campaign.py make-slabs 10000 FOLDER       # slabs of real size, in pieces
    python3 Benchmarks/campaign.py make-small 1000000 FOLDER     # clusters of 4 to 10 atoms
    python3 Benchmarks/campaign.py measure NAME -- COMMAND …     # one line of JSON
    python3 Benchmarks/campaign.py tables                        # results/campaign/tables.md

`measure` runs COMMAND in a folder and appends to results/campaign/figures.jsonl: CPU seconds (user and
system), seconds, peak memory, exit code, and the bytes of every file in the folder that is new or has
changed, hidden ones too. What `--json run.json` says of a run's structures and steps is taken along.
Only the standard library is needed.
"""

import argparse
import json
import os
import pathlib
import re
import sys
import time

import campaign_structures
import campaign_tables

FIGURES = campaign_structures.MINIATURE.parent / "campaign/figures.jsonl"


def main():
    options = arguments()
    if options.task == "measure":
        sys.exit(measure(options))
    if options.task == "tables":
        text = campaign_tables.text(FIGURES)
        (FIGURES.parent / "tables.md").write_text(text)
        print(text)
        return
    make = {
        "make-slabs": campaign_structures.slabs,
        "make-small": campaign_structures.clusters}[options.task]
    campaign_structures.write(
        make, options.count, options.folder, options.ending, options.piece, options.seed)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tasks = parser.add_subparsers(dest="task", required=True)
    for name, piece, ending in [
        ("make-slabs", 1000, "extxyz.xz"), ("make-small", 100_000, "extxyz")]:
        task = tasks.add_parser(name)
        task.add_argument("count", type=int)
        task.add_argument("folder", type=pathlib.Path, help="a new folder")
        task.add_argument("--piece", type=int, default=piece, help="structures in a file")
        task.add_argument("--ending", default=ending, help="extxyz, extxyz.gz or extxyz.xz")
        task.add_argument("--seed", type=int, default=1)
    task = tasks.add_parser("measure")
    task.add_argument("name", help="under which the tables find it")
    task.add_argument("--folder", type=pathlib.Path, default=".", help="where COMMAND runs")
    task.add_argument("--lines", type=pathlib.Path, default=FIGURES)
    task.add_argument("--core", type=int, help="the one core that it may use")
    task.add_argument("--commit", default="", help="of the program that is measured")
    task.add_argument("--structures", type=int, help="where no run.json tells")
    task.add_argument(
        "--part", action="store_true", help="goes on with the run of the same name before it")
    task.add_argument("command", nargs="+")
    tasks.add_parser("tables")
    return parser.parse_args()


def measure(options):
    """Runs the command; its exit code."""
    options.folder.mkdir(parents=True, exist_ok=True)
    before = sizes(options.folder)
    begin = time.monotonic()
    code, used = run(options.command, options.folder, options.core)
    seconds = time.monotonic() - begin
    files = {
        name: size for name, (size, changed) in sizes(options.folder).items()
        if before.get(name) != (size, changed)}
    line = {
        "name": options.name, "commit": options.commit, "exit": code,
        "cpu": round(used.ru_utime + used.ru_stime, 3), "system": round(used.ru_stime, 3),
        "seconds": round(seconds, 3), "memory": used.ru_maxrss * 1024, "files": files,
        "command": without_folders(" ".join(options.command)),
        "load": os.getloadavg()[0]}
    if options.part:
        line["part"] = True
    if options.structures:
        line["structures"] = options.structures
    report = options.folder / "run.json"
    if report.name in files:
        told = json.loads(report.read_text())
        line |= {key: told[key] for key in ("structures", "steps", "evaluations", "statuses")}
    options.lines.parent.mkdir(parents=True, exist_ok=True)
    with options.lines.open("a") as lines:
        lines.write(json.dumps(line) + "\n")
    print(json.dumps({key: value for key, value in line.items() if key != "command"}))
    return code if code in (0, 3) else 1


def without_folders(command):
    """The command with the names of files alone: where they lay is of no interest."""
    return re.sub(r"(?<![\w.])/(?:[^/\s=:,]+/)+", "", command)


def run(command, folder, core):
    """Exit code (negative for a signal) and resource usage of a command in a process of its own.

    Its peak memory is not told below that of this process at the time of the fork, some 10 MB.
    """
    child = os.fork()
    if child == 0:
        try:
            os.chdir(folder)
            if core is not None:
                os.sched_setaffinity(0, [core])
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 0)
            os.execvp(command[0], command)
        finally:
            os._exit(127)
    _, status, used = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), used


def sizes(folder):
    """Size and time of change of every file in a folder, by name."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            stat = path.stat()
            found[str(path.relative_to(folder))] = (stat.st_size, stat.st_mtime_ns)
    return found


if __name__ == "__main__":
    main()
