#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU time of ForceNet and GNS: PyTorch against `relax`, side by side in one run.

    (cd Benchmarks && swift build -c release --product network-benchmark)
    python3 Benchmarks/networks.py .build/release/relax --ocp FOLDER

Makes adsorbate slabs with 55 % of the atoms fixed and a network with calibrated random weights,
which `relax model import` takes from a plain state dictionary. In every round all contenders have
their turn on every slab, one thread each; all CPU time of the process counts. FOLDER holds the
released ForceNet (github.com/Open-Catalyst-Project/ocp at c6d6d46c); without it this folder's own
transcription stands for it. The compiled PyTorch is given the graph for nothing. Needs ase, numpy,
scipy, torch and safetensors, and a C++ compiler for torch.compile. Exits with 1 if forces disagree.
"""

import argparse
import functools
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

import numpy as np  # noqa: E402
import torch  # noqa: E402

import network_operations  # noqa: E402
import released_forcenet  # noqa: E402
import torch_networks  # noqa: E402
from emt_relax import cpu_seconds  # noqa: E402
from network_fixtures import SLABS, make_slab, write_model  # noqa: E402

HERE = pathlib.Path(__file__).parent
BENCHMARK = HERE / ".build/release/network-benchmark"
# Forces of two programs in single precision differ by some 1e-5 of the largest.
AGREEMENT = 1e-3
# What relax is asked for, as `network-benchmark` names it, and how often a turn.
MODES = {"relax, new evaluator": "fresh", "relax, all atoms": "all",
         "relax, steady state": "steady"}
CALLS = 5


def spent(body):
    """Milliseconds of CPU that one call of `body` takes, all threads of the process together."""
    begin = time.process_time()
    body()
    return 1e3 * (time.process_time() - begin)


def compiled(network, graphs):
    """The network by torch.compile with its weights frozen, ready for `graphs`; graphs are given.

    The number of edges is left open, as a relaxation needs it: only then are linear layers packed
    for oneDNN, the fastest that PyTorch has; a fixed number gets the slower MKL.
    """
    import torch._inductor.config

    torch._inductor.config.freezing = True
    function = torch.compile(network, dynamic=True)

    def evaluate(graph):
        with torch.no_grad():
            return function(*graph)

    begin = time.time()
    for graph in graphs:
        evaluate(graph)
    print(f"torch.compile: {time.time() - begin:.0f} s wall", file=sys.stderr)
    return evaluate


def benchmark(mode, *arguments):
    """What `network-benchmark` measured."""
    command = [str(BENCHMARK), mode, *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def torch_calculator(evaluate):
    """An ASE calculator whose energy and forces are `evaluate`'s."""
    from ase.calculators.calculator import Calculator, all_changes

    class Torch(Calculator):
        implemented_properties = ["energy", "forces"]

        def calculate(self, atoms=None, properties=None, system_changes=all_changes):
            super().calculate(atoms, properties, system_changes)
            energy, forces = evaluate(torch_networks.structure(atoms))
            self.results = {"energy": float(energy), "forces": forces.numpy().astype(float)}

    return Torch()


def compare_relaxations(relax, provider, slab, steps, evaluate, folder):
    """Steps of L-BFGS: the whole process of relax against ASE with PyTorch without start-up."""
    from ase.io import read, write
    from ase.optimize import LBFGS

    source, output = (os.path.join(folder, name) for name in ["start.extxyz", "relaxed.extxyz"])
    write(source, slab, format="extxyz", columns=["symbols", "positions", "move_mask"])
    atoms = read(source)
    atoms.calc = torch_calculator(evaluate)
    theirs = spent(lambda: LBFGS(atoms, logfile=None).run(fmax=1e-6, steps=steps))
    line = f"{steps} steps of {len(slab)} atoms: ASE with PyTorch {theirs / 1e3:.2f} s CPU"
    if relax:
        ours = [1e3 * cpu_seconds(
            [relax, source, "--provider", provider, "--scheme", "ase", "--fmax", "1e-6", "--steps",
             str(steps), "--threads", "1", "-o", output, "--overwrite"], accepted=(0, 3))
                for _ in range(3)]
        apart = np.abs(read(output).positions - atoms.positions).max()
        line += (f", relax {statistics.median(ours) / 1e3:.2f} s, whole process: "
                 f"{theirs / statistics.median(ours):.1f} times; ends {apart:.1e} Å apart")
    print(line)


