#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs examples/slurm on a real Slurm of one node, with tasks killed, requeued, cancelled, preempted and out of time.

    Tools/slurm-cluster.py [RELAX [COPIES]]

COPIES (200) of the twelve example slabs are relaxed, so many that every task is met in the middle of its work.

Starts munged, slurmctld and slurmd of Debian's packages in a folder of its own, on ports of its own, as whoever calls
it and without systemd; root gets the packages installed if they are missing. Submits examples/slurm/submit.sh, with
relax started by the script and by srun. What the dependent jobs merge must be the files of a run without shards,
byte for byte (summaries but for `seconds`). Where there is no Slurm it says "skipped: …" and ends with 0.
"""

import concurrent.futures
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
from one_node_slurm import LIMIT, Clock, Cluster, Processes, alive, content, install, wait_for

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
ENDED = ["COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "BOOT_FAIL", "OUT_OF_MEMORY", "DEADLINE"]


class Task:
    """One task of an array and what is done to it."""

    def __init__(self, cluster, folder, array, number, count):
        self.cluster, self.array, self.job = cluster, array, f"{array}_{number}"
        self.number, self.summary = number, folder / f"summary.{number}-of-{count}.jsonl"
        self.log = folder / f"relax-{self.job}.log"

    def processes(self):
        own = {f"SLURM_ARRAY_JOB_ID={self.array}", f"SLURM_ARRAY_TASK_ID={self.number}"}
        return [pid for pid, variables in Processes.all().items() if own <= variables]

    def relax(self):
        """The process that relaxes; nil where there is none at this moment."""
        for pid in self.processes():
            command = content(pid, "cmdline").split("\0")
            if "--shard" in command and Path(command[0]).name != "srun":
                return pid

    def hold(self):
        """Stops relax in the middle of its work, so that what is done next meets it there."""
        def begun():
            pid = self.summary.exists() and self.summary.stat().st_size > 0 and self.relax()
            if not pid and self.cluster.field(self.job, "JobState") in ENDED:
                raise RuntimeError(f"task {self.job} has ended by itself before it could be disturbed")
            return pid

        pid = wait_for(f"task {self.job} to begin", begun)
        os.kill(pid, signal.SIGSTOP)
        return pid

    # What is done to tasks. Each tells how often the task is queued again, and what its log must say.

    def undisturbed(self):
        return 0, ""

    def kill_relax(self):
        """Ends relax as a lack of memory does; the script starts it again."""
        os.kill(self.hold(), signal.SIGKILL)
        return 0, "relax was killed (1)"

    def kill_all(self):
        """Ends relax and the script, as when a node dies."""
        self.hold()
        for pid in sorted(self.processes()):  # the script first: it must not start relax again
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        wait_for("the task's failure", lambda: self.cluster.field(self.job, "JobState") in ("FAILED", "NODE_FAIL"))
        self.cluster.do("scontrol", "requeue", self.job)
        return 1, ""

    def requeue(self):
        pid = self.hold()
        self.cluster.do("scontrol", "requeue", self.job)
        self.go_on(pid)
        return 1, "stopped by SIGTERM"

    def preempt(self):
        """Sends it and the other of its kind away for a job of a better partition."""
        pid = self.hold()
        if Task.both.wait(LIMIT) == 0:
            self.cluster.do("sbatch", "--partition=high", "--exclusive", "--output=/dev/null", "--wrap=true")
        wait_for("preemption", lambda: is_pending(pid, signal.SIGTERM) or not alive(pid))
        self.go_on(pid)
        Task.gone.wait(LIMIT)
        return 1, "stopped by SIGTERM"

    both, gone = threading.Barrier(2), threading.Barrier(3)

    def cancel(self):
        """Cancels it; it must not come back by itself, but can be taken up."""
        pid = self.hold()
        self.cluster.do("scancel", self.job)
        self.go_on(pid)
        # The script has ended then: too late for it to ask for anything.
        wait_for(f"the end of {self.job}, which was cancelled",
                 lambda: self.cluster.field(self.job, "JobState") == "CANCELLED")
        self.cluster.do("scontrol", "requeue", self.job)
        return 1, "stopped by SIGTERM"

    def run_out_of_time(self):
        """Lowers the time limit, until Slurm sends USR1 and the script requeues itself."""
        pid = self.hold()
        self.cluster.do("scontrol", "update", f"JobId={self.job}", "TimeLimit=2")
        wait_for("USR1", lambda: is_pending(pid, signal.SIGUSR1) or not alive(pid))
        self.cluster.do("scontrol", "update", f"JobId={self.job}", "TimeLimit=60")
        self.go_on(pid)
        return 1, "stopped by SIGUSR1"

    def go_on(self, pid):
        """Lets relax run again, and end by the signal that has come or is about to."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        wait_for(f"the end of task {self.job}'s relax", lambda: not alive(pid))

    def disturb(self, how):
        try:
            return how(self)
        except BaseException:
            Clock.over.set()  # the others need not go on
            Task.both.abort()
            Task.gone.abort()
            raise


