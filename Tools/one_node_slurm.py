# SPDX-License-Identifier: MIT
"""A Slurm of one node, in a folder of its own, on ports of its own, without systemd, for whoever starts it."""

import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue", "srun", "scancel"]
LIMIT = 600  # s; what takes longer hangs


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
            PreemptType=preempt/partition_prio
            PreemptMode=REQUEUE
            PartitionName=low Nodes=ALL PriorityTier=1 State=UP
            PartitionName=all Nodes=ALL PriorityTier=2 State=UP Default=YES
            PartitionName=high Nodes=ALL PriorityTier=3 State=UP
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
        wait_for(" ".join(command), lambda: subprocess.run(command, stdout=subprocess.DEVNULL,
                                                        stderr=subprocess.DEVNULL).returncode == 0, 1)

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


def alive(pid):
    state = re.search(r"^State:\s+(\S)", content(pid, "status"), re.M)
    return state is not None and state[1] not in "ZX"


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
