#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an evaluation through `ase:` costs beyond the calculator: relax beside ASE's own LBFGS loop.

    python3 Benchmarks/ase_bridge.py .build/release/relax

A calculator that costs next to nothing (springs of very different stiffness, 50 atoms) is driven by both
for two numbers of steps; what the longer run takes more, divided by its evaluations, is one evaluation with
everything around it: optimizer, link, calculator, ASE. Beside them the calculator alone, asked by ASE.
Starting and importing cancel. CPU seconds are those of relax and of its Python process together. Needs
Python with ASE. Exits with 1 if the paths disagree.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

FEW, MANY = 20, 400

CALCULATOR = '''
import numpy as np
from ase.calculators.calculator import Calculator, all_changes


class Springs(Calculator):
    """Each coordinate at a spring to a grid: as cheap as a calculator can be."""

    implemented_properties = ["energy", "forces"]

    def calculate(self, atoms, properties, system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        x = atoms.positions
        stiffness = np.geomspace(0.2, 2000, x.size).reshape(x.shape)
        away = x - 3 * np.rint(x / 3)
        self.results = {"energy": 0.5 * (stiffness * away**2).sum(), "forces": -stiffness * away}


def calculator():
    return Springs()
'''


def make_structure(path, atoms, seed):
    import numpy as np
    from ase import Atoms
    from ase.io import write

    random = np.random.default_rng(seed)
    grid = 3.0 * np.array([[i, j, k] for i in range(5) for j in range(5) for k in range(5)])[:atoms]
    structure = Atoms("Cu%d" % atoms, grid + random.uniform(-0.3, 0.3, grid.shape))
    structure.info = {"sid": "springs"}
    write(path, structure, format="extxyz")


def relax_with_ase(script, source, steps, output):
    """ASE's own loop; prints positions and the number of steps."""
    import runpy

    from ase.io import read
    from ase.optimize import LBFGS

    atoms = read(source)
    atoms.calc = runpy.run_path(script)["calculator"]()
    optimizer = LBFGS(atoms, logfile=None)
    optimizer.run(fmax=1e-300, steps=int(steps))
    with open(output, "w") as file:
        json.dump([optimizer.nsteps, atoms.positions.tolist()], file)


def evaluate_with_ase(script, source, steps, output):
    """What no driver can do without: positions changed, energy and forces asked of the calculator."""
    import runpy

    from ase.io import read

    atoms = read(source)
    atoms.calc = runpy.run_path(script)["calculator"]()
    for _ in range(int(steps)):
        atoms.positions += 1e-6
        atoms.get_potential_energy()
        atoms.get_forces()


def cost(command, accepted=(0,)):
    """CPU and wall seconds of a command and the processes it waits for."""
    environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    started = time.monotonic()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepted:
        sys.exit(f"{' '.join(command)} failed:\n{errors.decode()}")
    return usage.ru_utime + usage.ru_stime, wall


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("relax", help="the relax binary")
    parser.add_argument("--atoms", type=int, default=50, help="at most 125 (default: 50)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5, help="rounds (default: 5)")
    arguments = parser.parse_args()

    from ase.io import read

    with tempfile.TemporaryDirectory() as folder:
        script, source, output, reference = (
            os.path.join(folder, name)
            for name in ["springs.py", "springs.extxyz", "relaxed.extxyz", "ase.json"])
        with open(script, "w") as file:
            file.write(CALCULATOR)
        make_structure(source, arguments.atoms, arguments.seed)

        def ours(steps, *more):
            return [arguments.relax, source, "-p", f"ase:script={script},python={sys.executable}",
                    "--fmax", "1e-300", "--steps", str(steps), "-o", output, "--overwrite", *more]

        def theirs(steps):
            return [sys.executable, os.path.abspath(__file__), "--relax-with-ase", script, source,
                    str(steps), reference]

        def bare(steps):
            return [*theirs(steps)[:2], "--evaluate-with-ase", *theirs(steps)[3:]]

        contenders = {"calculator alone": bare, "ASE": theirs, "relax": ours}
        rows = {name: [] for name in contenders}
        for _ in range(arguments.repeats):
            for name, command in contenders.items():
                few, many = cost(command(FEW), (0, 3)), cost(command(MANY), (0, 3))
                rows[name].append([(b - a) / (MANY - FEW) for a, b in zip(few, many)])
        with open(reference) as file:
            steps, positions = json.load(file)
        found = read(output)
        away = max(abs(a - b) for row, other in zip(positions, found.positions.tolist())
                   for a, b in zip(row, other))

    print(f"{arguments.atoms} atoms, {MANY - FEW} evaluations, {arguments.repeats} rounds; "
          "ms an evaluation, median (least to most)")
    for name, values in rows.items():
        texts = []
        for kind, column in zip(["CPU", "wall"], zip(*values)):
            middle, least, most = (
                1e3 * number for number in [statistics.median(column), min(column), max(column)])
            texts.append(f"{kind} {middle:.3f} ({least:.3f} to {most:.3f})")
        print(f"{name:16} {', '.join(texts)}")
    for number, kind in enumerate(["CPU", "wall"]):
        ratios = [b[number] / a[number] for a, b in zip(rows["ASE"], rows["relax"])]
        print(f"{kind:5} relax/ASE {statistics.median(ratios):.2f} "
              f"({min(ratios):.2f} to {max(ratios):.2f})")
    print(f"largest difference of final positions {away:.1e} Å")
    return 0 if steps == found.info["relax_steps"] and away < 1e-6 else 1


if __name__ == "__main__":
    if len(sys.argv) == 6 and sys.argv[1] == "--relax-with-ase":
        relax_with_ase(*sys.argv[2:])
    elif len(sys.argv) == 6 and sys.argv[1] == "--evaluate-with-ase":
        evaluate_with_ase(*sys.argv[2:])
    else:
        sys.exit(main())