def text(samples):
    """Median and range of times in ms."""
    return f"{statistics.median(samples):.1f} ({min(samples):.1f}–{max(samples):.1f})"


def rate(multiply_adds, milliseconds, peak):
    """Operations a second, and what part of the peak that is, if it is known."""
    operations = 2e-6 * multiply_adds / milliseconds
    part = f" ({100e9 * operations / peak:.0f} % of the peak)" if peak else ""
    return f"{operations:.0f} GFLOP/s{part}"


def report(slab, graph, works, times, peak):
    """Prints what was measured on one slab."""
    published, reduced, left = works
    print(f"\n{len(slab)} atoms, {len(graph[1])} edges; GFLOP: {2e-9 * published:.1f} published, "
          f"{2e-9 * reduced:.1f} reduced, {2e-9 * left:.1f} of these left in the steady state")
    medians = {name: statistics.median(samples) for name, samples in times.items()}
    ours = [name for name in medians if name.startswith("relax")]
    for name, samples in times.items():
        line = f"  {name:26s} {text(samples):>24s} ms; "
        if name not in ours:
            line += f"{rate(published, medians[name], peak)} as published"
        else:
            line += f"{rate(reduced, medians[name], peak)} reduced"
            if "steady" in name:
                line += f", {rate(left, medians[name], peak)} left"
        print(line)
    for name in ours:
        ratios = (f"{medians[peer] / medians[name]:.2f} times as fast as {peer}"
                  for peer in medians if peer not in ours)
        print(f"  {name}: {', '.join(ratios)}")


def torch_peers(arguments, network, width, inputs, graphs):
    """How PyTorch evaluates input number i, by name; and the first one's way for any structure."""
    evaluate = functools.partial(torch_networks.evaluate, network)
    peers = {"plain PyTorch": lambda i: torch_networks.evaluate(network, inputs[i])[1]}
    if arguments.ocp and arguments.model == "forcenet":
        released = released_forcenet.make(arguments.ocp, network, width, arguments.blocks)
        evaluate = functools.partial(released_forcenet.evaluate, released)
        peers = {"released code": lambda i: evaluate(inputs[i])[1], **peers}
    if not arguments.no_compile:
        frozen = compiled(network, graphs)
        peers["torch.compile, frozen"] = lambda i: frozen(graphs[i])[1]
    return peers, evaluate


def measure(peers, modes, rounds, count, *files):
    """Times in ms of each contender on each of `count` slabs, and the machine's peaks.

    In every round each has its turn on each slab, after one call to warm the caches.
    """
    times = [{name: [] for name in [*peers, *modes]} for _ in range(count)]
    machine = {"avx512": 0.0, "avx2": 0.0}
    for _ in range(rounds):
        if BENCHMARK.exists():
            found = benchmark("peak")
            machine = {name: max(machine[name], found[name]) for name in machine}
        for i, samples in enumerate(times):
            for name, body in peers.items():
                body(i)
                samples[name].append(spent(lambda: body(i)))
            for name, mode in modes.items():
                samples[name].append(1e3 * benchmark(mode, *files, i, CALLS)["median"])
    return times, machine


