# SPDX-License-Identifier: MIT
"""Makes the files of this folder with ASE, and what ASE reads back of them, as JSON.

    python make.py          # needs ase, ase-db-backends, torch_geometric and lmdb

Structures are random: masks, tags, moments, skewed, left-handed and partly periodic cells, results.
"""

import json
import pathlib
import pickle

import ase.db
import ase.io
import lmdb
import numpy as np
import torch
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms, FixCartesian, FixedLine, FixedPlane
from ase_db_backends.aselmdb import LMDBDatabase
from torch_geometric.data import Data

here = pathlib.Path(__file__).parent
random = np.random.default_rng(14)


def structure(i):
    count = int(random.integers(1, 6))
    cell = random.normal(size=(3, 3)) + 6 * np.eye(3)
    if i % 3 == 0:
        cell[[0, 1]] = cell[[1, 0]]
    pbc = random.random(3) < 0.6
    if i == 5:
        cell, pbc = np.zeros((3, 3)), False
    atoms = Atoms(random.integers(1, 95, count), random.normal(size=(count, 3)), cell=cell, pbc=pbc)
    constraints = [
        [FixAtoms([0])],
        [FixCartesian([count - 1], mask=(True, False, True))],
        [FixedPlane([0], (0, 0, 1)), FixAtoms([count - 1])],
        [FixedLine([0], (0, 1, 0))],
        [],
        [],
        [],
        [],
    ][i]
    atoms.set_constraint(constraints)
    if i % 2:
        atoms.set_tags(random.integers(0, 3, count))
        atoms.set_initial_magnetic_moments(random.normal(size=count))
    if i % 4 == 2:
        atoms.set_initial_charges(random.normal(size=count))
        atoms.set_momenta(random.normal(size=(count, 3)))
        atoms.set_masses(random.uniform(1, 50, count))
    if i % 2 == 0:
        results = {"energy": float(random.normal() * 100), "forces": random.normal(size=(count, 3))}
        if i % 4 == 0:
            results["stress"] = random.normal(size=6)
            results["free_energy"] = 1.5
        atoms.calc = SinglePointCalculator(atoms, **results)
    return atoms


def free(atoms):
    flags = np.ones((len(atoms), 3), bool)
    for constraint in atoms.constraints:
        name = constraint.todict()["name"]
        for index in np.atleast_1d(constraint.index):
            if name == "FixAtoms":
                flags[index] = False
            elif name == "FixCartesian":
                flags[index] &= ~np.asarray(constraint.mask)
            elif name == "FixedPlane":
                flags[index] &= np.asarray(constraint.dir) == 0
            elif name == "FixedLine":
                flags[index] &= np.asarray(constraint.dir) != 0
    return flags


def described(atoms, results=True):
    found = {
        "numbers": atoms.numbers.tolist(),
        "positions": atoms.positions.tolist(),
        "cell": atoms.cell.tolist(),
        "pbc": atoms.pbc.tolist(),
        "free": free(atoms).tolist(),
    }
    for name in ["tags", "momenta", "initial_magmoms", "initial_charges", "masses"]:
        if atoms.has(name):
            found[name] = atoms.arrays[name].tolist()
    if results and atoms.calc:
        for name in ["energy", "free_energy", "forces", "stress"]:
            value = atoms.calc.results.get(name)
            if value is not None:
                found[name] = np.asarray(value).tolist()
    return found


structures = [structure(i) for i in range(8)]
expected = {}


def note(name, images):
    expected[name] = [described(image) for image in images]


def fresh(name):
    path = here / name
    path.unlink(missing_ok=True)
    return str(path)


path = fresh("random.traj")
ase.io.write(path, structures)
note("random.traj", ase.io.read(path, ":"))
for name in ["random.db", "random.json"]:
    path = fresh(name)
    database = ase.db.connect(path)
    for i, image in enumerate(structures):
        database.write(image, id_text="a00100", number=i, share=0.5 * i, flag=bool(i % 2))
    note(name, [row.toatoms() for row in database.select()])
path = fresh("random.aselmdb")
database = LMDBDatabase(path)
for i, image in enumerate(structures):
    database.write(image, key_value_pairs={"id_text": "a00100", "number": i})
note("random.aselmdb", [row.toatoms() for row in database.select()])
database.close()
(here / "random.aselmdb-lock").unlink(missing_ok=True)

path = fresh("random.lmdb")
environment = lmdb.open(path, map_size=1 << 20, subdir=False, lock=False)
expected["random.lmdb"] = []
with environment.begin(write=True) as transaction:
    for i, image in enumerate(structures[:4]):
        count = len(image)
        fixed = torch.tensor((~free(image)).all(1).astype(int))
        relaxed = image.positions + 0.25
        data = Data(
            atomic_numbers=torch.tensor(image.numbers, dtype=torch.float32),
            pos=torch.tensor(image.positions, dtype=torch.float32),
            cell=torch.tensor(np.asarray(image.cell), dtype=torch.float32).view(1, 3, 3),
            natoms=count,
            tags=torch.tensor([2] * count, dtype=torch.float32),
            fixed=fixed.float(),
            sid=100 + i,
            y_init=-1.5 * i,
            y_relaxed=-2.5 * i,
            pos_relaxed=torch.tensor(relaxed, dtype=torch.float32),
        )
        transaction.put(f"{i}".encode(), pickle.dumps(data, protocol=-1))
        for positions, energy in [(image.positions, -1.5 * i), (relaxed, -2.5 * i)]:
            expected["random.lmdb"].append(
                {
                    "numbers": image.numbers.tolist(),
                    "positions": positions.astype(np.float32).astype(float).tolist(),
                    "cell": np.asarray(image.cell).astype(np.float32).astype(float).tolist(),
                    "pbc": [True, True, True],
                    "free": [[not flag] * 3 for flag in fixed.bool().tolist()],
                    "tags": [2] * count,
                    "energy": energy,
                }
            )
    transaction.put(b"length", pickle.dumps(4, protocol=-1))
environment.close()
(here / "expected.json").write_text(json.dumps(expected) + "\n")
