# SPDX-License-Identifier: MIT
"""Reading structure files: relax beside ASE and PyTorch, CPU seconds of one process each.

    python Benchmarks/formats.py --relax .build/release/relax [--count 20000] [--folder /tmp/formats]

Needs ase, ase-db-backends, lmdb, torch and torch_geometric. Makes the files if the folder has none: slabs of 40 to 110
atoms with cell, mask, tags, energy and forces. `relax info` reads every frame and checks it; the peers read every frame
into their own structures (ASE's Atoms; PyTorch Geometric's Data, unpickled).
"""

import argparse
import os
import pathlib
import pickle
import resource
import subprocess
import sys

PEERS = {
    "s.lmdb": """
import lmdb, pickle, sys
environment = lmdb.open(sys.argv[1], subdir=False, readonly=True, lock=False)
with environment.begin() as transaction:
    count = pickle.loads(transaction.get(b"length"))
    for i in range(count):
        pickle.loads(transaction.get(str(i).encode()))
print(count)
""",
    "s.aselmdb": """
import sys
from ase_db_backends.aselmdb import LMDBDatabase
database = LMDBDatabase(sys.argv[1], readonly=True)
print(sum(1 for row in database.select() if row.toatoms()))
""",
    "s.db": """
import sys, ase.db
print(sum(1 for row in ase.db.connect(sys.argv[1]).select() if row.toatoms()))
""",
    "s.json": """
import sys, ase.db
print(sum(1 for row in ase.db.connect(sys.argv[1]).select() if row.toatoms()))
""",
    "s.traj": """
import sys
from ase.io import Trajectory
print(sum(1 for atoms in Trajectory(sys.argv[1]) if len(atoms)))
""",
}


def make(folder, count):
    import lmdb
    import numpy as np
    import torch
    from ase import Atoms
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.constraints import FixAtoms
    from ase.db import connect
    from ase.io import Trajectory
    from ase_db_backends.aselmdb import LMDBDatabase
    from torch_geometric.data import Data

    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    environment = lmdb.open(str(folder / "s.lmdb"), map_size=1 << 34, subdir=False, lock=False)
    graphs = environment.begin(write=True)
    database, rows = connect(folder / "s.db"), LMDBDatabase(folder / "s.aselmdb")
    trajectory = Trajectory(folder / "s.traj", "w")
    small = connect(folder / "s.json")
    with database, small:
        for i in range(count):
            size = int(random.integers(40, 110))
            numbers, positions = random.integers(1, 80, size), random.random((size, 3)) * 10
            forces, fixed = random.normal(size=(size, 3)), np.arange(size) < size // 2
            graph = Data(
                atomic_numbers=torch.tensor(numbers, dtype=torch.float32),
                pos=torch.tensor(positions, dtype=torch.float32),
                cell=torch.eye(3).view(1, 3, 3) * 20,
                natoms=size,
                tags=torch.tensor((~fixed).astype(int)),
                fixed=torch.tensor(fixed.astype(np.float32)),
                sid=i,
                fid=0,
                y=float(i),
                force=torch.tensor(forces, dtype=torch.float32),
            )
            graphs.put(str(i).encode(), pickle.dumps(graph, protocol=-1))
            atoms = Atoms(numbers, positions, cell=np.eye(3) * 20, pbc=True, tags=(~fixed).astype(int))
            atoms.set_constraint(FixAtoms(np.where(fixed)[0]))
            atoms.calc = SinglePointCalculator(atoms, energy=float(i), forces=forces)
            database.write(atoms, number=i)
            rows.write(atoms, key_value_pairs={"number": i})
            trajectory.write(atoms)
            # ASE writes the whole file for every row.
            if i < count // 100:
                small.write(atoms, number=i)
    graphs.put(b"length", pickle.dumps(count, protocol=-1))
    graphs.commit()
    environment.close()
    rows.close()
    trajectory.close()


def measured(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); " \
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    peak = int(subprocess.run([sys.executable, "-c", script, *command], check=True, capture_output=True).stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--relax", default=".build/release/relax")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/formats"))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not options.folder.exists():
        make(options.folder, options.count)
    print("file        relax s   relax MB    peer s   peer MB   ratio")
    for name, script in PEERS.items():
        path = str(options.folder / name)
        ours, theirs = [], []
        for _ in range(options.rounds):
            ours.append(measured([options.relax, "info", path]))
            theirs.append(measured([sys.executable, "-c", script, path]))
        (a, am), (b, bm) = min(ours), min(theirs)
        print(f"{name:10s} {a:8.2f} {am:10.0f} {b:9.2f} {bm:9.0f} {b / a:7.1f}", flush=True)


if __name__ == "__main__":
    os.environ["PYTHONWARNINGS"] = "ignore"
    main()
