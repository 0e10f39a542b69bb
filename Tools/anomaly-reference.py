#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Changed slabs with their anomalies by ASE's neighbour list: anomaly-reference.py PAIRS... > FILE.

PAIRS are extended XYZ files (.xz) with an initial and a relaxed frame of each system. Two changes are
made of each relaxed frame, so that every anomaly is met often; the frames are written as
`role=initial`, then twice `role=changed` with `anomalies`, a comma between their names. Needs
`pip install ase`. Made for the team: fixtures come from it through reference-data.py.
"""
import lzma
import sys
from io import StringIO

import numpy as np
from ase.io import read
from ase.neighborlist import NeighborList, natural_cutoffs


def bonds(atoms, multiple):
    """Pairs of atoms that are bonded, any image: closer than multiple (r_i + r_j) + 2 · 0.3 Å."""
    found = NeighborList(natural_cutoffs(atoms, mult=multiple), self_interaction=False, bothways=True)
    found.update(atoms)
    matrix = found.get_connectivity_matrix(sparse=False)
    return {(int(i), int(j)) for i, j in zip(*np.nonzero(matrix)) if i <= j}


def anomalies(initial, final):
    """The four classes of the public detector, from their definitions."""
    tags = final.get_tags()
    adsorbate = {i for i, tag in enumerate(tags) if tag == 2}
    deep = {i for i, tag in enumerate(tags) if tag == 0}

    def within(pairs, chosen):
        return {p for p in pairs if p[0] in chosen and p[1] in chosen}

    def between(pairs):
        return {p for p in pairs if (p[0] in adsorbate) != (p[1] in adsorbate)}

    slab = set(range(len(tags))) - adsorbate
    before, after = bonds(initial, 1), bonds(final, 1)
    before_loose, after_loose = bonds(initial, 1.5), bonds(final, 1.5)
    found = []
    if within(before, adsorbate) != within(after, adsorbate):
        found.append("dissociated")
    if not between(after_loose):
        found.append("desorbed")
    if any(i in deep or j in deep for i, j in between(after)):
        found.append("intercalated")
    made = within(after, slab) - within(before_loose, slab)
    broken = within(before, slab) - within(after_loose, slab)
    if made or broken:
        found.append("reconstructed")
    return found


def changed(relaxed, random):
    """The frame with one to three of the things that may become of it, at random."""
    atoms = relaxed.copy()
    tags = atoms.get_tags()
    adsorbate, surface = np.nonzero(tags == 2)[0], np.nonzero(tags == 1)[0]
    for kind in random.choice(6, size=random.integers(1, 4), replace=False):
        if kind == 0:  # up, about as far as bonds reach
            atoms.positions[adsorbate, 2] += random.uniform(0, 3.5)
        elif kind == 1:  # into the slab
            atoms.positions[adsorbate, 2] -= random.uniform(0, 3)
        elif kind == 2:  # one atom of the adsorbate away from the others
            atoms.positions[random.choice(adsorbate)] += random.normal(0, 0.8, 3)
        elif kind == 3:  # one atom of the surface out of its place
            atoms.positions[random.choice(surface)] += random.normal(0, 1.2, 3)
        elif kind == 4:  # along the surface
            atoms.positions[adsorbate, :2] += random.normal(0, 1.5, 2)
        else:  # everything a little
            free = np.concatenate([surface, adsorbate])
            atoms.positions[free] += random.normal(0, 0.15, (len(free), 3))
    # As written, so that rounding decides nothing.
    atoms.positions = np.round(atoms.positions, 4)
    return atoms


def frame(atoms, comment):
    rows = [
        f"{s} {x:.4f} {y:.4f} {z:.4f} {tag}"
        for s, (x, y, z), tag in zip(atoms.symbols, atoms.positions, atoms.get_tags())
    ]
    lattice = " ".join(repr(float(value)) for value in atoms.cell.array.ravel())
    pbc = " ".join("T" if periodic else "F" for periodic in atoms.pbc)
    head = f'Lattice="{lattice}" Properties=species:S:1:pos:R:3:tags:I:1 pbc="{pbc}" {comment}'
    return "\n".join([str(len(atoms)), head, *rows]) + "\n"


def main():
    random = np.random.default_rng(12)
    for path in sys.argv[1:]:
        frames = read(StringIO(lzma.open(path, "rt").read()), index=":", format="extxyz")
        for initial, relaxed in zip(frames[::2], frames[1::2]):
            assert (initial.info["role"], relaxed.info["role"]) == ("initial", "relaxed")
            assert initial.info["sid"] == relaxed.info["sid"]
            initial.positions = np.round(initial.positions, 4)
            name = f"sid={initial.info['sid']}"
            sys.stdout.write(frame(initial, f"{name} role=initial"))
            for _ in range(2):
                final = changed(relaxed, random)
                names = ",".join(anomalies(initial, final))
                sys.stdout.write(frame(final, f'{name} role=changed anomalies="{names}"'))


if __name__ == "__main__":
    main()
