# SPDX-License-Identifier: MIT
"""`relax()` beside the command line."""

from __future__ import annotations

import json
import math
import os
import tempfile
import unittest
from typing import Any

import numpy as np
from ase import Atoms
from ase.build import molecule
from ase.constraints import FixAtoms, FixBondLength, FixCartesian
from ase.io import read, write
from support import EXAMPLES, PROVIDERS, command, providers, samples, slab

from relax_engine import RelaxError, relax


def by_command(structures: list[Atoms], provider: Any, *options: str) -> tuple[list[Atoms], list[Atoms], list[Any]]:
    """Relaxed structures, all geometries on the way and outcomes of `relax run`, through extended XYZ.

    Another format than that of the package: what is equal is not so by the way it was written.
    """
    with tempfile.TemporaryDirectory() as folder:
        bare = []
        for number, one in enumerate(structures):
            copy = Atoms(one.numbers, one.positions, cell=one.cell, pbc=one.pbc, constraint=one.constraints)
            copy.info["sid"] = f"s{number}"
            bare.append(copy)
        # Enough digits for every bit.
        write(f"{folder}/in.extxyz", bare, columns=["symbols", "positions", "move_mask"], write_results=False)
        text = "".join(_exact(one) for one in bare)
        with open(f"{folder}/in.extxyz", "w") as file:
            file.write(text)
        done = command(
            "run", f"{folder}/in.extxyz", "-o", f"{folder}/out.extxyz", "--trajectory", f"{folder}/path.extxyz",
            "--summary", f"{folder}/s.jsonl", "-q", *providers(provider), *options,
        )  # fmt: skip
        assert done.returncode in (0, 3), done.stderr
        with open(f"{folder}/s.jsonl") as file:
            outcomes = sorted((json.loads(line) for line in file), key=lambda line: line["index"])
        return read(f"{folder}/out.extxyz", ":"), read(f"{folder}/path.extxyz", ":"), outcomes


def _exact(atoms: Atoms) -> str:
    free = np.ones(len(atoms), bool)
    for one in atoms.constraints:
        free[one.index] = False
    lattice = " ".join(map(repr, atoms.cell.array.ravel().tolist()))
    pbc = " ".join("FT"[int(flag)] for flag in atoms.pbc)
    lines = [
        str(len(atoms)),
        f'Lattice="{lattice}" Properties=species:S:1:pos:R:3:move_mask:L:1 pbc="{pbc}" sid={atoms.info["sid"]}',
    ]
    for symbol, position, flag in zip(atoms.symbols, atoms.positions.tolist(), free):
        lines.append(f"{symbol} {' '.join(map(repr, position))} {'FT'[int(flag)]}")
    return "\n".join(lines) + "\n"


def state(atoms: Atoms) -> Any:
    return (
        {key: value.tobytes() for key, value in atoms.arrays.items()},
        atoms.cell.array.tobytes(),
        atoms.pbc.tolist(),
        repr(atoms.info),
        repr(atoms.constraints),
        atoms.calc,
    )


