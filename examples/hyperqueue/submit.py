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


def tasks(shards, output, arguments):
    # As many as like may fail: 3 (some did not converge) is no failure, and the others are taken up again.
    job = Job(default_workdir=os.getcwd(), max_fails=None, name="relax")
    for shard in range(1, shards + 1):
        job.program(["relax", "run", *arguments, "-o", output, "--threads", str(CPUS),
                     "--shard", f"{shard}/{shards}", "--resume"],
                    env={"PATH": os.environ["PATH"]}, resources=ResourceRequest(cpus=CPUS), crash_limit=10,
                    stdout=f"relax-{shard}.out", stderr=f"relax-{shard}.err")
    return job


def main():
    arguments = sys.argv[1:]
    local = arguments[:1] == ["--local"]
    if local:
        arguments.pop(0)
    if len(arguments) < 3 or not arguments[0].isdigit():
        print(__doc__, file=sys.stderr)
        return 64
    shards, output, *arguments = arguments
    with contextlib.ExitStack() as stack:
        if local:
            workers = WorkerConfig(cores=max(CPUS, os.cpu_count()))
            client = stack.enter_context(LocalCluster(worker_config=workers)).client()
        else:
            client = Client()
        # What was stopped or killed goes on; shards that are finished end at once.
        for _ in range(3):
            if client.wait_for_jobs([client.submit(tasks(int(shards), output, arguments))], raise_on_error=False):
                break
    # Says what is missing, if anything still is.
    return subprocess.run(["relax", "merge", output]).returncode


sys.exit(main())
