#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs examples/slurm on a real Slurm of one node, with tasks killed, requeued, cancelled and out of time, and compares.

    Tools/slurm-cluster.py [RELAX [COPIES]]

COPIES (100) of the twelve example slabs are relaxed, so many that every task is met in the middle of its work.

Starts munged, slurmctld and slurmd of Debian's packages in a folder of its own, on ports of its own, as whoever calls
it and without systemd; root gets the packages installed if they are missing. Submits examples/slurm/submit.sh twice,
with relax started by the script and by srun. What the dependent jobs merge must be the files of a run without shards,
byte for byte (summaries but for `seconds`). Where there is no Slurm it says "skipped: …" and ends with 0.
"""

import concurrent.futures
import contextlib
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue", "srun", "scancel"]
LIMIT = 300  # s; what takes longer hangs
SHARDS = 6
ENDED = ["COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "BOOT_FAIL", "OUT_OF_MEMORY", "DEADLINE"]


class Clock:
    """When to give up: after LIMIT, or as soon as something else has failed."""

    begin, over = time.monotonic(), threading.Event()


def wait_for(what, found, pause=0.1):
    """What `found` returns as soon as it is true."""
    while not (result := found()):
        if time.monotonic() > Clock.begin + LIMIT or Clock.over.is_set():
            raise TimeoutError(f"waited for {what}")
        time.sleep(pause)
    return result


class Cluster:
    """One node, as many processors as tasks want, and no waiting where Slurm usually waits."""

    def __init__(self, folder):
        self.folder, self.daemons = folder, []
        os.environ.update(SLURM_CONF=f"{folder}/slurm.conf", PATH=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        for name in ["munge", "state", "spool"]:
            (folder / name).mkdir(mode=0o700)
        (folder / "munge/key").write_bytes(os.urandom(1024))
        (folder / "munge/key").chmod(0o400)
        host = socket.gethostname().split(".")[0]
        ports = free_ports(2)
        # cred_expire is also how long a requeued job waits; 5 s is the least. Time limits are looked at each 30 s.
        (folder / "slurm.conf").write_text(f"""
            ClusterName=relax
            SlurmctldHost={host}(127.0.0.1)
            SlurmctldPort={ports[0]}
            SlurmdPort={ports[1]}
            SlurmUser={pwd.getpwuid(os.geteuid()).pw_name}
            SlurmdUser={pwd.getpwuid(os.geteuid()).pw_name}
            AuthType=auth/munge
            CredType=cred/munge
            AuthInfo=socket={folder}/munge/socket,cred_expire=5
            StateSaveLocation={folder}/state
            SlurmdSpoolDir={folder}/spool
            SlurmctldPidFile={folder}/slurmctld.pid
            SlurmdPidFile={folder}/slurmd.pid
            SlurmctldLogFile={folder}/slurmctld.log
            SlurmdLogFile={folder}/slurmd.log
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            SchedulerType=sched/backfill
            SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
            SlurmdParameters=config_overrides
            JobRequeue=1
            MinJobAge=3600
            ReturnToService=2
            MailProg=/bin/true
            NodeName={host} NodeAddr=127.0.0.1 CPUs=64 State=UNKNOWN
            PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
            """.replace(" " * 12, ""))

    def start(self):
        munge = self.folder / "munge"
        self.daemon("munged", "--foreground", "--force", f"--key-file={munge}/key", f"--socket={munge}/socket",
                    f"--pid-file={munge}/pid", f"--seed-file={munge}/seed", f"--log-file={munge}/log")
        wait_for("munged", (munge / "socket").exists)
        self.daemon("slurmctld", "-D")
        self.daemon("slurmd", "-D")
        wait_for("the node", lambda: "idle" in self.ask("sinfo", "-h", "-o", "%T"))

    def daemon(self, *command):
        with open(self.folder / f"{command[0]}.out", "w") as out:
            self.daemons.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                                 start_new_session=True))

    def ask(self, *command):
        """What a command of Slurm says; nothing if it fails, as any may while the machine is busy."""
        for daemon in self.daemons:
            if daemon.poll() is not None:
                raise RuntimeError(f"{daemon.args[0]} ended with {daemon.returncode}")
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return done.stdout if done.returncode == 0 else ""

    def do(self, *command):
        """Does what must succeed, if need be at the second try."""
        wait_for(" ".join(command), lambda: subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0, 1)

    def field(self, job, name):
        """A field of `scontrol show job`, such as JobState."""
        found = re.search(rf"\b{name}=(\S+)", self.ask("scontrol", "show", "job", job))
        return found and found[1]

    def stop(self):
        """Ends everything that runs with this cluster's configuration, and waits for it."""
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in self.daemons:
            with contextlib.suppress(subprocess.TimeoutExpired):
                daemon.wait(5)
        own = f"SLURM_CONF={self.folder}/slurm.conf"
        for _ in range(50):
            left = [pid for pid, variables in Processes.all().items() if own in variables and alive(pid)]
            for pid in left:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            if not left:
                break
            time.sleep(0.2)
        for daemon in self.daemons:
            daemon.wait()


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