def compare_forces(slabs, peers, predicted):
    """Prints how far forces are from plain PyTorch's over the largest force; returns the worst."""
    contenders = dict(peers)
    plain = contenders.pop("plain PyTorch")
    if predicted:
        contenders["relax"] = lambda i: torch.tensor(
            predicted[i].get_forces(apply_constraint=False))
    worst = 0.0
    for i, slab in enumerate(slabs):
        expected = plain(i)
        largest = float(expected.abs().max())
        apart = {name: float((body(i) - expected).abs().max()) / largest
                 for name, body in contenders.items()}
        # Not a number is no agreement.
        worst = max(worst, *(a if a == a else float("inf") for a in apart.values()), 0.0)
        print(f"{len(slab)} atoms: forces up to {largest:.2f} eV/Å; differences from plain "
              "PyTorch over that: " + ", ".join(f"{name} {a:.1e}" for name, a in apart.items()))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("relax", nargs="?", help="the relax binary; without it, PyTorch alone")
    parser.add_argument("--ocp", help="folder with the released code")
    parser.add_argument("--model", choices=["forcenet", "gns"], default="forcenet")
    parser.add_argument("--width", type=int, help="default: 512, of GNS 768")
    parser.add_argument("--blocks", type=int, default=5)
    parser.add_argument("--atoms", type=int, nargs="+", choices=SLABS, default=list(SLABS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-compile", action="store_true", help="leave out torch.compile")
    parser.add_argument("--relaxation", type=int, metavar="N",
                        help="also N steps of L-BFGS on the slab of 80 atoms, or else the first")
    arguments = parser.parse_args()
    relax, kind, blocks = arguments.relax, arguments.model, arguments.blocks
    width = arguments.width or {"forcenet": 512, "gns": 768}[kind]
    torch.set_num_threads(1)

    from ase.io import read, write

    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "slabs.extxyz")
        write(file, [make_slab(count, arguments.seed + count) for count in arguments.atoms],
              format="extxyz", columns=["symbols", "positions", "move_mask"])
        # As read again: both programs see the digits that were written.
        slabs = read(file, index=":")
        inputs = [torch_networks.structure(slab) for slab in slabs]
        graphs = [(i.numbers, *torch_networks.neighbor_graph(i.positions, i.cell)) for i in inputs]
        network = torch_networks.random_network(kind, width, blocks, inputs, arguments.seed)
        model = write_model(folder, relax, kind, network, width, blocks)
        provider = f"{kind}:model={model}"

        peers, evaluate = torch_peers(arguments, network, width, inputs, graphs)
        times, machine = measure(
            peers, MODES if relax else {}, arguments.rounds, len(slabs), model, file)
        peak = max(machine.values())
        parameters = sum(p.numel() for p in network.parameters() if p.requires_grad)
        peaks = ("AVX-512 {avx512:.4g}, AVX2 {avx2:.4g} FLOP/s".format(**machine)
                 if peak else "unknown, network-benchmark is not built")
        print(f"{kind} {width}x{blocks}, {parameters} parameters; PyTorch {torch.__version__}; peak of "
              f"a core: {peaks}; times in {arguments.rounds} rounds: median (least–largest)")
        if not arguments.ocp and kind == "forcenet":
            print("no released code given (--ocp): its transcription in this folder stands for it")
        for slab, graph, samples in zip(slabs, graphs, times):
            free = torch.ones(len(slab), dtype=torch.bool)
            free[slab.constraints[0].index] = False
            works = network_operations.count(kind, width, blocks, graph[1], graph[2], free)
            report(slab, graph, works, samples, peak)

        predicted = []
        if relax:
            output = os.path.join(folder, "forces.extxyz")
            subprocess.run([relax, "predict", file, "--provider", provider, "-o", output],
                           check=True, stdout=subprocess.DEVNULL)
            predicted = read(output, index=":")
        print()
        worst = compare_forces(slabs, peers, predicted)
        middle = arguments.atoms.index(80) if 80 in arguments.atoms else 0
        if relax:
            largest = arguments.atoms.index(max(arguments.atoms))
            for mode, index in [("memory", largest), ("pair", middle), ("split", middle)]:
                print(json.dumps(benchmark(mode, model, file, index, CALLS)))
        if arguments.relaxation:
            compare_relaxations(
                relax, provider, slabs[middle], arguments.relaxation, evaluate, folder)
    return 0 if worst < AGREEMENT else 1


if __name__ == "__main__":
    sys.exit(main())
