#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Records what the package dftd3 (s-dftd3) says of small structures, for the tests of the provider d3.

    pip install dftd3 ase numpy
    python3 Tools/dispersion-golden.py > Tests/ForcesTests/DispersionRecordings.swift

Energies in eV, forces in eV/Å, stresses in eV/Å³ in ASE's order, converted with ase.units as the ASE
calculator of dftd3 does. Atoms lie inside the cell along axes that do not repeat too: dftd3 wraps them
along all three.
"""

import json
import textwrap

import numpy as np
from ase import Atoms
from ase.build import add_adsorbate, bulk, fcc111, molecule
from ase.units import Bohr, Hartree
from dftd3.interface import DispersionModel, RationalDampingParam, ZeroDampingParam


def structures():
    random = np.random.default_rng(7)

    def some(count, cell, pbc):
        numbers = [int(z) for z in random.integers(1, 95, count)]
        return Atoms(numbers, scaled_positions=random.uniform(0, 1, (count, 3)), cell=cell, pbc=pbc)

    slab = fcc111("Pt", (2, 2, 2), vacuum=6)
    add_adsorbate(slab, "O", 1.5, "fcc")
    slab.rattle(0.05, seed=1)
    skewed = [[6.2, 0.3, -0.4], [3.9, 5.6, 0.2], [-2.8, 2.9, 7.1]]
    sheared = [[5.2, 0.3, 0], [-2.9, 6.1, 0], [0, 0, 12]]
    water, benzene = molecule("H2O"), molecule("C6H6")
    # All elements, on a helix: no two alike have the same neighbours.
    turns = np.arange(94) * 0.9
    helix = Atoms(list(range(1, 95)), np.array(
        [3 * np.cos(turns), 3 * np.sin(turns), 0.45 * np.arange(94)]).T)
    return [
        ("water", water, "pbe", "bj", False), ("water", water, "PBE", "zero", False),
        ("benzene", benzene, "B3-LYP", "bj", True), ("benzene", benzene, "bp86", "zero", True),
        ("xenon", Atoms("Xe", [(0, 0, 0)]), "pbe", "bj", True),
        ("platinum", bulk("Pt"), "PBEsol", "bj", True), ("platinum", bulk("Pt"), "rpbe", "zero", False),
        ("chain", Atoms("C", [(0.1, 0.2, 0.3)], cell=[3, 8, 9], pbc=[1, 0, 0]), "tpss", "bj", True),
        ("slab", slab, "rpbe", "bj", False), ("slab", slab, "revpbe", "zero", True),
        ("skewed", some(5, skewed, True), "r2scan", "bj", False),
        ("sheared", some(5, sheared, [1, 1, 0]), "hse06", "zero", False),
        ("axes a and c", some(4, [5, 6, 7], [1, 0, 1]), "scan", "bj", False),
        ("axis b", some(4, [5, 6, 7], [0, 1, 0]), "b97-3c", "bj", True),
        ("thin", some(3, [[1.4, 0.1, 0], [0.3, 9, 1], [0.2, -0.4, 11]], True), "wb97x", "zero", False),
        ("pressed copper", bulk("Cu", a=2.6), "pbe", "bj", True),
        ("far from all references", bulk("Ni", a=1.5), "pbe", "bj", False),
        ("much too close", Atoms("CuCuH", [(0, 0, 0), (0.9, 0, 0), (0, 0.7, 0.2)]), "pbe", "zero", False),
        ("all elements", helix, "pbe", "bj", False), ("all elements", helix, "pbe0", "zero", False),
    ]


def rounded(numbers, digits):
    return [round(float(x), digits) + 0.0 for x in np.ravel(numbers)]


def record(name, atoms, functional, damping, triples):
    atoms.positions = np.round(atoms.positions, 4)
    atoms.cell = np.round(atoms.cell[:], 4)
    box = (atoms.cell[:] / Bohr, atoms.pbc) if atoms.pbc.any() else ()
    model = DispersionModel(atoms.numbers, atoms.positions / Bohr, *box)
    kind = {"bj": RationalDampingParam, "zero": ZeroDampingParam}[damping]
    found = model.get_dispersion(kind(method=functional, atm=triples), grad=True)
    entry = {
        "name": name, "functional": functional, "damping": damping, "triples": triples,
        "numbers": [int(z) for z in atoms.numbers], "positions": rounded(atoms.positions, 4),
        "cell": rounded(atoms.cell[:], 4), "periodic": [bool(p) for p in atoms.pbc],
        "energy": round(float(found["energy"]) * Hartree, 12),
        "forces": rounded(-found["gradient"] * Hartree / Bohr, 11),
    }
    if atoms.pbc.any():
        stress = found["virial"] * Hartree / atoms.get_volume()
        entry["stress"] = rounded([stress[i, j] for i, j in
                                   [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)]], 13)
    return entry


def main():
    print("""// SPDX-License-Identifier: MIT

/// What the package dftd3 1.7.0 says of small structures; made by Tools/dispersion-golden.py, which
/// says what they are.
enum DispersionRecordings {
  static let json = \"\"\"
    [""")
    entries = [record(*case) for case in structures()]
    for number, entry in enumerate(entries):
        text = json.dumps(entry) + ("," if number + 1 < len(entries) else "]")
        print(textwrap.fill(text, 95, initial_indent="    ", subsequent_indent="    ",
                            break_long_words=False, break_on_hyphens=False))
    print('    """\n}')


if __name__ == "__main__":
    main()