class EqualToRun(unittest.TestCase):
    def check(self, structures: list[Atoms], provider: Any, *options: str, **settings: Any) -> None:
        before = [state(one) for one in structures]
        mine, ways = relax(structures, provider, paths=True, **settings)
        self.assertEqual([state(one) for one in structures], before)
        others, frames, outcomes = by_command(structures, provider, *options)
        self.assertEqual(len(mine), len(structures))
        for one, other, outcome in zip(mine, others, outcomes):
            self.assertTrue((one.positions == other.positions).all())
            self.assertEqual(one.info["relax_status"], outcome["status"])
            self.assertEqual(one.info["relax_reason"], outcome["reason"])
            self.assertEqual(one.info["relax_steps"], outcome["steps"])
            self.assertEqual(one.info["relax_evaluations"], outcome["evaluations"])
            self.assertEqual(one.info["relax_fmax"], outcome["fmax"])
            self.assertEqual(set(one.calc.results), set(other.calc.results))
            for key, value in other.calc.results.items():
                self.assertTrue(np.all(one.calc.results[key] == value), key)
            if outcome["energy"] is not None:
                self.assertEqual(one.get_potential_energy(), outcome["energy"])
        flat = [frame for way in ways for frame in way]
        self.assertEqual(len(flat), len(frames))
        for one, other in zip(flat, frames):
            self.assertTrue((one.positions == other.positions).all())
            self.assertEqual(one.info["relax_step"], other.info["fid"])
            self.assertTrue((one.calc.results["forces"] == other.calc.results["forces"]).all())
        for one, way, outcome in zip(mine, ways, outcomes):
            self.assertEqual(len(way), outcome["steps"] + 1)
            self.assertTrue((way[-1].positions == one.positions).all())

    def test_every_bit(self) -> None:
        self.check(samples(), "emt")
        self.check(samples(), ["emt", "d3:xc=pbe"], "--steps=3", steps=3)
        self.check(samples()[:1], "emt", "--scheme=ocp2021", "--fmax=0.05", scheme="ocp2021", fmax=0.05)
        self.check(samples()[:3], "emt", "--optimizer=fire", "--max-step=0.1", optimizer="fire", max_step=0.1)

    def test_networks(self) -> None:
        structures = read(EXAMPLES / "slabs.extxyz", ":")[:3]
        for name in ("schnet", "forcenet"):
            self.check(structures, PROVIDERS[name], "--steps=4", steps=4, threads=2)


