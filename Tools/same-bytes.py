#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the results of two builds of relax, digit for digit, on every kernel set of the processor.

    Tools/same-bytes.py OLD_BINARY NEW_BINARY [--only NAME] [--record FILE]

Positions, energies, forces, statuses, scores, errors of evaluations and trained weights must be equal
as text or as bytes; names of keys, further columns and times may differ. It is what guards a change of
the code's shape. `--record` writes the hashes of the new build's results.
"""
import argparse, hashlib, json, os, re, struct, subprocess, sys, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SLABS = f"{ROOT}/examples/slabs.extxyz"
REFERENCE = f"{ROOT}/examples/reference.extxyz"
MODEL = f"{ROOT}/examples/forcenet-emt-mini.safetensors"
KEPT = ("energy", "relax_status", "relax_steps", "relax_fmax", "fid", "forces_on")

CONFIGURATION = """model: {{architecture: {architecture}, hidden_channels: 24, num_interactions: 2{more}}}
data: {{train: [labels.extxyz], validation: {{v: labels.extxyz}}}}
training: {{steps: 12, batch_size: 4, seed: 3, threads: {threads}, eval_every: 6}}
output: out
"""


def extxyz(path):
    """Every frame's species, positions, forces and kept keys."""
    lines, found, at = open(path).read().splitlines(), [], 0
    while at < len(lines):
        count, comment = int(lines[at]), lines[at + 1]
        properties = re.search(r"Properties=(\S+)", comment).group(1).split(":")
        columns, start = {}, 0
        for name, _, width in zip(properties[::3], properties[1::3], properties[2::3]):
            columns[name] = (start, start + int(width))
            start += int(width)
        rows = [line.split() for line in lines[at + 2 : at + 2 + count]]
        kept = {key: re.findall(rf"(?:^|\s){key}=(\S+)", comment) for key in KEPT}
        values = [
            [row[slice(*columns[name])] for row in rows]
            for name in ("species", "pos", "forces")
            if name in columns
        ]
        found.append([kept, values])
        at += 2 + count
    return json.dumps(found)


def summary(path):
    kept = []
    for line in open(path):
        entry = json.loads(line)
        kept.append([entry.get(k) for k in ("index", "status", "steps", "evaluations", "energy", "fmax")])
    return json.dumps(kept)


def tensors(path):
    """The bytes of every tensor by name, whatever the metadata say."""
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    head = json.loads(data[8 : 8 + size])
    digest = {}
    for name, entry in head.items():
        if name != "__metadata__":
            a, b = entry["data_offsets"]
            digest[name] = [entry["shape"], hashlib.sha256(data[8 + size + a : 8 + size + b]).hexdigest()]
    return json.dumps(digest, sort_keys=True)


def numbers(path):
    """All numbers of a JSON file by key, without paths, times and versions."""
    def walk(value):
        if isinstance(value, dict):
            return {k: walk(v) for k, v in sorted(value.items()) if k not in ("settings", "seconds", "versions")}
        if isinstance(value, list):
            return [walk(v) for v in value]
        return value if isinstance(value, (int, float, bool)) or value is None else None
    return json.dumps(walk(json.load(open(path))))


def metrics(path):
    return open(path).read()


def relaxation(*options, provider="emt-morse"):
    command = ["run", SLABS, "-p", provider, "-q", "-o", "o.extxyz", "--trajectory", "t.extxyz",
               "--summary", "s.jsonl", "--threads", "1", *options]
    return [command], [(extxyz, "o.extxyz"), (extxyz, "t.extxyz"), (summary, "s.jsonl")]


def training(architecture, more="", threads=1):
    text = CONFIGURATION.format(architecture=architecture, more=more, threads=threads)
    commands = [["predict", SLABS, "-p", "emt-morse", "-o", "labels.extxyz"], ("c.yaml", text),
                ["train", "c.yaml", "-q"]]
    return commands, [(tensors, "out/model.safetensors"), (tensors, "out/last.safetensors"),
                      (metrics, "out/metrics.jsonl")]


