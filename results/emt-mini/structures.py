# SPDX-License-Identifier: MIT
"""Reading the miniature's initial structures, and putting adsorbates on their slabs.

Only the standard library is needed.
"""

import lzma
import math
import re

# Cordero's covalent radii in Å.
RADII = {
    "H": 0.31, "C": 0.76, "N": 0.71, "O": 0.66, "Al": 1.21, "Ni": 1.24, "Cu": 1.32, "Pd": 1.39,
    "Ag": 1.45, "Pt": 1.36, "Au": 1.36}
# Contact distance over the sum of radii, as in the training structures.
CONTACT = 1.05
# Å² of surface that an adsorbate has at least.
ROOM = 7.0
# Å above the slab's highest atom at which the lowest atom of an adsorbate may come to rest.
HIGHEST = 2.8


def texts(path):
    """The frames of an .xz file as they stand there."""
    lines = lzma.open(path, "rt").read().split("\n")
    place = 0
    while lines[place].strip():
        end = place + int(lines[place]) + 2
        yield "\n".join(lines[place:end]) + "\n"
        place = end


def structures(path):
    """Initial structures as dictionaries: comment, sid, cell, rows and slab_rows (as in the file),
    slab and adsorbate (pairs of name and position)."""
    for text in texts(path):
        _, comment, *rows = text.splitlines()
        entries = dict(item.split("=", 1) for item in comment.split() if "=" in item)
        cell = [float(x) for x in comment.split('"')[1].split()]
        split = [row.split() for row in rows]

        def atoms(is_adsorbate):
            return [
                (row[0], tuple(map(float, row[1:4]))) for row in split
                if (row[5] == "2") == is_adsorbate]

        yield {
            "comment": comment, "sid": entries["sid"], "cell": (cell[:3], cell[3:6], cell[6:]),
            "rows": rows,
            "slab_rows": [row for row, parts in zip(rows, split) if parts[5] != "2"],
            "slab": atoms(False), "adsorbate": atoms(True)}


def written(structure, adsorbate, sid, onto="slab_rows"):
    """The slab, or with onto="rows" all of the structure, with more adsorbate atoms on it, under
    another name; its reference energy belonged to other adsorbates."""
    rows = structure[onto] + [
        f"{name} {x:.5f} {y:.5f} {z:.5f} T 2" for name, (x, y, z) in adsorbate]
    comment = re.sub(
        r" reference_energy=\S+", "", structure["comment"].replace(structure["sid"], sid))
    return f"{len(rows)}\n{comment}\n" + "\n".join(rows) + "\n"


def crowd(structure, most, next_shape, draw):
    """Atoms of one to `most` adsorbates on a slab, fewer where there is no room; half of those that
    follow are near an atom of the others."""
    a, b = structure["cell"][0], structure["cell"][1]
    area = abs(a[0] * b[1] - a[1] * b[0])
    wanted = draw.randint(1, max(1, min(most, int(area / ROOM))))
    top = max(position[2] for _, position in structure["slab"])
    crowd = []
    for number in range(wanted):
        for _ in range(20):
            atoms = turned(next_shape(), draw)
            if number > 0 and draw.random() < 0.5:
                near = draw.choice(crowd)[1]
                angle, away = draw.uniform(0, 2 * math.pi), draw.uniform(0.8, 2.5)
                x, y = near[0] + away * math.cos(angle), near[1] + away * math.sin(angle)
            else:
                s, t = draw.random(), draw.random()
                x, y = s * a[0] + t * b[0], s * a[1] + t * b[1]
            atoms = [(name, (x + p[0], y + p[1], p[2])) for name, p in atoms]
            height = resting(atoms, structure["slab"] + crowd, a, b)
            if height is None:
                continue
            atoms = [(name, (p[0], p[1], p[2] + height)) for name, p in atoms]
            if min(p[2] for _, p in atoms) - top < HIGHEST:
                crowd += atoms
                break
    return crowd


def resting(atoms, others, a, b):
    """How far up atoms must go to come to rest on others or beside their own images; None where
    images overlap."""
    height = -math.inf
    shifts = [(i * a[0] + j * b[0], i * a[1] + j * b[1]) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    for name, (x, y, z) in atoms:
        for other, (u, v, w) in others:
            reach = CONTACT * (RADII[name] + RADII[other])
            for dx, dy in shifts:
                gap = reach * reach - (x - u - dx) ** 2 - (y - v - dy) ** 2
                if gap > 0:
                    height = max(height, w - z + math.sqrt(gap))
        for other, (u, v, w) in atoms:
            for dx, dy in shifts:
                apart = math.hypot(x - u - dx, y - v - dy, z - w)
                if (dx or dy) and apart < CONTACT * (RADII[name] + RADII[other]) + 0.3:
                    return None
    return None if height == -math.inf else height


def turned(atoms, draw):
    """Turned about z, half of them about a random axis too."""
    angle = draw.uniform(0, 2 * math.pi)
    rows = [
        (math.cos(angle), -math.sin(angle), 0), (math.sin(angle), math.cos(angle), 0), (0, 0, 1)]
    if draw.random() < 0.5:
        q = [draw.gauss(0, 1) for _ in range(4)]
        length = math.sqrt(sum(x * x for x in q))
        w, x, y, z = (part / length for part in q)
        rows = [
            (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
            (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
            (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y))]
    return [(name, tuple(sum(r[k] * p[k] for k in range(3)) for r in rows)) for name, p in atoms]