class WhatIsKept(unittest.TestCase):
    def test_everything_but_positions(self) -> None:
        class Thing:
            pass

        thing = Thing()
        atoms = slab()
        atoms.set_constraint([FixAtoms([0, 1, 2]), FixCartesian(4, (True, False, False))])
        atoms.info = {
            "sid": "00100", "thing": thing, "nan": math.nan, "text": "\"'</script> =\n é", 3: "three",
            "array": np.arange(6).reshape(2, 3), "fid": 7, "energy": 12.0, "relax_status": "old", "list": [1, [2]],
        }  # fmt: skip
        atoms.set_momenta(np.random.default_rng(0).normal(size=(len(atoms), 3)))
        atoms.set_initial_magnetic_moments(np.arange(len(atoms)))
        atoms.set_initial_charges(np.arange(len(atoms)) * 0.1)
        atoms.set_masses(np.arange(len(atoms)) + 1.0)
        atoms.set_array("mine", np.arange(3 * len(atoms)).reshape(-1, 3))
        atoms.set_celldisp([1.0, 2.0, 3.0])
        twin = atoms.copy()
        before = state(atoms)
        new, other = relax([atoms, twin], "emt", steps=2)
        self.assertEqual(state(atoms), before)
        for one in (new, other):
            self.assertIs(one.info["thing"], thing)
            self.assertEqual(one.info["relax_status"], "step_limit")
            kept = {key: value for key, value in one.info.items() if not str(key).startswith("relax_")}
            given = {key: value for key, value in atoms.info.items() if not str(key).startswith("relax_")}
            self.assertEqual(repr(kept), repr(given))
            self.assertEqual(set(one.arrays), set(atoms.arrays))
            for key, array in atoms.arrays.items():
                same = (one.arrays[key] == array).all()
                self.assertEqual(same, key != "positions", key)
            self.assertEqual(repr(one.constraints), repr(atoms.constraints))
            self.assertTrue((one.get_celldisp() == atoms.get_celldisp()).all())
            moved = one.positions != atoms.positions
            self.assertFalse(moved[:3].any() or moved[4, 0])
            self.assertTrue(moved[4, 1] and moved[-1].all())
        self.assertTrue((new.positions == other.positions).all())

    def test_one_and_none(self) -> None:
        atoms = molecule("CO")
        new = relax(atoms, "emt")
        self.assertIsInstance(new, Atoms)
        self.assertEqual(new.info["relax_status"], "converged")
        way = relax(atoms, "emt", paths=True, frames="ends")[1]
        self.assertEqual([frame.info["relax_step"] for frame in way], [0, new.info["relax_steps"]])
        self.assertEqual(relax([], "emt"), [])
        self.assertEqual(relax([], "emt", paths=True), ([], []))
        self.assertEqual(len(relax(iter([atoms, atoms]), "emt")), 2)

    def test_what_is_invalid_comes_back(self) -> None:
        good = molecule("CO")
        uranium = molecule("H2O")
        uranium.numbers[0] = 92
        endless = good.copy()
        endless.positions[0, 0] = np.nan
        ghost = good.copy()
        ghost.numbers[0] = 0
        stiff = good.copy()
        stiff.set_constraint(FixBondLength(0, 1))
        bad = [
            (uranium, "emt has no parameters for U"),
            (endless, "the position of atom 1 is not finite"),
            (Atoms(), "it has no atoms"),
            (ghost, "the atomic number 0.0 of atom 1 is no element's"),
            (stiff, "the constraint FixBondLengths cannot be kept"),
        ]
        alone = [relax(one, "emt") for one, _ in bad]
        together = relax([one for one, _ in bad], "emt")
        mixed, ways = relax([good] + [one for pair in bad for one in (pair[0], good)], "emt", paths=True)
        for one in mixed[::2]:
            self.assertEqual(one.info["relax_status"], "converged")
            self.assertTrue((one.positions == mixed[0].positions).all())
        self.assertEqual([len(way) for way in ways], [len(ways[0]), *([0, len(ways[0])] * len(bad))])
        for news in (alone, together, mixed[1::2]):
            for new, (one, words) in zip(news, bad):
                self.assertEqual(new.info["relax_status"], "invalid")
                self.assertTrue(new.info["relax_reason"].startswith(words), new.info["relax_reason"])
                self.assertTrue(math.isnan(new.info["relax_fmax"]))
                self.assertEqual(new.info["relax_steps"], 0)
                self.assertIsNone(new.calc)
                self.assertIsNot(new, one)
                self.assertEqual(new.positions.tobytes(), one.positions.tobytes())

    def test_nothing_is_left_in_the_folder_for_temporary_files(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            before, tempfile.tempdir = tempfile.tempdir, folder
            try:
                relax(molecule("CO"), "emt")
                self.assertRaises(RelaxError, relax, molecule("CO"), "nope")
                self.assertEqual(os.listdir(folder), [])
            finally:
                tempfile.tempdir = before


class WrongUsage(unittest.TestCase):
    def test_is_an_exception(self) -> None:
        atoms = molecule("CO")
        cases: list[tuple[Any, dict[str, Any], int, str]] = [
            ("nope", {}, 64, "there is no provider `nope`"),
            ("forcenet:model=/nowhere", {}, 66, "/nowhere: there is no such file"),
            ("emt", {"fmax": -1}, 64, "--fmax -1.0: a force in eV/Å, 0 or larger, is needed"),
            ("emt", {"scheme": "best"}, 64, "best"),
            ("emt", {"optimizer": "newton"}, 64, "newton"),
            ("emt", {"scheme": "ocp2021", "optimizer": "fire"}, 64, "is defined for lbfgs only"),
            ("emt", {"threads": 0}, 64, "--threads 0: 1 to 4096 are possible"),
            ("emt", {"frames": "some", "paths": True}, 64, "some"),
            ("emt", {"frames": "ends"}, 64, "paths=True"),
            ("emt", {"options": ["--no-such"]}, 64, "--no-such"),
            ("emt", {"options": "--fix tags=0"}, 64, "a list"),
            (1, {}, 64, "provider"),
        ]
        for provider, settings, code, words in cases:
            with self.subTest(provider=provider, **settings):
                with self.assertRaises(RelaxError) as caught:
                    relax(atoms, provider, **settings)
                self.assertEqual(caught.exception.exit_code, code)
                self.assertIn(words, caught.exception.message)
                self.assertNotIn("Usage", caught.exception.message)
        with self.assertRaises(RelaxError):
            relax(["CO"], "emt")  # type: ignore[list-item]

    def test_options(self) -> None:
        atoms = slab()
        atoms.set_constraint()
        new = relax(atoms, "emt", steps=2, options=["--fix", "z<10"])
        low = atoms.positions[:, 2] < 10
        self.assertTrue(low.any())
        self.assertTrue((new.positions[low] == atoms.positions[low]).all())
        with self.assertRaises(RelaxError) as caught:
            relax([atoms, molecule("CO")], "emt", options=["--select", "natoms<5"])
        self.assertIn("must not leave any out", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
