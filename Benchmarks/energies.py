#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU time of SchNet and DimeNet++ with forces: the released code in PyTorch against `relax`, in one run.

    (cd Benchmarks && swift build -c release --product network-benchmark)
    python3 Benchmarks/energies.py .build/release/relax --ocp FOLDER [--model NAME] [--rounds N]

NAME is schnet, dimenetplusplus or dimenetplusplus-large, in the paper's sizes with random weights. In every
round all contenders have their turn on every slab, one thread each; all CPU time of the process counts.
FOLDER holds the released code (github.com/Open-Catalyst-Project/ocp at c6d6d46c). Needs ase, numpy, torch,
torch_geometric, sympy and safetensors. Exits with 1 if forces disagree.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

for name in ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"]:
    os.environ[name] = "1"

import ase.io  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

import released_energies  # noqa: E402
from network_fixtures import SLABS, make_slab  # noqa: E402

BENCHMARK = pathlib.Path(__file__).parent / ".build/release/network-benchmark"
DIMENET = {
    "num_blocks": 3, "int_emb_size": 64, "basis_emb_size": 8, "num_spherical": 7, "num_radial": 6,
    "cutoff": 6.0, "num_before_skip": 1, "num_after_skip": 2, "num_output_layers": 3}
MODELS = {
    "schnet": ("schnet", {
        "hidden_channels": 1024, "num_filters": 256, "num_interactions": 5, "num_gaussians": 200,
        "cutoff": 6.0}),
    "dimenetplusplus": (
        "dimenetplusplus", {"hidden_channels": 192, "out_emb_channels": 192, **DIMENET}),
    "dimenetplusplus-large": (
        "dimenetplusplus", {"hidden_channels": 512, "out_emb_channels": 384, **DIMENET})}
MODES = ["fresh", "all", "steady"]


def make(classes, kind, arguments):
    """The released network with random weights, biases and last layers included."""
    torch.manual_seed(0)
    network = classes[kind](None, None, 1, use_pbc=True, otf_graph=True, **arguments)
    for name, values in network.named_parameters():
        if values.dim() == 1 and "freq" not in name:
            values.data.uniform_(-0.05, 0.05)
        if values.dim() == 2 and values.shape[0] == 1:
            values.data.uniform_(-0.1, 0.1)
    return network.eval()


def benchmark(mode, *arguments):
    output = subprocess.run(
        [BENCHMARK, mode, *map(str, arguments)], check=True, capture_output=True, text=True).stdout
    return json.loads(output.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("relax")
    parser.add_argument("--ocp", required=True)
    parser.add_argument("--model", choices=MODELS, default="schnet")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=5)
    parser.add_argument("--compile", action="store_true", help="torch.compile too, whose warming up takes minutes")
    given = parser.parse_args()
    torch.set_num_threads(1)
    kind, arguments = MODELS[given.model]
    network = make(released_energies.load(given.ocp), kind, arguments)
    compiled = released_energies.compiled(network) if given.compile else None
    with tempfile.TemporaryDirectory() as folder:
        save_file({k: v.clone().contiguous() for k, v in network.state_dict().items()}, f"{folder}/state")
        pathlib.Path(f"{folder}/config").write_text(json.dumps({"model": kind, "config": arguments}))
        model = f"{folder}/model.safetensors"
        subprocess.run([given.relax, "model", "import", f"{folder}/state", "--config", f"{folder}/config",
                        "-o", model, "-q"], check=True)
        slabs = [make_slab(count, index + 1) for index, count in enumerate(SLABS)]
        ase.io.write(f"{folder}/slabs.extxyz", slabs)
        subprocess.run([given.relax, "predict", f"{folder}/slabs.extxyz", "--provider",
                        f"{kind}:model={model}", "-o", f"{folder}/out.extxyz", "-q"], check=True)
        found = ase.io.read(f"{folder}/out.extxyz", ":")
        times = {}
        for turn in range(given.rounds + 1):
            for index, slab in enumerate(slabs):
                inputs = (torch.tensor(slab.numbers), torch.tensor(slab.positions, dtype=torch.float32),
                          torch.tensor(slab.cell.array, dtype=torch.float32))
                begin = time.process_time()
                _, forces = released_energies.evaluate(network, *inputs)
                spent = 1e3 * (time.process_time() - begin)
                if compiled:
                    begin = time.process_time()
                    _, again = compiled(*inputs)
                    if turn > 0:
                        times.setdefault((index, "compiled"), []).append(1e3 * (time.process_time() - begin))
                    elif (again - forces).abs().max() > 1e-3 * max(1, forces.abs().max()):
                        sys.exit(f"what torch.compile makes of {len(slab)} atoms differs")
                if turn == 0:
                    forces = forces.numpy()
                    error = np.abs(found[index].get_forces(apply_constraint=False) - forces).max()
                    if error > 1e-3 * max(1, np.abs(forces).max()):
                        sys.exit(f"forces on {len(slab)} atoms differ by {error} eV/Å")
                    continue
                times.setdefault((index, "torch"), []).append(spent)
                for mode in MODES:
                    taken = benchmark(mode, model, f"{folder}/slabs.extxyz", index, given.calls)
                    times.setdefault((index, mode), []).append(taken["median"] * 1e3)
        print(f"{given.model}: CPU ms, median (least to most) of {given.rounds} rounds")
        for index, slab in enumerate(slabs):
            peer = statistics.median(times[index, "torch"])
            for mode in ["torch", *(["compiled"] if compiled else []), *MODES]:
                values = times[index, mode]
                middle = statistics.median(values)
                print(f"  {len(slab):4} atoms  {mode:7} {middle:8.1f} ({min(values):.1f} to {max(values):.1f})"
                      f"  {peer / middle:5.1f} x")
            memory = benchmark("memory", model, f"{folder}/slabs.extxyz", index, given.calls)
            print(f"  {len(slab):4} atoms  memory {memory['megabytes']:.0f} MB, {memory['loaded']:.0f} of it the model")
        for mode in ["pair", "split"]:
            print(f"  {mode}: {benchmark(mode, model, folder + '/slabs.extxyz', 0, given.calls)}")
        print(f"  peak of a core: {benchmark('peak')}")


if __name__ == "__main__":
    main()
