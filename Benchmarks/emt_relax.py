#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU time of relaxations: ASE's LBFGS with EMT against `relax`, side by side in one run.

    python3 Benchmarks/emt_relax.py .build/release/relax

Makes adsorbate slabs, lets both programs relax the same file on one thread, and compares CPU seconds
(user and system, of the whole process: start-up, reading and writing included), step counts and
final energies. Needs Python with ASE. Exits with 1 if the results disagree.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

FMAX, STEPS = 0.05, 200
METALS = ["Al", "Ni", "Cu", "Pd", "Ag", "Pt", "Au"]
ADSORBATES = ["H", "C", "N", "O", "CO"]


def make_slabs(path, count, seed):
    """Writes `count` random slabs with an adsorbate; the lower half of each is fixed."""
    import numpy as np
    from ase.build import add_adsorbate, fcc100, fcc110, fcc111, molecule
    from ase.constraints import FixAtoms
    from ase.io import write

    random = np.random.default_rng(seed)
    slabs = []
    for number in range(count):
        facet, size = [(fcc111, (2, 3, 4)), (fcc100, (3, 3, 4)), (fcc110, (3, 2, 5))][number % 3]
        slab = facet(str(random.choice(METALS)), size, vacuum=6.5)
        slab.pbc = True
        if random.random() < 0.5:
            share = random.choice([0.25, 0.5, 0.75])
            other = str(random.choice(METALS))
            slab.symbols[random.random(len(slab)) < share] = other
        middle = slab.positions[:, 2].mean()
        low = [atom.index for atom in slab if atom.z < middle]
        adsorbate = molecule("CO") if (name := str(random.choice(ADSORBATES))) == "CO" else name
        if name == "CO":
            adsorbate.rotate(180, "x")
        xy = random.uniform(0, 3, 2)
        add_adsorbate(slab, adsorbate, 1.6, position=tuple(xy))
        slab.positions[len(low):] += random.normal(0, 0.03, (len(slab) - len(low), 3))
        slab.set_constraint(FixAtoms(low))
        slab.info = {"sid": f"slab{number:03d}"}
        slabs.append(slab)
    write(path, slabs, format="extxyz", columns=["symbols", "positions", "move_mask"])
    return [len(slab) for slab in slabs]


def relax_with_ase(source, output):
    """Relaxes every structure of `source` and writes steps and energies as JSON."""
    from ase.calculators.emt import EMT
    from ase.io import read
    from ase.optimize import LBFGS

    results = []
    for atoms in read(source, index=":"):
        atoms.calc = EMT()
        optimizer = LBFGS(atoms, logfile=None)
        optimizer.run(fmax=FMAX, steps=STEPS)
        results.append([optimizer.nsteps, float(atoms.get_potential_energy(apply_constraint=False))])
    with open(output, "w") as file:
        json.dump(results, file)


def cpu_seconds(command, accepted=(0,)):
    """Runs a command and returns the CPU seconds of its process."""
    environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepted:
        sys.exit(f"{' '.join(command)} failed:\n{errors.decode()}")
    return usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("relax", help="the relax binary")
    parser.add_argument("--count", type=int, default=50, help="slabs (default: 50)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5, help="runs of relax (default: 5)")
    parser.add_argument("--ase-repeats", type=int, default=1, help="runs of ASE (default: 1)")
    arguments = parser.parse_args()

    from ase.io import read

    with tempfile.TemporaryDirectory() as folder:
        source, output, reference = (
            os.path.join(folder, name) for name in ["slabs.extxyz", "relaxed.extxyz", "ase.json"])
        sizes = make_slabs(source, arguments.count, arguments.seed)
        ours = [arguments.relax, source, "--provider", "emt", "--scheme", "ase", "--fmax", str(FMAX),
                "--steps", str(STEPS), "--threads", "1", "-o", output, "--overwrite"]
        theirs = [sys.executable, os.path.abspath(__file__), "--relax-with-ase", source, reference]
        # 3: finished, but some structure did not converge in the steps allowed.
        ours_cpu = [cpu_seconds(ours, accepted=(0, 3)) for _ in range(arguments.repeats)]
        theirs_cpu = [cpu_seconds(theirs) for _ in range(arguments.ase_repeats)]
        bare_cpu = cpu_seconds([sys.executable, "-c", "import ase.io, ase.optimize, "
                                "ase.calculators.emt"])
        with open(reference) as file:
            expected = json.load(file)
        found = [(int(atoms.info["relax_steps"]), float(atoms.get_potential_energy()))
                 for atoms in read(output, index=":")]

    steps = sum(step for step, _ in expected)
    same = sum(a[0] == b[0] for a, b in zip(expected, found))
    # A path that ran into the limit of steps ends anywhere; where both converged, ends agree.
    done = [(a, b) for a, b in zip(expected, found) if a[0] < STEPS and b[0] < STEPS]
    worst = max((abs(a[1] - b[1]) for a, b in done), default=0.0)
    ours_best, theirs_best = statistics.median(ours_cpu), statistics.median(theirs_cpu)
    print(f"{len(sizes)} slabs of {min(sizes)} to {max(sizes)} atoms, {steps} steps by ASE, "
          f"{sum(step for step, _ in found)} by relax")
    print(f"ASE    {theirs_best:8.3f} s CPU ({bare_cpu:.3f} s of it start-up), "
          f"{1e3 * (theirs_best - bare_cpu) / steps:.3f} ms a step")
    print(f"relax  {ours_best:8.3f} s CPU, {1e3 * ours_best / steps:.4f} ms a step")
    print(f"ratio  {theirs_best / ours_best:8.1f} with start-up, "
          f"{(theirs_best - bare_cpu) / ours_best:.1f} without ASE's")
    print(f"equal step counts: {same} of {len(expected)}; converged by both: {len(done)}, "
          f"largest difference of their energies {worst:.2e} eV")
    agree = len(found) == len(expected) and worst < 1e-6 and all(
        a[0] == b[0] for a, b in done)
    if not agree:
        for number, (a, b) in enumerate(zip(expected, found)):
            if a[0] != b[0] or abs(a[1] - b[1]) >= 1e-6:
                print(f"slab{number:03d}: ASE {a[0]} steps, {a[1]:.9f} eV; "
                      f"relax {b[0]} steps, {b[1]:.9f} eV")
    return 0 if agree else 1


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--relax-with-ase":
        relax_with_ase(sys.argv[2], sys.argv[3])
    else:
        sys.exit(main())
