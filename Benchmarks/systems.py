# SPDX-License-Identifier: MIT
"""Makes the benchmark systems: rattled fcc crystals with a vacancy, and an 80-atom slab."""

import sys

import numpy as np

FCC = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])


def crystal(repeats, constant=3.61, rattle=0.05, seed=1):
    """Positions and cell of repeats³ cubic cells less one atom; nearly 4·repeats³ atoms."""
    grid = np.stack(np.meshgrid(*[np.arange(repeats)] * 3, indexing="ij"), -1).reshape(-1, 1, 3)
    positions = constant * (grid + FCC).reshape(-1, 3)[1:]
    positions += np.random.default_rng(seed).normal(scale=rattle, size=positions.shape)
    return positions, np.eye(3) * constant * repeats


def slab(layers=5, repeats=4, constant=3.61, vacuum=16.0, seed=2):
    """A (111) slab of repeats² · layers atoms with vacuum along its third axis."""
    d, h = constant / np.sqrt(2), constant / np.sqrt(3)
    a, b = np.array([d, 0, 0]), np.array([d / 2, d * np.sqrt(3) / 2, 0])
    positions = [
        i * a + j * b + (k % 3) * (a + b) / 3 + [0, 0, k * h]
        for k in range(layers) for i in range(repeats) for j in range(repeats)
    ]
    cell = np.array([repeats * a, repeats * b, [0, 0, layers * h + vacuum]])
    positions = np.array(positions) + [0, 0, vacuum / 2]
    positions += np.random.default_rng(seed).normal(scale=0.05, size=positions.shape)
    return positions, cell


SYSTEMS = {
    "slab 80": (*slab(), "TTF"),
    "crystal 863": (*crystal(6), "TTT"),
    "crystal 10975": (*crystal(14), "TTT"),
    "crystal 97555": (*crystal(29), "TTT"),
}


def write(path, positions, cell):
    np.savetxt(path, np.vstack([cell, positions]), fmt="%.17g")


if __name__ == "__main__":
    for name, (positions, cell, _) in SYSTEMS.items():
        write(f"{sys.argv[1]}/{name.replace(' ', '_')}.txt", positions, cell)