NETWORK = f"forcenet:model={MODEL}"
LJ = "lj:sigma=2.338,epsilon=0.4093,cutoff=6.0"
CASES = {
    "ase": relaxation(),
    "ocp2021": relaxation("--scheme", "ocp2021"),
    "robust": relaxation("--scheme", "robust"),
    "bfgs": relaxation("--optimizer", "bfgs", "--steps", "40"),
    "fire": relaxation("--optimizer", "fire", "--steps", "80"),
    "threads": relaxation("--threads", "3", "--frames", "every:7"),
    "emt": relaxation("--steps", "60", provider="emt"),
    "lj": relaxation("--steps", "50", provider=LJ),
    "lj-smooth": relaxation("--steps", "50", provider=LJ + ",onset=5.0"),
    "sum": relaxation("--steps", "30", provider="morse+" + LJ),
    "forcenet": relaxation("--scheme", "robust", "--steps", "25", provider=NETWORK),
    "forcenet-turns1": relaxation("--steps", "25", provider=NETWORK + ",turns=1,threads=2"),
    "gns": (
        [["model", "init", "--architecture", "gns", "--seed", "5", "-o", "m.safetensors"],
         ["predict", SLABS, "-p", "gns:model=m.safetensors", "-o", "o.extxyz"]],
        [(tensors, "m.safetensors"), (extxyz, "o.extxyz")]),
    "forcenet-full": (
        [["model", "init", "--architecture", "forcenet", "--seed", "7", "-o", "m.safetensors"],
         ["predict", SLABS, "-p", "forcenet:model=m.safetensors", "-o", "o.extxyz"]],
        [(tensors, "m.safetensors"), (extxyz, "o.extxyz")]),
    "init-large": (
        [["model", "init", "--architecture", "forcenet-large", "--seed", "2", "-o", "m.safetensors"]],
        [(tensors, "m.safetensors")]),
    "score": (
        [["run", SLABS, "-p", NETWORK + ",turns=1", "-q", "--steps", "20", "-o", "o.extxyz", "--trajectory", "t.extxyz"],
         ["score", "t.extxyz", "--reference", REFERENCE, "--initial", SLABS, "-p", "emt-morse", "-q", "--json", "s.json"],
         ["score", "o.extxyz", "--reference", REFERENCE, "-p", "emt-morse", "--compat", "ocp", "-q", "--json", "c.json"]],
        [(numbers, "s.json"), (numbers, "c.json")]),
    "evaluate": (
        [["predict", SLABS, "-p", "emt-morse", "-o", "l.extxyz"],
         ["evaluate", "l.extxyz", "-p", NETWORK, "--rotations", "5", "--seed", "1", "-q", "--json", "e.json"]],
        [(extxyz, "l.extxyz"), (numbers, "e.json")]),
    "sample": (
        [["sample", SLABS, "-p", "emt-morse", "-o", "frames", "-q"],
         ["convert", "frames/relaxations/0.extxyz.xz", "r.extxyz"],
         ["convert", "frames/md/0.extxyz.xz", "m.extxyz"],
         ["convert", "frames/rattled/0.extxyz.xz", "d.extxyz"]],
        [(extxyz, "r.extxyz"), (extxyz, "m.extxyz"), (extxyz, "d.extxyz")]),
    "train-forcenet": training("forcenet", ", decoder_hidden_channels: 16"),
    "train-threads": training("forcenet", ", decoder_hidden_channels: 16, basis: sphallmul", threads=2),
    "train-raw": training("forcenet", ", decoder_hidden_channels: 16, basis: rawcat, ablation: nofilter"),
    "train-gns": training("gns"),
}


def results(binary, kernels, case):
    commands, outputs = case
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, RELAX_KERNELS=kernels, OPENBLAS_NUM_THREADS="1")
        said = []
        for command in commands:
            if isinstance(command, tuple):
                open(os.path.join(folder, command[0]), "w").write(command[1])
                continue
            done = subprocess.run([binary, *command], cwd=folder, env=environment, capture_output=True, text=True)
            if done.returncode not in (0, 3):
                said.append(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}")
        found = {}
        for read, name in outputs:
            path = os.path.join(folder, name)
            try:
                found[name] = hashlib.sha256(read(path).encode()).hexdigest()[:16]
            except (OSError, AttributeError, ValueError) as error:
                found[name] = None
                said.append(f"{name}: {error!r}")
        return found, said


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--only", action="append", help="only these cases")
    parser.add_argument("--kernels", action="append", help="only these kernel sets")
    parser.add_argument("--record", help="write the new build's hashes to this JSON file")
    options = parser.parse_args()
    old, new = os.path.abspath(options.old), os.path.abspath(options.new)
    flags = open("/proc/cpuinfo").read()
    sets = options.kernels or ["portable"] + [s for s, f in (("avx2", "avx2"), ("avx512", "avx512f")) if f in flags]
    record, faults = {}, 0
    for kernels in sets:
        for name, case in CASES.items():
            if options.only and name not in options.only:
                continue
            (a, said), (b, saidNow) = results(old, kernels, case), results(new, kernels, case)
            record[f"{name} {kernels}"] = b
            same = a == b and None not in b.values()
            faults += not same
            print(f"{'same' if same else 'DIFFERENT'}  {kernels:9} {name}", flush=True)
            if not same:
                print("  old", a, *said, sep="\n    ")
                print("  new", b, *saidNow, sep="\n    ")
    if options.record:
        json.dump(record, open(options.record, "w"), indent=1)
    print(f"{len(record)} runs, {faults} different")
    sys.exit(1 if faults else 0)


main()
