#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU time of a training step of ForceNet or GNS: PyTorch against `relax`, side by side in one run.

    (cd Benchmarks && swift build -c release --product network-benchmark)
    python3 Benchmarks/training.py .build/release/relax --ocp FOLDER

A batch of rattled adsorbate slabs with made-up forces and a network with calibrated random weights.
A step is loss and gradient from positions, graph and basis included, all of it on one thread; for
PyTorch the graph is given for nothing, and the time with and without its Adam is told. FOLDER holds
the released ForceNet (github.com/Open-Catalyst-Project/ocp at c6d6d46c), which makes its graph
itself; without it this folder's own transcription stands alone. Needs ase, numpy, scipy, torch and
safetensors. Exits with 1 if gradients disagree.
"""

import argparse
import copy
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
from safetensors.torch import load_file  # noqa: E402

import released_forcenet  # noqa: E402
import torch_networks  # noqa: E402
from network_fixtures import make_slab, write_model  # noqa: E402

HERE = pathlib.Path(__file__).parent
BENCHMARK = HERE / ".build/release/network-benchmark"
FIXED_WEIGHT = 0.05
# Of the largest derivative of each tensor, or of a thousandth of the largest of all. Single
# precision decides otherwise on which side of a kink some edges are, PyTorch's as well as relax's.
AGREEMENT = 3e-3


def make_batch(count, atoms, folder):
    """Slabs with forces at random, written for relax, and everything as tensors."""
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.io import write

    random = np.random.default_rng(17)
    slabs, forces, weights = [], [], []
    for number in range(count):
        slab = make_slab(atoms, seed=100 + number)
        force = np.round(random.normal(0, 1, (len(slab), 3)), 6)
        slab.calc = SinglePointCalculator(slab, forces=force)
        weight = np.ones(len(slab))
        weight[slab.constraints[0].index] = FIXED_WEIGHT
        slabs.append(slab)
        forces.append(force)
        weights.append(weight)
    path = os.path.join(folder, "frames.extxyz")
    write(path, slabs, format="extxyz", columns=["symbols", "positions", "move_mask", "forces"])
    tensor = [torch.tensor(np.concatenate(x), dtype=torch.float32) for x in (forces, weights)]
    return path, [torch_networks.structure(slab) for slab in slabs], *tensor


def union(slabs):
    """One graph of all slabs."""
    graphs, first = [], 0
    for slab in slabs:
        source, target, vector, distance = torch_networks.neighbor_graph(slab.positions, slab.cell)
        graphs.append((slab.numbers, source + first, target + first, vector, distance))
        first += len(slab.numbers)
    return [torch.cat(tensors) for tensors in zip(*graphs)]


def released_batch(slabs):
    """All slabs as the released code takes them."""
    sizes = torch.tensor([len(slab.numbers) for slab in slabs])
    return types.SimpleNamespace(
        atomic_numbers=torch.cat([slab.numbers for slab in slabs]),
        pos=torch.cat([slab.positions for slab in slabs]),
        cell=torch.stack([slab.cell for slab in slabs]), natoms=sizes,
        batch=torch.repeat_interleave(torch.arange(len(slabs)), sizes))


def loss_of(forces, targets, weights):
    return (weights[:, None] * (forces - targets).abs()).sum() / (3 * weights.sum())


class Torch:
    """A network in training, timed step by step."""

    def __init__(self, network, predict, targets, weights):
        self.network, self.predict = network.train(), predict
        self.targets, self.weights = targets, weights
        trained = [p for p in network.parameters() if p.requires_grad]
        self.optimizer = torch.optim.Adam(trained, lr=5e-4)

    def gradient(self):
        self.optimizer.zero_grad()
        loss = loss_of(self.predict(self.network), self.targets, self.weights)
        loss.backward()
        return float(loss.detach())

    def time(self):
        """Milliseconds of loss and gradient, and of these and Adam."""
        begin = time.process_time()
        self.gradient()
        middle = time.process_time()
        self.optimizer.step()
        end = time.process_time()
        return 1e3 * (middle - begin), 1e3 * (end - begin)


def benchmark(mode, *arguments):
    """What `network-benchmark` measured."""
    command = [str(BENCHMARK), mode, *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def in_double_precision(network, graph, targets, weights):
    """Loss and gradients by name of the same network and graph in double precision."""
    network = copy.deepcopy(network).double().train()
    numbers, source, target, vector, distance = graph
    forces = network(numbers, source, target, vector.double(), distance.double())[1]
    loss = loss_of(forces, targets.double(), weights.double())
    loss.backward()
    return float(loss.detach()), gradients_of(network)


def gradients_of(network):
    return {name: p.grad for name, p in network.named_parameters() if p.grad is not None}


def disagreement(ours, theirs):
    """The largest difference of two gradients, as a share of a tensor's largest derivative."""
    whole = max(float(gradient.abs().max()) for gradient in theirs.values())
    worst = 0, "no tensor"
    for name, gradient in theirs.items():
        scale = max(float(gradient.abs().max()), 1e-3 * whole)
        worst = max(worst, (float((ours[name] - gradient).abs().max()) / scale, name))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("relax", help="the relax binary, which imports the model")
    parser.add_argument("--ocp", help="a folder with the released code")
    parser.add_argument("--model", choices=sorted(torch_networks.NETWORKS), default="forcenet")
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--blocks", type=int, default=3)
    parser.add_argument("--slabs", type=int, default=16)
    parser.add_argument("--atoms", type=int, default=40, choices=[40, 80, 160])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        path, slabs, targets, weights = make_batch(options.slabs, options.atoms, folder)
        network = torch_networks.random_network(
            options.model, options.width, options.blocks, slabs, seed=5)
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm1d):
                module.momentum = 0.1
        model = write_model(
            folder, options.relax, options.model, network, options.width, options.blocks)
        graph = union(slabs)
        print(f"{options.model} {options.width}×{options.blocks}, {len(slabs)} slabs, "
              f"{len(targets)} atoms, {len(graph[1])} edges; one thread, CPU ms a step")
        contenders = {
            "PyTorch, transcription": Torch(
                network, lambda n: n(*graph)[1], targets, weights)}
        if options.ocp and options.model == "forcenet":
            data = released_batch(slabs)
            released = released_forcenet.make(
                options.ocp, network, options.width, options.blocks)
            contenders["PyTorch, released code"] = Torch(
                released, lambda n: n(data)[1], targets, weights)

        gradient = os.path.join(folder, "gradient.safetensors")
        exact, derivatives = in_double_precision(network, graph, targets, weights)
        losses = {"relax": benchmark("gradient", model, path, options.slabs, gradient)["loss"]}
        found = {"relax": load_file(gradient)}
        for name, contender in contenders.items():
            losses[name] = contender.gradient()
            found[name] = gradients_of(contender.network)
        print(f"loss {exact:.6f}; gradients beside PyTorch in double precision, losses beside it:")
        agree = True
        for name in found:
            worst, tensor = disagreement(found[name], derivatives)
            off = abs(losses[name] - exact) / exact
            agree = agree and worst < AGREEMENT and off < 1e-5
            print(f"  {name}: gradients {worst:.1e} apart ({tensor}), losses {off:.1e}")

        times = {name: [] for name in contenders}
        ours = []
        for _ in range(options.rounds):
            ours.append(1e3 * benchmark("train", model, path, options.slabs, 3)["median"])
            for name, contender in contenders.items():
                times[name].append(contender.time())
    own = statistics.median(ours)
    print(f"relax, loss and gradient: {own:.0f} ms ({min(ours):.0f}–{max(ours):.0f})")
    for name, samples in times.items():
        gradient, step = (statistics.median(column) for column in zip(*samples))
        print(f"{name}: {gradient:.0f} ms, with Adam {step:.0f} ms; ratio {own / gradient:.3f}")
    sys.exit(0 if agree else 1)


if __name__ == "__main__":
    main()
