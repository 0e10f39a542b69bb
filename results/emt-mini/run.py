#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Train and judge the networks of the miniature experiments.

    python3 results/emt-mini/run.py                     # everything that is missing
    python3 results/emt-mini/run.py table5 --jobs 2     # what one table needs
    python3 results/emt-mini/run.py --list

Every network is trained by `relax train configs/NAME.yaml` into runs/NAME, going on where it was
interrupted, and judged by `relax evaluate` on the four validation splits. For Table 8 structures
are relaxed with `relax` and scored with `relax score`, one process at a time, since times count.
Figures go to figures/*.json; what has figures is not made again unless --again is given. Then
tables.py makes tables and plots of them. Only the standard library is needed.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import threading

from experiments import AVERAGED, ENERGIES, RELAXING, SPLITS, TABLES, TURNED, networks

HERE = pathlib.Path(__file__).resolve().parent
TEACHER = "emt-morse"


def main():
    options = arguments()
    tables = options.tables or list(TABLES)
    unknown = [table for table in tables if table not in TABLES]
    if unknown:
        sys.exit(f"run.py: no table `{unknown[0]}`; there are {', '.join(TABLES)}")
    if options.list:
        for table in tables:
            print(f"{table}: {', '.join(networks(table))}")
        return
    if not (HERE / "data").is_dir():
        sys.exit("run.py: results/emt-mini/data is missing; Tools/emt-mini-data.sh makes it")

    runner = Runner(options.relax.resolve(), options.again)
    names = dict.fromkeys(name for table in tables for name in networks(table))
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, work in [(name, pool.submit(runner.network, name)) for name in names]:
            failures += not succeeded(name, work.result)
    for table in tables:
        if table in RELAXING:
            for name in ["unrelaxed", "teacher", *networks(table)]:
                failures += not succeeded(name, lambda: runner.relaxations(name))
    sys.exit(1 if failures else 0)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", help="tables to make the figures of")
    parser.add_argument(
        "--relax", type=pathlib.Path, default=HERE.parent.parent / ".build/release/relax")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="trainings at once")
    parser.add_argument("--again", action="store_true", help="make figures that exist again")
    parser.add_argument("--list", action="store_true", help="say which networks there are")
    return parser.parse_args()


def succeeded(name, work):
    try:
        work()
        return True
    except subprocess.CalledProcessError as error:
        words = " ".join(map(str, error.cmd))
        print(f"{name}: {words} ended with {error.returncode}\n{error.stderr}", file=sys.stderr)
        return False


class Runner:
    """Makes figures, several networks at a time."""

    def __init__(self, relax, again):
        self.relax = relax
        self.again = again
        self.locks = {}
        self.guard = threading.Lock()

    def network(self, name):
        """Trains and judges a network, unless its figures exist."""
        if (HERE / f"figures/{name}.json").exists() and not self.again:
            return
        self.train(trained(name))
        self.judge(name)

    def judge(self, name):
        """Writes the figures of a trained network."""
        errors = self.errors(name)
        info = self.info(name)
        write(HERE / f"figures/{name}.json", {
            "name": name,
            "parameters": info["trainable_parameters"],
            "training_seconds": self.training_seconds(trained(name)),
            "inference_seconds_per_frame": self.inference(name),
            "splits": [kept(split) for split in errors["splits"]],
            "average": kept(errors["average"]),
            "curve": self.curve(trained(name)),
        })
        print(f"{name}: average force MAE {errors['average']['force_mae']:.4f} eV/Å", flush=True)

    def train(self, name):
        """Trains a network after the one that it starts from; each once."""
        with self.guard:
            lock = self.locks.setdefault(name, threading.Lock())
        with lock:
            config = HERE / f"configs/{name}.yaml"
            start = self.start(name)
            if start:
                self.train(start)
            print(f"{name}: training", flush=True)
            self.run("train", config, "--resume", "--quiet")

    def start(self, name):
        """The network whose training this one goes on with."""
        start = re.search(r"from: \.\./runs/(.+)/", (HERE / f"configs/{name}.yaml").read_text())
        return start and start.group(1)

    def training_seconds(self, name):
        """Time of training, that of the network it started from included."""
        seconds = lines(HERE / f"runs/{name}/timings.jsonl")[-1]["seconds"]
        start = self.start(name)
        return seconds + (self.training_seconds(start) if start else 0)

    def curve(self, name):
        """Validation errors by step and time, those of the network it started from first."""
        start = self.start(name)
        before = self.curve(start) if start else []
        spent = self.training_seconds(start) if start else 0
        run = HERE / f"runs/{name}"
        seconds = {line["step"]: line["seconds"] for line in lines(run / "timings.jsonl")}
        return before + [
            {"step": line["step"], "seconds": spent + seconds[line["step"]],
             "validation": line["validation"]}
            for line in lines(run / "metrics.jsonl") if "validation" in line]

    def errors(self, name):
        """What `relax evaluate` says of the four splits."""
        output = self.folder(name) / "errors.json"
        of_energies = self.info(name)["architecture"] in ENERGIES
        self.run(
            "evaluate", *(f"data/s2ef_{split}" for split in SPLITS),
            "--provider", self.network_provider(name), "--threads", "1",
            *(["--rotations", "20"] if name in TURNED else []),
            *(["--energies", "adsorption"] if of_energies else []), "--json", output,
            "--overwrite", "--quiet")
        return json.loads(output.read_text())

    def inference(self, name):
        """CPU time a frame of val_id on one thread, start-up included."""
        output = self.folder(name) / "inference.json"
        used = self.cpu_seconds(
            "evaluate", "data/s2ef_val_id", "--provider", self.network_provider(name),
            "--threads", "1", "--json", output, "--overwrite", "--quiet")
        return used / json.loads(output.read_text())["average"]["frames"]

    def folder(self, name):
        folder = HERE / f"runs/{name}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def info(self, name):
        """What the network's file says that it holds."""
        model = f"runs/{trained(name)}/model.safetensors"
        return json.loads(self.run("model", "info", model, "--json", "-"))

    def network_provider(self, name):
        """A trained network as `relax` takes it."""
        base = trained(name)
        options = AVERAGED[name.removeprefix(base)] if name != base else ""
        return f"{self.info(name)['architecture']}:model=runs/{base}/model.safetensors{options}"

    def relaxations(self, name):
        """Relaxes the initial structures of all splits, and scores them with the teacher."""
        figures = HERE / f"figures/relaxed-{name}.json"
        if figures.exists() and not self.again:
            return
        folder = self.folder(f"relaxed-{name}")
        provider = self.provider(name)
        splits = {split: self.relaxed(provider, split, folder) for split in SPLITS}
        write(figures, {"name": name, "provider": provider, "splits": splits})
        shares = ", ".join(f"{split} {100 * splits[split]['adwt']:.1f} %" for split in SPLITS)
        print(f"relaxed by {name}: ADwT {shares}", flush=True)

    def provider(self, name):
        """What structures are relaxed with; None leaves them as they are."""
        if name in ("unrelaxed", "teacher"):
            return TEACHER if name == "teacher" else None
        self.train(trained(name))
        return self.network_provider(name)

    def relaxed(self, provider, split, folder):
        pairs = f"data/is2rs_{split}.extxyz.xz"
        predicted, summary = folder / f"{split}.extxyz", folder / f"{split}.jsonl"
        score = folder / f"{split}-score.json"
        used, results = 0.0, []
        if provider is None:
            # The initial structures, as if they were predictions.
            self.run(
                "convert", pairs, predicted, "--select", "role=initial", "--overwrite")
        else:
            used = self.cpu_seconds(
                "run", pairs, "--select", "role=initial", "--provider", provider,
                "--scheme", "robust", "-o", predicted, "--summary", summary, "--threads", "1",
                "--overwrite", "--quiet")
            results = lines(summary)
        self.run(
            "score", predicted, "--reference", pairs, "--select", "role=relaxed",
            "--provider", TEACHER, "--json", score, "--overwrite", "--quiet")
        scores = json.loads(score.read_text())
        return {
            "adwt": scores["adwt"], "afbt": scores["afbt"],
            "structures": scores["counts"]["references"], "cpu_seconds": used,
            "converged": sum(result["status"] == "converged" for result in results),
            "steps": sum(result["steps"] for result in results),
        }

    def run(self, *words):
        process = subprocess.run(
            [self.relax, *words], capture_output=True, text=True, cwd=HERE)
        if process.returncode:
            raise subprocess.CalledProcessError(
                process.returncode, process.args, process.stdout, process.stderr)
        return process.stdout

    def cpu_seconds(self, *words):
        """User and system time of a run, in which some structures may fail to converge (3)."""
        process = subprocess.Popen(
            [self.relax, *words], stderr=subprocess.PIPE, text=True, cwd=HERE)
        complaints = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code not in (0, 3):
            raise subprocess.CalledProcessError(code, process.args, None, complaints)
        return usage.ru_utime + usage.ru_stime


def trained(name):
    """The network in runs/ whose forces, perhaps averaged, have this name."""
    for ending in AVERAGED:
        name = name.removesuffix(ending)
    return name


def kept(members):
    """Of all errors those that tables show."""
    names = (
        "name", "frames", "free_atoms", "force_mae", "force_cosine", "rotation_instability",
        "baseline_zero_force_mae", "baseline_median_force_mae", "energy_mae",
        "energy_force_within_threshold")
    return {name: members[name] for name in names if members.get(name) is not None}


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def write(path, figures):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
