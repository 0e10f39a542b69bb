#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Largest differences between the provider d3 of a relax binary and the package dftd3.

    pip install dftd3 ase numpy
    python3 Tools/dispersion-agreement.py .build/release/relax

129 structures: molecules, single atoms, atoms with their own images, slabs, skewed, thin and partly
periodic cells of random elements, pressed crystals, and every element among others. Cells that do not
repeat along all axes lie as dftd3 has them right. With triples the crystal of nickel, far from all
reference systems, is refused for its density. Exits with 1 if something differs by 1e-7 eV, 1e-6
eV/Å or 1e-8 eV/Å³.
"""

import os
import subprocess
import sys
import tempfile

import numpy as np
from ase import Atoms
from ase.build import add_adsorbate, bulk, fcc111, molecule
from ase.io import read, write
from ase.units import Bohr, Hartree
from dftd3.interface import DispersionModel, RationalDampingParam, ZeroDampingParam

SPECIFICATIONS = [("pbe", "bj", False), ("rpbe", "zero", False), ("b3lyp", "bj", True),
                  ("pbe", "zero", True)]


def structures():
    random = np.random.default_rng(1)

    def some(count, cell, pbc):
        numbers = [int(z) for z in random.integers(1, 95, count)]
        return Atoms(numbers, scaled_positions=random.uniform(0, 1, (count, 3)), cell=cell, pbc=pbc)

    found = [molecule(name) for name in ["H2O", "C6H6", "CH3CH2OH", "SiH4", "LiF"]]
    found += [Atoms("Xe", [(0, 0, 0)]), bulk("Pt"), bulk("Cu", a=2.6) * (2, 2, 1), bulk("Ni", a=1.6),
              Atoms("C", [(0.1, 0.2, 0.3)], cell=[3, 8, 9], pbc=[1, 0, 0]),
              Atoms("C", [(0.1, 0.2, 0.3)], cell=[7, 8, 2.5], pbc=[0, 0, 1]),
              Atoms("CuCuH", [(0, 0, 0), (0.9, 0, 0), (0, 0.5, 0.2)])]
    slab = fcc111("Pt", (3, 3, 4), vacuum=8)
    add_adsorbate(slab, "O", 1.5, "fcc")
    slab.rattle(0.05, seed=1)
    found += [slab.copy(), slab.copy()]
    found[-1].pbc = True
    for count in [2, 5, 9, 3, 7, 12]:
        skew = random.uniform(-3, 3, (3, 3)) * (1 - np.eye(3))
        found.append(some(count, np.diag(random.uniform(4, 9, 3)) + skew, True))
        sheared = np.diag(random.uniform(4, 9, 3) + [0, 0, 5])
        sheared[0, 1], sheared[1, 0] = random.uniform(-3, 3, 2)
        found.append(some(6, sheared, [1, 1, 0]))
    for pbc in [[1, 0, 1], [0, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]:
        found.append(some(5, np.diag(random.uniform(4, 9, 3)), pbc))
    for _ in range(3):
        found.append(some(3, [[1.2, 0.1, 0], [0.3, 9, 1], [0.2, -0.4, 11]], True))
    for z in range(1, 95):
        others, d = [int(y) for y in random.integers(1, 95, 2)], random.uniform(1.8, 3.2)
        found.append(Atoms([z, *others, z], [(0, 0, 0), (d, 0, 0), (0, d, 0.3), (1, 1, 2.5)]))
    for number, atoms in enumerate(found):
        atoms.set_constraint()
        atoms.info = {"sid": str(number)}
    return found


def expected(atoms, functional, damping, triples):
    box = (atoms.cell[:] / Bohr, atoms.pbc) if atoms.pbc.any() else ()
    model = DispersionModel(atoms.numbers, atoms.positions / Bohr, *box)
    kind = {"bj": RationalDampingParam, "zero": ZeroDampingParam}[damping]
    found = model.get_dispersion(kind(method=functional, atm=triples), grad=True)
    stress = found["virial"] * Hartree / atoms.get_volume() if atoms.pbc.any() else None
    return found["energy"] * Hartree, -found["gradient"] * Hartree / Bohr, stress


def main(binary):
    os.environ["OMP_NUM_THREADS"] = "1"
    agree = True
    with tempfile.TemporaryDirectory() as folder:
        source, output = (os.path.join(folder, name) for name in ["in.extxyz", "out.extxyz"])
        write(source, structures(), format="extxyz")
        # As relax reads them: positions are written with eight decimals.
        frames = read(source, index=":")
        for functional, damping, triples in SPECIFICATIONS:
            provider = f"d3:xc={functional},damping={damping},atm={'on' if triples else 'off'}"
            subprocess.run([binary, "predict", source, "-p", provider, "-o", output, "--overwrite",
                            "--quiet"], stderr=subprocess.DEVNULL)
            worst = np.zeros(3)
            predicted = read(output, index=":")
            by_name = {str(atoms.info["sid"]): atoms for atoms in frames}
            for after in predicted:
                before = by_name[str(after.info["sid"])]
                energy, forces, stress = expected(before, functional, damping, triples)
                worst = np.maximum(worst, [
                    abs(after.get_potential_energy() - energy), abs(after.get_forces() - forces).max(),
                    0 if stress is None else abs(after.get_stress(voigt=False) - stress).max()])
            print(f"{provider}: {len(predicted)} structures, {worst[0]:.1e} eV, {worst[1]:.1e} eV/Å, "
                  f"{worst[2]:.1e} eV/Å³", flush=True)
            agree &= len(predicted) == len(frames) - triples and (worst < [1e-7, 1e-6, 1e-8]).all()
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
