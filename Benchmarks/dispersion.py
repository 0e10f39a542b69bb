#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU time of D3 energies and forces: relax against dftd3, side by side in one run.

    python3 Benchmarks/dispersion.py .build/release/relax

Rattled platinum slabs with an oxygen atom. relax predicts a file of frames on one thread, once with
`d3` and once with `morse`, which has nothing to do there: the difference is what D3 takes, making its
tables anew for each frame included, start-up, reading and writing not. dftd3 keeps its object, as its
ASE calculator does, and is timed around `update` and `get_dispersion` with gradients, one thread. Needs
Python with ASE and dftd3. Exits with 1 if energies or forces disagree.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["OMP_NUM_THREADS"] = "1"


def slabs(size, periodic, count):
    from ase.build import add_adsorbate, fcc111

    frames = []
    for number in range(count):
        slab = fcc111("Pt", size, vacuum=8)
        add_adsorbate(slab, "O", 1.5, "fcc")
        slab.pbc = (True, True, periodic)
        slab.info = {}
        slab.rattle(0.05, seed=number)
        frames.append(slab)
    return frames


def cpu_seconds(command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{errors.decode()}")
    return usage.ru_utime + usage.ru_stime


def peer(frames, count, damping, triples):
    """Seconds a frame, and energies (eV) and forces (eV/Å) of the first `count` frames."""
    from ase.units import Bohr, Hartree
    from dftd3.interface import DispersionModel, RationalDampingParam, ZeroDampingParam

    kind = {"bj": RationalDampingParam, "zero": ZeroDampingParam}[damping]
    parameters = kind(method="pbe", atm=triples)
    first = frames[0]
    model = DispersionModel(first.numbers, first.positions / Bohr, first.cell[:] / Bohr, first.pbc)
    model.get_dispersion(parameters, grad=True)
    results = []
    begin = time.process_time()
    for frame in frames[:count]:
        model.update(frame.positions / Bohr, frame.cell[:] / Bohr)
        found = model.get_dispersion(parameters, grad=True)
        results.append((found["energy"] * Hartree, -found["gradient"] * Hartree / Bohr))
    return (time.process_time() - begin) / count, results


def measure(relax, label, frames, damping, triples, rounds, peers):
    from ase.io import read, write

    with tempfile.TemporaryDirectory() as folder:
        source, output = (os.path.join(folder, name) for name in ["frames.extxyz", "out.extxyz"])
        write(source, frames, format="extxyz")

        def ours(provider):
            return cpu_seconds([relax, "predict", source, "-p", provider, "-o", output, "--overwrite",
                                "--threads", "1"]) / len(frames)

        provider = f"d3:xc=pbe,damping={damping},atm={'on' if triples else 'off'}"
        times, others = [], []
        for _ in range(rounds):
            times.append(ours(provider) - ours("morse"))
            theirs, results = peer(frames, peers, damping, triples)
            others.append(theirs)
        ours(provider)
        found = read(output, index=":")[:peers]
    energy = max(abs(a.get_potential_energy() - b[0]) for a, b in zip(found, results))
    force = max(abs(a.get_forces() - b[1]).max() for a, b in zip(found, results))
    mine, theirs = statistics.median(times), statistics.median(others)
    print(f"| {label} | {damping}{', atm' if triples else ''} | {1e3 * mine:.3f} ({1e3 * min(times):.3f}"
          f"–{1e3 * max(times):.3f}) | {1e3 * theirs:.2f} ({1e3 * min(others):.2f}–"
          f"{1e3 * max(others):.2f}) | {theirs / mine:.1f} | {energy:.0e} eV, {force:.0e} eV/Å |",
          flush=True)
    return energy < 1e-7 and force < 1e-6


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("relax", help="the relax binary")
    parser.add_argument("--frames", type=int, default=400, help="of 37 atoms; fewer of 151")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print("| structure | terms | relax, ms | dftd3, ms | ratio | differ by |")
    print("| --- | --- | --- | --- | --- | --- |")
    agree = True
    for size, name, share in [((3, 3, 4), "37 atoms", 1), ((5, 5, 6), "151 atoms", 4)]:
        for periodic in [False, True]:
            frames = slabs(size, periodic, arguments.frames // share)
            label = f"{name}, {'three axes' if periodic else 'two axes'}"
            for damping in ["bj", "zero"]:
                agree &= measure(arguments.relax, label, frames, damping, False, arguments.rounds,
                                 20)
        frames = slabs(size, False, 8 // share)
        agree &= measure(arguments.relax, f"{name}, two axes", frames, "bj", True, 3, 2)
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
