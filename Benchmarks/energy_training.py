#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU time of a training step of SchNet or DimeNet++ on energies and forces: the released code in PyTorch against
`relax`, side by side in one run.

    (cd Benchmarks && swift build -c release --product network-benchmark)
    python3 Benchmarks/energy_training.py .build/release/relax --ocp FOLDER [--model NAME]

A batch of rattled adsorbate slabs with made-up energies and forces; loss 1 · energies + 30 · forces. A step is
loss and gradient from positions, graph included, on one thread; forces are derivatives, so PyTorch
differentiates twice. FOLDER holds the released code (github.com/Open-Catalyst-Project/ocp at c6d6d46c).
Needs ase, numpy, torch, torch_geometric, sympy and safetensors. Exits with 1 if gradients disagree.
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
import types

for name in ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"]:
    os.environ[name] = "1"

import numpy as np  # noqa: E402
import torch  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

import released_energies  # noqa: E402
from energies import BENCHMARK, DIMENET, make  # noqa: E402
from network_fixtures import make_slab  # noqa: E402

FIXED_WEIGHT = 0.05
ENERGY_WEIGHT, FORCE_WEIGHT = 1, 30
# Of the largest derivative of each tensor, or of a thousandth of the largest of all; both are in single precision.
AGREEMENT = 2e-3
MODELS = {
    "schnet": ("schnet", {
        "hidden_channels": 128, "num_filters": 128, "num_interactions": 3, "num_gaussians": 50, "cutoff": 6.0}),
    "dimenetplusplus": (
        "dimenetplusplus", {"hidden_channels": 64, "out_emb_channels": 64, **DIMENET})}


def make_batch(count, atoms, folder):
    """Slabs with energies and forces at random, written for relax, and everything as tensors."""
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.io import write

    random = np.random.default_rng(17)
    slabs, weights = [], []
    for number in range(count):
        slab = make_slab(atoms, seed=100 + number)
        force = np.round(random.normal(0, 1, (len(slab), 3)), 6)
        slab.calc = SinglePointCalculator(slab, forces=force, energy=round(random.normal(0, 5), 6))
        weight = np.ones(len(slab))
        weight[slab.constraints[0].index] = FIXED_WEIGHT
        slabs.append(slab)
        weights.append(weight)
    path = os.path.join(folder, "frames.extxyz")
    write(path, slabs, format="extxyz", columns=["symbols", "positions", "move_mask", "forces"])
    sizes = torch.tensor([len(slab) for slab in slabs])
    data = types.SimpleNamespace(
        atomic_numbers=torch.tensor(np.concatenate([slab.numbers for slab in slabs])),
        pos=torch.tensor(np.concatenate([slab.positions for slab in slabs]), dtype=torch.float32),
        cell=torch.tensor(np.stack([slab.cell.array for slab in slabs]), dtype=torch.float32),
        natoms=sizes, batch=torch.repeat_interleave(torch.arange(len(slabs)), sizes))
    targets = [
        torch.tensor([slab.get_potential_energy() for slab in slabs], dtype=torch.float32),
        torch.tensor(np.concatenate([slab.calc.results["forces"] for slab in slabs]), dtype=torch.float32),
        torch.tensor(np.concatenate(weights), dtype=torch.float32)]
    return path, data, targets


def loss_of(network, data, targets):
    energies, forces, weights = targets
    energy, force = network(types.SimpleNamespace(**{**vars(data), "pos": data.pos.clone()}))
    of_forces = (weights[:, None] * (force - forces).abs()).sum() / (3 * weights.sum())
    return ENERGY_WEIGHT * (energy.view(-1) - energies).abs().mean() + FORCE_WEIGHT * of_forces


def benchmark(mode, *arguments):
    command = [str(BENCHMARK), mode, *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("relax", help="the relax binary, which imports the model")
    parser.add_argument("--ocp", required=True, help="a folder with the released code")
    parser.add_argument("--model", choices=sorted(MODELS), default="schnet")
    parser.add_argument("--slabs", type=int, default=16)
    parser.add_argument("--atoms", type=int, default=80, choices=[40, 80, 160])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    kind, arguments = MODELS[options.model]
    network = make(released_energies.load(options.ocp), kind, arguments).train()
    with tempfile.TemporaryDirectory() as folder:
        path, data, targets = make_batch(options.slabs, options.atoms, folder)
        save_file({k: v.clone().contiguous() for k, v in network.state_dict().items()}, f"{folder}/state")
        pathlib.Path(f"{folder}/config").write_text(json.dumps({"model": kind, "config": arguments}))
        model = f"{folder}/model.safetensors"
        subprocess.run([options.relax, "model", "import", f"{folder}/state", "--config", f"{folder}/config",
                        "-o", model, "-q"], check=True)
        found = benchmark("gradient", model, path, options.slabs, f"{folder}/gradient")
        ours = load_file(f"{folder}/gradient")
        loss = loss_of(network, data, targets)
        loss.backward()
        theirs = {n: torch.zeros_like(p) if p.grad is None else p.grad for n, p in network.named_parameters()}
        whole = max(float(g.abs().max()) for g in theirs.values())
        worst = max(
            (float((ours[n] - g).abs().max()) / max(float(g.abs().max()), 1e-3 * whole), n)
            for n, g in theirs.items() if n in ours)
        off = abs(found["loss"] - float(loss.detach())) / float(loss.detach())
        print(f"{options.model} {arguments['hidden_channels']}, {options.slabs} slabs, {len(data.pos)} atoms: "
              f"gradients {worst[0]:.1e} apart ({worst[1]}), losses {off:.1e}")
        own, peer = [], []
        for _ in range(options.rounds):
            own.append(1e3 * benchmark("train", model, path, options.slabs, 3)["median"])
            network.zero_grad()
            begin = time.process_time()
            loss_of(network, data, targets).backward()
            peer.append(1e3 * (time.process_time() - begin))
        memory = benchmark("train", model, path, options.slabs, 1)["megabytes"]
    ratio = statistics.median(own) / statistics.median(peer)
    print(f"relax {statistics.median(own):.0f} ms ({min(own):.0f}–{max(own):.0f}), {memory:.0f} MB; "
          f"PyTorch {statistics.median(peer):.0f} ms ({min(peer):.0f}–{max(peer):.0f}); ratio {ratio:.3f}")
    sys.exit(0 if worst[0] < AGREEMENT and off < 1e-4 else 1)


if __name__ == "__main__":
    main()
