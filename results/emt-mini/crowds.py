#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Put one to four training adsorbates on training slabs: data/crowds-initial.extxyz.xz.

    python3 results/emt-mini/crowds.py

A network learns where adsorbates go from few atoms: of 35 in a training structure three are the
adsorbate's. Here each slab of initial/train.extxyz.xz is used three times, with other adsorbates,
more of them, in other places and turned at random, half of those that follow near the first. So
there are also pairs of elements that no training adsorbate holds (N-N, C-N, C-C, O-O). Only the
standard library is needed.
"""

import lzma
import pathlib
import random

from structures import crowd, structures, written

HERE = pathlib.Path(__file__).resolve().parent
TURNS = 3


def main():
    draw = random.Random(11)
    slabs = list(structures(HERE / "initial/train.extxyz.xz"))
    shapes = [shape(slab["adsorbate"]) for slab in slabs]
    text = []
    for _ in range(TURNS):
        for slab in slabs:
            atoms = crowd(slab, 4, lambda: draw.choice(shapes), draw)
            if atoms:
                text.append(written(slab, atoms, f"crowd{len(text) + 1:05d}"))
    output = HERE / "data/crowds-initial.extxyz.xz"
    output.write_bytes(lzma.compress("".join(text).encode(), preset=6))
    print(f"{len(text)} structures: {output}")


def shape(atoms):
    """An adsorbate with its lowest atom at the origin."""
    lowest = min(atoms, key=lambda atom: atom[1][2])[1]
    return [(name, tuple(p[k] - lowest[k] for k in range(3))) for name, p in atoms]


if __name__ == "__main__":
    main()
