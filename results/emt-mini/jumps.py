#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How often the limit of 50 neighbours changes what a network sees along its relaxations.

    python3 results/emt-mini/jumps.py .build/release/relax schnet:model=results/emt-mini/runs/schnet/model.safetensors

Relaxes the initial structures of val_id and compares the graphs of consecutive frames: a step counts where an edge
that is within the cutoff before and after is kept in only one of them. Needs ase and numpy.
"""

import pathlib
import subprocess
import sys
import tempfile

import ase.io
import numpy as np
from ase.neighborlist import neighbor_list

CUTOFF, MOST, QUANTUM = 6.0, 50, 1e-6
PAIRS = pathlib.Path(__file__).resolve().parent / "data/is2rs_val_id.extxyz.xz"


def graph(atoms):
    """Edges within the cutoff, and those of them that are kept."""
    targets, sources, distances, offsets = neighbor_list("ijdS", atoms, CUTOFF)
    edges = [(t, s, *offset) for t, s, offset in zip(targets, sources, offsets)]
    rank = np.round(distances / QUANTUM)
    kept = set()
    for atom in range(len(atoms)):
        own = sorted(np.flatnonzero(targets == atom), key=lambda e: (rank[e], edges[e]))
        kept.update(edges[e] for e in own[:MOST])
    return set(edges), kept


def main():
    relax, provider = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/path.extxyz"
        subprocess.run(
            [relax, "run", PAIRS, "--select", "role=initial", "-p", provider, "--scheme", "robust",
             "-o", f"{folder}/relaxed.extxyz", "--summary", f"{folder}/summary.jsonl",
             "--trajectory", path, "-q"])
        frames = {}
        for atoms in ase.io.iread(path):
            frames.setdefault(atoms.info["sid"], []).append(atoms)
    steps = by_limit = relaxations = 0
    shares = []
    for path in frames.values():
        before, hit = None, False
        for atoms in path:
            all_edges, kept = graph(atoms)
            shares.append(1 - len(kept) / len(all_edges))
            if before is not None:
                steps += 1
                changed = bool((kept ^ before[1]) & all_edges & before[0])
                by_limit += changed
                hit = hit or changed
            before = all_edges, kept
        relaxations += hit
    print(f"{len(frames)} relaxations, {steps} steps; {100 * np.mean(shares):.1f} % of the edges left out; "
          f"the limit changed the graph at {by_limit} steps, in {relaxations} relaxations")


if __name__ == "__main__":
    main()
