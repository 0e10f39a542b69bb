#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Put a second training adsorbate beside the first: initial/pairs.extxyz.xz.

    python3 results/emt-mini/pairs.py

Single training adsorbates hold no pair N-N, C-N, C-C or O-O, so a network can only guess what such
pairs do. Each structure here is a training one with the adsorbate of another beside its own, turned
at random, at 1.1 to 2.6 Å between their nearest heavy atoms and not into the slab. Needs numpy.
"""

import lzma
import pathlib
import re

import numpy

HERE = pathlib.Path(__file__).resolve().parent
COUNT = 1000
# Cordero's covalent radii in Å.
RADII = {
    "H": 0.31, "C": 0.76, "N": 0.71, "O": 0.66, "Al": 1.21, "Ni": 1.24, "Cu": 1.32, "Pd": 1.39,
    "Ag": 1.45, "Pt": 1.36, "Au": 1.36}


def main():
    random = numpy.random.default_rng(7)
    structures = list(frames(HERE / "initial/train.extxyz.xz"))
    # What binds by C, N or O; lone H atoms have no heavy atom to be near to.
    donors = [s for s in structures if any(row[0] != "H" for row in s["adsorbate"])]
    text = ""
    made = 0
    while made < COUNT:
        host = donors[random.integers(len(donors))]
        guest = donors[random.integers(len(donors))]
        rows = beside(host, guest["adsorbate"], random)
        if rows is None:
            continue
        made += 1
        everything = host["rows"] + rows
        comment = re.sub(
            r" reference_energy=\S+", "", host["comment"].replace(host["sid"], f"pair{made:04d}"))
        text += f"{len(everything)}\n{comment}\n" + "\n".join(everything) + "\n"
    output = HERE / "initial/pairs.extxyz.xz"
    output.write_bytes(lzma.compress(text.encode(), preset=9))
    print(f"{made} structures, {output.stat().st_size} bytes: {output}")


def beside(host, guest, random):
    """Rows of the guest near the host's adsorbate; None if there is no room."""
    names = [row[0] for row in guest]
    shape = positions(guest)
    own, slab = positions(host["adsorbate"]), positions(host["slab"])
    heavy = [k for k, name in enumerate(names) if name != "H"]
    hosts = [k for k, row in enumerate(host["adsorbate"]) if row[0] != "H"]
    for _ in range(50):
        turned = (shape - shape[random.choice(heavy)]) @ rotation(random).T
        direction = random.normal(size=3)
        direction /= numpy.linalg.norm(direction)
        wanted = random.uniform(1.1, 2.6)
        placed = own[random.choice(hosts)] + wanted * direction + turned
        near = distances(placed[heavy], own[hosts], host["cell"]).min()
        if abs(near - wanted) > 1e-6 or distances(placed, own, host["cell"]).min() < 0.9:
            continue
        radii = numpy.array([RADII[name] for name in names])[:, None]
        limits = 0.85 * (radii + numpy.array([RADII[row[0]] for row in host["slab"]]))
        if (distances(placed, slab, host["cell"]) < limits).any():
            continue
        if placed[:, 2].min() < slab[:, 2].max() - 0.5:
            continue
        return [
            f"{name} {x:.5f} {y:.5f} {z:.5f} T 2" for name, (x, y, z) in zip(names, placed)]
    return None


def rotation(random):
    """A random rotation, by the QR decomposition of a Gaussian matrix."""
    q, r = numpy.linalg.qr(random.normal(size=(3, 3)))
    q *= numpy.sign(numpy.diag(r))
    return q if numpy.linalg.det(q) > 0 else -q


def distances(a, b, cell):
    """Between all of a and all of b, the nearest images along the cell's two short vectors."""
    shifts = [i * cell[0] + j * cell[1] for i in (-1, 0, 1) for j in (-1, 0, 1)]
    vectors = a[:, None] - b[None]
    return numpy.min([numpy.linalg.norm(vectors + shift, axis=2) for shift in shifts], axis=0)


def positions(rows):
    return numpy.array([row[1:4] for row in rows], dtype=float)


def frames(path):
    lines = iter(lzma.open(path, "rt").read().split("\n"))
    for line in lines:
        if not line:
            return
        comment = next(lines)
        rows = [next(lines) for _ in range(int(line))]
        split = [row.split() for row in rows]
        entries = dict(item.split("=", 1) for item in comment.split() if "=" in item)
        cell = numpy.array(comment.split('"')[1].split(), dtype=float).reshape(3, 3)
        yield {
            "comment": comment, "sid": entries["sid"], "rows": rows, "cell": cell,
            "adsorbate": [row for row in split if row[5] == "2"],
            "slab": [row for row in split if row[5] != "2"]}


if __name__ == "__main__":
    main()
