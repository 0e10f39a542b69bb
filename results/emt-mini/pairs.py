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

import numpy

from structures import RADII, structures, written

HERE = pathlib.Path(__file__).resolve().parent
COUNT = 1000


def main():
    random = numpy.random.default_rng(7)
    everything = list(structures(HERE / "initial/train.extxyz.xz"))
    # What binds by C, N or O; lone H atoms have no heavy atom to be near to.
    donors = [s for s in everything if any(name != "H" for name, _ in s["adsorbate"])]
    text = []
    while len(text) < COUNT:
        host = donors[random.integers(len(donors))]
        guest = donors[random.integers(len(donors))]
        atoms = beside(host, guest["adsorbate"], random)
        if atoms is not None:
            text.append(written(host, atoms, f"pair{len(text) + 1:04d}", onto="rows"))
    output = HERE / "initial/pairs.extxyz.xz"
    output.write_bytes(lzma.compress("".join(text).encode(), preset=9))
    print(f"{len(text)} structures, {output.stat().st_size} bytes: {output}")


def beside(host, guest, random):
    """Atoms of the guest near the host's adsorbate; None if there is no room."""
    names = [name for name, _ in guest]
    cell = numpy.array(host["cell"])
    shape = positions(guest)
    own, slab = positions(host["adsorbate"]), positions(host["slab"])
    heavy = [k for k, name in enumerate(names) if name != "H"]
    hosts = [k for k, (name, _) in enumerate(host["adsorbate"]) if name != "H"]
    for _ in range(50):
        turned = (shape - shape[random.choice(heavy)]) @ rotation(random).T
        direction = random.normal(size=3)
        direction /= numpy.linalg.norm(direction)
        wanted = random.uniform(1.1, 2.6)
        placed = own[random.choice(hosts)] + wanted * direction + turned
        near = distances(placed[heavy], own[hosts], cell).min()
        if abs(near - wanted) > 1e-6 or distances(placed, own, cell).min() < 0.9:
            continue
        radii = numpy.array([RADII[name] for name in names])[:, None]
        limits = 0.85 * (radii + numpy.array([RADII[name] for name, _ in host["slab"]]))
        if (distances(placed, slab, cell) < limits).any():
            continue
        if placed[:, 2].min() < slab[:, 2].max() - 0.5:
            continue
        return list(zip(names, placed))
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


def positions(atoms):
    return numpy.array([position for _, position in atoms])


if __name__ == "__main__":
    main()
