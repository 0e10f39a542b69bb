#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Relaxes structures by tasks of HyperQueue through its Python package (pip install hyperqueue), waits, and merges.

    submit.py [--local] SHARDS OUTPUT INPUT… [what else `relax run` takes]
    submit.py 400 relaxed.extxyz slabs.extxyz -p emt-morse --summary summary.jsonl

Takes the server that runs (`hq server start`); with --local it starts one, and a worker on this machine.
"""

import contextlib
import os
import subprocess
import sys

from hyperqueue import Client, Job, LocalCluster
from hyperqueue.cluster import WorkerConfig
from hyperqueue.ffi.protocol import ResourceRequest

CPUS = int(os.environ.get("CPUS", "4"))  # of a task


def run(client, shards, numbers, output, arguments):
    """Runs shards with these numbers; the numbers of those that are not finished."""
    job = Job(default_workdir=os.getcwd(), max_fails=None, name="relax")
    of_task = {}
    for number in numbers:
        # relax itself is the task, and no shell: if a worker dies, only the first process is told.
        task = job.program(["relax", "run", "--threads", str(CPUS), *arguments, "-o", output,
                            "--shard", f"{number}/{shards}", "--resume"],
                           env={"PATH": os.environ["PATH"]}, resources=ResourceRequest(cpus=CPUS), crash_limit=10,
                           stdout=f"relax-{number}.out", stderr=f"relax-{number}.err")
        of_task[task.task_id] = number
    submitted = client.submit(job)
    if client.wait_for_jobs([submitted], raise_on_error=False):
        return []
    # 3: finished, some structures did not converge.
    return [of_task[task] for task, failure in client.get_failed_tasks(submitted).items()
            if not failure.error.rstrip(".").endswith("exit code 3")]


def main():
    arguments = sys.argv[1:]
    local = arguments[:1] == ["--local"]
    if local:
        arguments.pop(0)
    if len(arguments) < 3 or not arguments[0].isdigit():
        print(__doc__, file=sys.stderr)
        return 64
    shards, output = int(arguments[0]), arguments[1]
    with contextlib.ExitStack() as stack:
        if local:
            workers = WorkerConfig(cores=max(CPUS, os.cpu_count()))
            client = stack.enter_context(LocalCluster(worker_config=workers)).client()
        else:
            client = Client()
        left = range(1, shards + 1)
        for _ in range(3):  # what was stopped or killed goes on where it was
            left = left and run(client, shards, left, output, arguments[2:])
    # Says what is missing, if anything still is.
    return subprocess.run(["relax", "merge", output]).returncode


sys.exit(main())
