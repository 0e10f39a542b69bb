#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Put random molecules on random alloys: data/fragments-initial.extxyz.xz.

    python3 results/emt-mini/fragments.py

Twelve adsorbates and 52 catalysts are few. Here each slab of initial/train.extxyz.xz is used four
times, with one to three molecules of H, C, N and O put together at random, and in six of ten slabs
with metal atoms exchanged at random, lattice scaled along. Formulas of the adsorbates held out for
validation are left out, and so are slabs of the two metals of an alloy held out; three metals of
which two make such an alloy are not. Only the standard library is needed.
"""

import collections
import lzma
import math
import pathlib
import random

from structures import crowd, structures, written

HERE = pathlib.Path(__file__).resolve().parent
TURNS = 4
HELD_OUT_FORMULAS = {"N2", "CN", "HN", "O2", "H3N", "CHO", "CHN"}
HELD_OUT_ALLOYS = {
    frozenset(pair) for pair in
    [("Al", "Cu"), ("Al", "Ni"), ("Au", "Pt"), ("Cu", "Au"), ("Cu", "Pd"), ("Pd", "Pt")]}
# Lattice constants of fcc metals in Å.
LATTICE = {"Al": 4.05, "Cu": 3.61, "Ag": 4.09, "Au": 4.08, "Ni": 3.52, "Pd": 3.89, "Pt": 3.92}
# Bond lengths of the teacher in Å, and how many bonds an element has at most.
BONDS = {
    "CH": 1.10, "HN": 1.02, "HO": 0.98, "CC": 1.45, "CN": 1.17, "CO": 1.18, "NN": 1.15, "NO": 1.20,
    "OO": 1.32}
VALENCE = {"C": 4, "N": 3, "O": 2}


def main():
    draw = random.Random(13)
    slabs = list(structures(HERE / "initial/train.extxyz.xz"))
    text = []
    for _ in range(TURNS):
        for slab in slabs:
            mixed = exchanged(slab, draw) if draw.random() < 0.6 else slab
            atoms = crowd(mixed, draw.choice((1, 1, 2, 3)), lambda: fragment(draw), draw)
            if atoms:
                text.append(written(mixed, atoms, f"fragment{len(text) + 1:05d}"))
    output = HERE / "data/fragments-initial.extxyz.xz"
    output.write_bytes(lzma.compress("".join(text).encode(), preset=6))
    print(f"{len(text)} structures: {output}")


def exchanged(slab, draw):
    """A slab some of whose metal atoms became others, of up to three new metals; scaled by the
    change of the mean lattice constant, the vacuum kept."""
    names = [name for name, _ in slab["slab"]]
    while True:
        share = draw.choice((0.1, 0.25, 0.5, 1.0))
        others = draw.sample(sorted(LATTICE), draw.randint(1, 3))
        new = [draw.choice(others) if draw.random() < share else name for name in names]
        if frozenset(new) not in HELD_OUT_ALLOYS:
            break
    mean = [sum(LATTICE[name] for name in each) / len(each) for each in (names, new)]
    scale = mean[1] / mean[0]
    a, b, c = slab["cell"]
    cell = [[scale * x for x in a], [scale * x for x in b], c]
    bottom = min(position[2] for _, position in slab["slab"])
    atoms, rows = [], []
    for name, row, (_, (x, y, z)) in zip(new, slab["slab_rows"], slab["slab"]):
        position = (scale * x, scale * y, bottom + scale * (z - bottom))
        atoms.append((name, position))
        rows.append(" ".join([name, *(f"{x:.5f}" for x in position), *row.split()[4:]]))
    lattice = " ".join(f"{x:.9g}" for vector in cell for x in vector)
    before, _, after = slab["comment"].split('"', 2)
    return slab | {
        "comment": f'{before}"{lattice}"{after}', "cell": cell, "slab_rows": rows, "slab": atoms}


def fragment(draw):
    """A molecule of one to three atoms C, N, O and up to three H, its lowest atom at the origin."""
    while True:
        atoms = grown(draw)
        if atoms and formula(atoms) not in HELD_OUT_FORMULAS:
            lowest = min(atoms, key=lambda atom: atom[1][2])[1]
            return [(name, tuple(p[k] - lowest[k] for k in range(3))) for name, p in atoms]


def grown(draw):
    """Atoms bonded to earlier ones in random directions; None where they come too close."""
    heavy = draw.choices((1, 2, 3), (35, 45, 20))[0]
    hydrogens = draw.choices((0, 1, 2, 3), (35, 30, 20, 15))[0]
    names = [draw.choice("CNO") for _ in range(heavy)] + ["H"] * hydrogens
    atoms, left = [(names[0], (0.0, 0.0, 0.0))], [VALENCE[names[0]]]
    for name in names[1:]:
        anchors = [k for k in range(len(atoms)) if left[k] > 0]
        if not anchors:
            return None
        anchor = draw.choice(anchors)
        length = draw.uniform(0.95, 1.1) * BONDS["".join(sorted(atoms[anchor][0] + name))]
        for _ in range(20):
            direction = [draw.gauss(0, 1) for _ in range(3)]
            norm = math.hypot(*direction)
            place = tuple(
                p + length * d / norm for p, d in zip(atoms[anchor][1], direction))
            if all(
                math.dist(place, p) > (1.5 if "H" in (name, other) else 1.9)
                for k, (other, p) in enumerate(atoms) if k != anchor
            ):
                break
        else:
            return None
        atoms.append((name, place))
        left[anchor] -= 1
        left.append(VALENCE[name] - 1 if name != "H" else 0)
    return atoms


def formula(atoms):
    counts = collections.Counter(name for name, _ in atoms)
    return "".join(name + (str(n) if n > 1 else "") for name, n in sorted(counts.items()))


if __name__ == "__main__":
    main()
