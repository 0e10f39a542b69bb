#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The reference: ASE's own LBFGS with GPAW, every frame kept.

    python relax_by_ase.py initial.extxyz path-ase.extxyz

Needs ASE and GPAW. A line a structure: steps, largest force, energy and CPU seconds.
"""

import sys
import time

from ase.io import read, write
from ase.optimize import LBFGS
from gpaw_pbe import calculator

source, output = sys.argv[1:]
reference = calculator()
open(output, "w").close()
for atoms in read(source, index=":"):
    started = time.process_time()
    atoms.calc = reference
    optimizer = LBFGS(atoms, logfile=None)
    frames = []
    for converged in optimizer.irun(fmax=0.05, steps=60):
        frame = atoms.copy()
        frame.info["fid"] = len(frames)
        frame.info["energy"] = reference.results["energy"]
        frame.info["free_energy"] = reference.results["free_energy"]
        frame.arrays["forces"] = reference.results["forces"].copy()
        frames.append(frame)
    columns = ["symbols", "positions"] + ["move_mask"] * bool(atoms.constraints)
    write(output, frames, format="extxyz", append=True, columns=columns + ["tags", "forces"])
    fmax = (atoms.get_forces() ** 2).sum(axis=1).max() ** 0.5
    print(f"{atoms.info['sid']:24} {optimizer.nsteps:3} steps  {fmax:.4f} eV/Å  "
          f"{reference.results['energy']:.5f} eV  {time.process_time() - started:.1f} s CPU",
          "" if converged else "NOT CONVERGED", flush=True)