# Processes, as /proc tells.

def content(pid, name):
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes().decode(errors="replace")
    except OSError:
        return ""


class Processes:
    """Every process and its variables, looked at ten times a second at most, however many threads ask."""

    lock, taken, found = threading.Lock(), 0, {}

    @classmethod
    def all(cls):
        with cls.lock:
            if time.monotonic() > cls.taken + 0.1:
                cls.found = {int(name): set(content(name, "environ").split("\0"))
                             for name in os.listdir("/proc") if name.isdigit()}
                cls.taken = time.monotonic()
            return cls.found


class Task:
    """One task of an array and what is done to it."""

    def __init__(self, cluster, folder, array, number):
        self.cluster, self.folder, self.array, self.number = cluster, folder, array, number
        self.job = f"{array}_{number}"

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
        summary = self.folder / f"summary.{self.number}-of-{SHARDS}.jsonl"

        def begun():
            pid = summary.exists() and summary.stat().st_size > 0 and self.relax()
            if not pid and self.cluster.field(self.job, "JobState") in ENDED:
                raise RuntimeError(f"task {self.job} has ended by itself before it could be disturbed")
            return pid

        pid = wait_for(f"task {self.job} to begin", begun)
        os.kill(pid, signal.SIGSTOP)
        return pid

    def undisturbed(self):
        return 0

    def kill_relax(self):
        """Ends relax as a lack of memory does; the script starts it again."""
        os.kill(self.hold(), signal.SIGKILL)
        wait_for("relax to go on", self.relax)
        return 0

    def kill_all(self):
        """Ends relax and the script, as when a node dies."""
        self.hold()
        for pid in self.processes():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        wait_for("the task's failure", lambda: self.cluster.field(self.job, "JobState") in ("FAILED", "NODE_FAIL"))
        self.cluster.do("scontrol", "requeue", self.job)
        return 1

    def requeue(self):
        pid = self.hold()
        self.cluster.do("scontrol", "requeue", self.job)
        self.go_on(pid, "TERM")
        return 1

    def cancel(self):
        """Cancels it; it must not come back by itself, but can be taken up."""
        pid = self.hold()
        self.cluster.do("scancel", self.job)
        self.go_on(pid, "TERM")
        # The script has ended then: too late for it to ask for anything.
        wait_for(f"the end of {self.job}, which was cancelled",
                 lambda: self.cluster.field(self.job, "JobState") == "CANCELLED")
        self.cluster.do("scontrol", "requeue", self.job)
        return 1

    def run_out_of_time(self):
        """Lowers the time limit, until Slurm sends USR1 and the script requeues itself."""
        pid = self.hold()
        self.cluster.do("scontrol", "update", f"JobId={self.job}", "TimeLimit=2")
        wait_for("USR1", lambda: is_pending(pid, signal.SIGUSR1) or not alive(pid))
        self.cluster.do("scontrol", "update", f"JobId={self.job}", "TimeLimit=60")
        self.go_on(pid, "USR1")
        return 1

    def go_on(self, pid, name):
        """Lets relax run again; it ends by the signal that came meanwhile."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        wait_for(f"the end by {name}", lambda: not alive(pid))


def alive(pid):
    state = re.search(r"^State:\s+(\S)", content(pid, "status"), re.M)
    return state is not None and state[1] not in "ZX"


def is_pending(pid, number):
    masks = re.findall(r"^S(?:ig|hd)Pnd:\s+(\S+)", content(pid, "status"), re.M)
    return any(int(mask, 16) >> (number - 1) & 1 for mask in masks)


DISTURBANCES = [Task.undisturbed, Task.kill_relax, Task.kill_all, Task.requeue, Task.cancel, Task.run_out_of_time]


def trial(cluster, folder, launch, arguments, expected):
    """Submits the example and disturbs it; faults in words."""
    folder.mkdir()
    os.symlink(expected.parent / "in.extxyz", folder / "in.extxyz")
    said = subprocess.run([EXAMPLES / "slurm/submit.sh", str(SHARDS), "relaxed.extxyz", *arguments], cwd=folder,
                          env={**os.environ, "RELAX_LAUNCH": launch}, check=True, stdout=subprocess.PIPE, text=True)
    array, merge = re.findall(r"\d+", said.stdout)
    tasks = [Task(cluster, folder, array, number + 1) for number in range(SHARDS)]
    with concurrent.futures.ThreadPoolExecutor(SHARDS) as pool:
        restarts = list(pool.map(lambda pair: pair[1](pair[0]), zip(tasks, DISTURBANCES)))
    wait_for("the merge", lambda: cluster.field(merge, "JobState") in ENDED, 0.5)
    faults = []
    for task, disturbance, times in zip(tasks, DISTURBANCES, restarts):
        seen = [cluster.field(task.job, name) for name in ("Restarts", "ExitCode")]
        print(f"  {launch or 'script':24} {disturbance.__name__:16} restarts {seen[0]}, ended with {seen[1]}")
        if int(seen[0]) < times:
            faults.append(f"{disturbance.__name__}: {seen[0]} restarts, expected {times}")
    code = cluster.field(merge, "ExitCode")
    if code != f"{json.loads((expected / 'code').read_text())}:0":
        faults.append(f"merge ended with {code}")
    for name in ["relaxed.extxyz", "path.extxyz", "summary.jsonl"]:
        if not (folder / name).exists():
            faults.append(f"no {name}")
        elif comparable(folder / name) != comparable(expected / name):
            faults.append(f"{name} is not that of the run without shards")
    return faults


def comparable(path):
    text = path.read_bytes()
    return re.sub(rb'"seconds": ?[-+.0-9e]+', b"", text) if path.suffix == ".jsonl" else text


def install():
    """Why there is no Slurm here; nothing if there is."""
    def missing():
        where = f"{os.environ['PATH']}:/usr/sbin:/sbin"
        return [name for name in PROGRAMS if not shutil.which(name, path=where)]
    if missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in ["update"], ["install", "-y", "--no-install-recommends", "slurm-wlm", "munge"]:
            subprocess.run(["apt-get", *command], env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return missing() and f"there is no {', '.join(missing())} (Debian's packages slurm-wlm and munge)"


def main():
    relax = Path(sys.argv[1] if len(sys.argv) > 1 else ".build/release/relax").absolute()
    copies = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    if not os.access(relax, os.X_OK):
        sys.exit(f"{relax} is no program; give the path of relax")
    if reason := install():
        return print(f"skipped: {reason}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="relax-slurm-"))
    folder.chmod(0o755)
    (folder / "bin").mkdir()
    os.symlink(relax, folder / "bin/relax")
    os.environ["PATH"] = f"{folder}/bin:{os.environ['PATH']}"
    cluster = Cluster(folder)
    faults = []
    try:
        begin = Clock.begin = time.monotonic()
        expected = folder / "expected"
        expected.mkdir()
        (folder / "in.extxyz").write_bytes((EXAMPLES / "slabs.extxyz").read_bytes() * copies)
        # So few steps that some do not converge: merge must not be kept from its work by exit code 3.
        arguments = ["in.extxyz", "-p", "emt-morse", "--steps", "60", "--trajectory", "path.extxyz",
                     "--summary", "summary.jsonl", "--quiet"]
        whole = subprocess.run(["relax", "run", folder / "in.extxyz", *arguments[1:], "-o", "relaxed.extxyz"],
                               cwd=expected)
        if whole.returncode != 3:
            sys.exit(f"the run without shards ended with {whole.returncode}")
        (expected / "code").write_text(str(whole.returncode))
        print(f"one run without shards: {time.monotonic() - begin:.0f} s")
        cluster.start()
        print(f"{cluster.ask('scontrol', '--version').strip()} is up: {time.monotonic() - begin:.0f} s")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            trials = {name: pool.submit(trial, cluster, folder / name, launch, arguments, expected)
                      for name, launch in [("script", ""), ("srun", "srun --cpus-per-task=4")]}
        for name, one in trials.items():
            faults += [f"started by {name}: {fault}" for fault in one.result()]
        print(f"{len(trials)} arrays of {SHARDS} tasks, {len(faults)} faults: {time.monotonic() - begin:.0f} s")
        for fault in faults:
            print(fault)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        faults.append(error)
        print(f"{type(error).__name__}: {error}")
    finally:
        Clock.over.set()
        if faults:
            for log in [*folder.glob("*/relax-*.log"), *folder.glob("slurm*.log"), *folder.glob("*.out")]:
                print(f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-15:], sep="\n")
            print(subprocess.run(["squeue"], stdout=subprocess.PIPE, text=True).stdout)
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(bool(faults))


main()
