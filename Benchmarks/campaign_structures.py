# SPDX-License-Identifier: MIT
"""The structures of a campaign: slabs of the size of OC20's, and many small clusters.

Both are drawn anew for each piece of a file, so that memory does not grow with their number and
a piece is the same however many there are. Only the standard library is needed.
"""

import gzip
import lzma
import math
import pathlib
import random
import sys

MINIATURE = pathlib.Path(__file__).resolve().parent.parent / "results/emt-mini"
sys.path.insert(0, str(MINIATURE))

from fragments import exchanged, fragment  # noqa: E402
from structures import crowd, structures  # noqa: E402

# Sides of a slab in Å: both are at least a length drawn from this range (OC20 asks for 8 Å).
SIDES = (6.0, 10.0)
# Å that a slab is thick at least, between the centres of its lowest and highest atoms.
THICKNESS = 5.5
# Å of vacuum that the miniature's slabs do not have and OC20's do (20 Å in all).
MORE_VACUUM = 7.0
# Atoms of a slab with its adsorbate.
ATOMS = range(30, 201)
# The angle between the sides in degrees.
ANGLES = (60 - 1e-3, 120 + 1e-3)
# Nearest neighbours in a small cluster in Å, and how far its atoms are off their places.
SPACING, OFF = 2.55, 0.08


def slabs(count, seed, piece):
    """Texts of `count` structures: a slab of the miniature, in six of ten cases with some of its
    metal atoms exchanged, repeated to real size in a cell that may be oblique, and one random
    molecule on it. The lower layers are fixed, as in the miniature."""
    draw = random.Random(f"slabs {seed} {piece}")
    patterns = _patterns()
    for number in range(count):
        while True:
            pattern = draw.choice(patterns)
            if draw.random() < 0.6:
                pattern = exchanged(pattern, draw)
            slab = repeated(pattern, draw)
            if slab is None:
                continue
            molecule = crowd(slab, 1, lambda: fragment(draw), draw)
            if molecule and len(slab["rows"]) + len(molecule) in ATOMS:
                break
        yield _text(slab, molecule, f"slab-{piece}-{number + 1}")


def _patterns(kept=[]):
    if not kept:
        for slab in structures(MINIATURE / "initial/train.extxyz.xz"):
            heights = [z for _, (_, _, z) in slab["slab"]]
            if max(heights) - min(heights) >= THICKNESS:
                kept.append(slab)
    return kept


def repeated(pattern, draw):
    """The slab over the sides n·a and m·b + j·a; None where the cell is too oblique or too large."""
    a, b, c = pattern["cell"]
    wanted = draw.uniform(*SIDES)
    n, m = (max(1, math.ceil(wanted / math.hypot(*side))) for side in (a, b))
    j = draw.choice((-1, 0, 0, 1))
    sides = [n * x for x in a], [m * y + j * x for x, y in zip(a, b)]
    lengths = [math.hypot(*side) for side in sides]
    angle = math.degrees(math.acos(
        sum(x * y for x, y in zip(*sides)) / (lengths[0] * lengths[1])))
    if not ANGLES[0] <= angle <= ANGLES[1] or n * m * len(pattern["slab"]) > ATOMS[-1]:
        return None
    slab, rows = [], []
    for k in range(n):
        for l in range(m):
            for (name, (x, y, z)), row in zip(pattern["slab"], pattern["slab_rows"]):
                place = x + k * a[0] + l * b[0], y + k * a[1] + l * b[1], z
                slab.append((name, place))
                rows.append(f"{name} {_numbers(place)} " + " ".join(row.split()[4:]))
    return {"cell": (*sides, [*c[:2], c[2] + MORE_VACUUM]), "slab": slab, "rows": rows}


def _text(slab, molecule, name):
    rows = slab["rows"] + [f"{element} {_numbers(place)} T 2" for element, place in molecule]
    lattice = " ".join(f"{x:.8g}" for side in slab["cell"] for x in side)
    return (
        f'{len(rows)}\nLattice="{lattice}" '
        f'Properties=species:S:1:pos:R:3:move_mask:L:1:tags:I:1 sid={name} pbc="T T T"\n'
        + "\n".join(rows) + "\n")


def _numbers(place):
    return " ".join(f"{x:.5f}" for x in place)


def clusters(count, seed, piece):
    """Texts of `count` clusters of 4 to 10 copper atoms, cut from a crystal, rattled, one atom fixed."""
    draw = random.Random(f"clusters {seed} {piece}")
    step = SPACING / math.sqrt(2)
    places = sorted(
        ((i, j, k) for i in range(4) for j in range(4) for k in range(4) if (i + j + k) % 2 == 0),
        key=lambda place: (math.dist(place, (1.2, 1.3, 1.5)), place))
    head = 'Lattice="14 0 0 0 14 0 0 0 14" Properties=species:S:1:pos:R:3:move_mask:L:1'
    for number in range(count):
        atoms = draw.randint(4, 10)
        rows = [
            "Cu " + _numbers(5 + step * x + draw.gauss(0, OFF) for x in place)
            + (" T" if index else " F")
            for index, place in enumerate(places[:atoms])]
        yield (
            f'{atoms}\n{head} sid=cluster-{piece}-{number + 1} pbc="T T T"\n'
            + "\n".join(rows) + "\n")


def write(make, count, folder, ending, in_a_piece, seed):
    """Writes `count` structures into a new folder, `in_a_piece` to a file."""
    opened = {"xz": lzma.open, "gz": gzip.open}.get(ending.rsplit(".", 1)[-1], open)
    folder.mkdir(parents=True)
    for piece, begin in enumerate(range(0, count, in_a_piece), start=1):
        name = folder / f"{piece:05d}.{ending}"
        with opened(name, "wt", encoding="utf-8") as file:
            for text in make(min(in_a_piece, count - begin), seed, piece):
                file.write(text)
