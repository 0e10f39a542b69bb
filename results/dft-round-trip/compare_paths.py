#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""python compare_paths.py A B: step by step, how far apart two trajectories of the same structures are."""

import sys

import numpy as np
from ase.io import read


def paths(file):
    found = {}
    for atoms in read(file, index=":"):
        found.setdefault(str(atoms.info["sid"]), []).append(atoms)
    return found


first, second = paths(sys.argv[1]), paths(sys.argv[2])
for sid in second:
    one, other = first[sid], second[sid]
    away = [np.abs(a.positions - b.positions).max() for a, b in zip(one, other)]
    energies = [abs(a.get_potential_energy(apply_constraint=False)
                    - b.get_potential_energy(apply_constraint=False)) for a, b in zip(one, other)]
    print(f"{sid:22} {len(one) - 1:3} and {len(other) - 1:3} steps, largest difference of a "
          f"coordinate {max(away):.1e} Å, of an energy {max(energies):.1e} eV; coordinates step by "
          "step:", " ".join(f"{d:.0e}" for d in away))