def is_pending(pid, number):
    masks = re.findall(r"^S(?:ig|hd)Pnd:\s+(\S+)", content(pid, "status"), re.M)
    return any(int(mask, 16) >> (number - 1) & 1 for mask in masks)


def trial(cluster, folder, disturbances, arguments, expected, variables):
    """Submits the example and disturbs it; faults in words."""
    folder.mkdir()
    (folder / "in.extxyz").symlink_to("../in.extxyz")
    count = len(disturbances)
    said = subprocess.run([EXAMPLES / "slurm/submit.sh", str(count), "relaxed.extxyz", *arguments], cwd=folder,
                          env={**os.environ, **variables}, check=True, stdout=subprocess.PIPE, text=True)
    array, merge = re.findall(r"\d+", said.stdout)
    tasks = [Task(cluster, folder, array, number + 1, count) for number in range(count)]
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        promises = list(pool.map(Task.disturb, tasks, disturbances))
    wait_for("the merge", lambda: cluster.field(merge, "JobState") in ENDED, 0.5)
    faults = []
    for task, how, (restarts, words) in zip(tasks, disturbances, promises):
        seen = {name: cluster.field(task.job, name) for name in ("Restarts", "ExitCode")}
        print(f"  {folder.name:14} {how.__name__:16} restarts {seen['Restarts']}, ended with {seen['ExitCode']}")
        if seen["Restarts"] != str(restarts):
            faults.append(f"{how.__name__}: {seen['Restarts']} restarts, expected {restarts}")
        if words not in task.log.read_text():
            faults.append(f"{how.__name__}: {task.log.name} does not say: {words}")
    if (code := cluster.field(merge, "ExitCode")) != "3:0":
        faults.append(f"the merge ended with {code}")
    for name in ["relaxed.extxyz", "path.extxyz", "summary.jsonl"]:
        if not (folder / name).exists():
            faults.append(f"no {name}")
        elif comparable(folder / name) != comparable(expected / name):
            faults.append(f"{name} is not that of the run without shards")
    return [f"{folder.name}: {fault}" for fault in faults]


def comparable(path):
    text = path.read_bytes()
    return re.sub(rb'"seconds": ?[-+.0-9e]+', b"", text) if path.suffix == ".jsonl" else text


def run(cluster, folder, copies):
    """Everything there is to see; faults in words."""
    (folder / "in.extxyz").write_bytes((EXAMPLES / "slabs.extxyz").read_bytes() * copies)
    expected = folder / "expected"
    expected.mkdir()
    (expected / "in.extxyz").symlink_to("../in.extxyz")
    # So few steps that some do not converge: exit code 3 must not keep the merge from its work.
    arguments = ["in.extxyz", "-p", "emt-morse", "--steps", "60", "--trajectory", "path.extxyz",
                 "--summary", "summary.jsonl", "--quiet", "--threads"]
    whole = subprocess.run(["relax", "run", *arguments, "2", "-o", "relaxed.extxyz"], cwd=expected)
    if whole.returncode != 3:
        return [f"the run without shards ended with {whole.returncode}"]
    say("a run without shards is done")
    cluster.start()
    say(f"{cluster.ask('scontrol', '--version').strip()} is up")
    srun = {"RELAX_LAUNCH": "srun --cpus-per-task=4"}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        def begin(name, disturbances, variables):
            return pool.submit(trial, cluster, folder / name, disturbances, [*arguments, "1"], expected, variables)

        trials = [begin("preempted", [Task.preempt], {"SBATCH_PARTITION": "low"}),
                  begin("preempted-srun", [Task.preempt], {"SBATCH_PARTITION": "low", **srun})]
        Task.gone.wait(LIMIT)
        many = [Task.undisturbed, Task.kill_relax, Task.kill_all, Task.requeue, Task.cancel, Task.run_out_of_time]
        trials += [begin("script", many, {}), begin("srun", many, srun)]
    faults = [fault for one in trials for fault in one.result()]
    say(f"{len(trials)} arrays merged, {len(faults)} faults")
    return faults


def say(words):
    print(f"{words} ({time.monotonic() - Clock.begin:.0f} s)", flush=True)


def main():
    relax = Path(sys.argv[1] if len(sys.argv) > 1 else ".build/release/relax").absolute()
    copies = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    if not os.access(relax, os.X_OK):
        sys.exit(f"{relax} is no program; give the path of relax")
    if reason := install():
        return print(f"skipped: {reason}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="relax-slurm-"))
    (folder / "bin").mkdir()
    (folder / "bin/relax").symlink_to(relax)
    os.environ["PATH"] = f"{folder}/bin:{os.environ['PATH']}"
    cluster = Cluster(folder)
    Clock.begin = time.monotonic()
    faults = []
    try:
        faults = run(cluster, folder, copies)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        faults = [f"{type(error).__name__}: {error}"]
    finally:
        Clock.over.set()
        if faults:
            for log in [*folder.glob("*/relax-*.log"), *folder.glob("slurm*.log"), folder / "munged.out"]:
                print(f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-15:], sep="\n")
            subprocess.run(["squeue"])
            print("---", *faults, sep="\n")
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(bool(faults))


main()
