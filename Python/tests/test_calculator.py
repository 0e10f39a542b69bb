# SPDX-License-Identifier: MIT
"""The calculator beside `relax predict` and ASE."""

from __future__ import annotations

import copy
import gc
import math
import os
import pickle
import signal
import tempfile
import threading
import time
import unittest
import warnings
from pathlib import Path

import numpy as np
from ase.build import bulk, molecule
from ase.calculators.calculator import PropertyNotImplementedError
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.io import read
from ase.optimize import LBFGS
from support import EXAMPLES, PROVIDERS, command, is_alive, predicted, samples, slab, wait_for

from relax_engine import RelaxError
from relax_engine.ase import Relax


class EqualToPredict(unittest.TestCase):
    def test_every_bit(self) -> None:
        for name, provider in PROVIDERS.items():
            structures = samples()
            if name in ("schnet", "forcenet"):
                # Networks know the elements they have seen.
                structures = read(EXAMPLES / "slabs.extxyz", ":")
                structures[1].positions[0] += 0.01
            with self.subTest(provider=name), warnings.catch_warnings(), Relax(provider) as calculator:
                warnings.simplefilter("ignore")
                for number, (one, other) in enumerate(zip(structures, predicted(structures, provider))):
                    one.calc = calculator
                    given = other.calc.results
                    forces = one.get_forces(apply_constraint=False)
                    self.assertTrue((forces == given["forces"]).all(), number)
                    energy = one.get_potential_energy()
                    self.assertEqual(energy, given["energy"]) if "energy" in given else self.assertTrue(
                        math.isnan(energy)
                    )
                    if "stress" in given:
                        self.assertTrue((one.get_stress(apply_constraint=False) == given["stress"]).all(), number)
                    else:
                        self.assertRaises(PropertyNotImplementedError, one.get_stress)
                    self.assertTrue(np.abs(forces).max() > 0)

    def test_lists_are_not_kept(self) -> None:
        atoms = slab()
        generator = np.random.default_rng(7)
        path = []
        for _ in range(12):
            atoms.positions += generator.normal(scale=0.01, size=atoms.positions.shape)
            path.append(atoms.copy())
        with Relax("emt") as calculator:
            atoms.calc = calculator
            for one, other in zip(path, predicted(path, "emt")):
                atoms.positions[:] = one.positions
                self.assertEqual(atoms.get_potential_energy(), other.get_potential_energy())
                self.assertTrue(
                    (atoms.get_forces(apply_constraint=False) == other.get_forces(apply_constraint=False)).all()
                )

    def test_ase_agrees(self) -> None:
        with Relax("emt") as calculator:
            for one in samples():
                other = one.copy()
                one.calc, other.calc = calculator, EMT()
                self.assertAlmostEqual(one.get_potential_energy(), other.get_potential_energy(), delta=1e-9)
                self.assertLess(np.abs(one.get_forces() - other.get_forces()).max(), 1e-9)
                if one.cell.rank == 3:
                    self.assertLess(np.abs(one.get_stress() - other.get_stress()).max(), 1e-9)

    def test_ase_optimizer_takes_the_path_of_a_run(self) -> None:
        start = slab()
        with tempfile.TemporaryDirectory() as folder, Relax("emt") as calculator:
            start.write(f"{folder}/in.traj")
            done = command(
                "run", f"{folder}/in.traj", "-p", "emt", "--scheme", "ase", "-o", f"{folder}/out.traj",
                "--trajectory", f"{folder}/path.traj", "--quiet",
            )  # fmt: skip
            self.assertEqual(done.returncode, 0, done.stderr)
            path = read(f"{folder}/path.traj", ":")
            atoms = start.copy()
            atoms.calc = calculator
            frames: list[np.ndarray] = []
            optimizer = LBFGS(atoms, logfile=None)
            optimizer.attach(lambda: frames.append(atoms.positions.copy()))
            optimizer.run(fmax=0.01, steps=200)
        self.assertEqual(len(frames), len(path))
        for mine, other in zip(frames, path):
            self.assertLess(np.abs(mine - other.positions).max(), 1e-8)


class Behaviour(unittest.TestCase):
    def test_one_process_serves_all(self) -> None:
        with Relax("emt") as calculator:
            self.assertIsNone(calculator.pid)
            pids = set()
            for one in samples():
                one.calc = calculator
                one.get_potential_energy()
                pids.add(calculator.pid)
            self.assertEqual(len(pids), 1)
        self.assertIsNone(calculator.pid)
        self.assertFalse(is_alive(pids.pop() or 0))

    def test_nothing_is_asked_twice(self) -> None:
        atoms = slab()
        with Relax("emt") as calculator:
            atoms.calc = calculator
            forces = atoms.get_forces(apply_constraint=False)
            atoms.get_potential_energy()
            calculator.close()
            self.assertTrue((atoms.get_forces(apply_constraint=False) == forces).all())
            self.assertIsNone(calculator.pid)
            # The smallest change is one.
            atoms.positions[-1, 2] = np.nextafter(atoms.positions[-1, 2], 9e9)
            atoms.get_forces()
            self.assertIsNotNone(calculator.pid)

    def test_fixed_atoms_have_raw_forces(self) -> None:
        atoms = slab()
        with Relax("emt") as calculator:
            atoms.calc = calculator
            fixed = atoms.constraints[0].index
            self.assertTrue((atoms.get_forces()[fixed] == 0).all())
            self.assertTrue((atoms.get_forces(apply_constraint=False)[fixed] != 0).any())

    def test_what_there_is_not(self) -> None:
        atoms = read(EXAMPLES / "slabs.extxyz", 0)
        with warnings.catch_warnings(), Relax(PROVIDERS["forcenet"]) as calculator:
            warnings.simplefilter("ignore")
            atoms.calc = calculator
            # ASE's optimizers ask for an energy.
            self.assertTrue(math.isnan(atoms.get_potential_energy()))
            self.assertFalse(np.isnan(atoms.get_forces()).any())
            self.assertRaises(PropertyNotImplementedError, atoms.get_stress)
            self.assertRaises(PropertyNotImplementedError, calculator.get_property, "dipole", atoms)
            self.assertRaises(PropertyNotImplementedError, atoms.get_potential_energy, force_consistent=True)

    def test_copies_have_processes_of_their_own(self) -> None:
        atoms = slab()
        with Relax("emt") as calculator:
            atoms.calc = calculator
            energy = atoms.get_potential_energy()
            self.assertIsNone(atoms.copy().calc)
            copies = [copy.deepcopy(atoms), pickle.loads(pickle.dumps(atoms))]
            for other in copies:
                self.assertIsNone(other.calc.pid)
                # Results are copied, too.
                self.assertEqual(other.get_potential_energy(), energy)
                self.assertIsNone(other.calc.pid)
                other.rattle(0.01)
                other.get_potential_energy()
                self.assertNotIn(other.calc.pid, (None, calculator.pid))
                other.calc.close()
            self.assertTrue(is_alive(calculator.pid or 0))

    def test_forgotten_calculators_end_their_process(self) -> None:
        atoms = bulk("Cu")
        atoms.calc = Relax("emt")
        atoms.get_potential_energy()
        pid = atoms.calc.pid
        self.assertTrue(is_alive(pid))
        atoms.calc = None
        gc.collect()
        self.assertFalse(is_alive(pid))

    def test_threads_with_a_calculator_each(self) -> None:
        expected = [one.get_potential_energy() for one in predicted(samples(), "emt")]
        found: dict[int, list[float]] = {}

        def work(number: int) -> None:
            with Relax("emt") as calculator:
                energies = []
                for one in samples():
                    one.calc = calculator
                    energies.append(one.get_potential_energy())
                found[number] = energies

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, {number: expected for number in range(4)})

    def test_parameters(self) -> None:
        calculator = Relax("emt", timeout=60)
        self.assertEqual(calculator.todict(), {"provider": "emt", "timeout": 60})
        atoms = bulk("Cu")
        atoms.calc = calculator
        energy = atoms.get_potential_energy()
        calculator.set(provider="lj:sigma=2.3,epsilon=0.4,cutoff=6")
        self.assertNotEqual(atoms.get_potential_energy(), energy)
        self.assertRaises(TypeError, calculator.set, colour="red")
        self.assertRaises(TypeError, Relax, "emt", colour="red")
        calculator.close()

    def test_threads_option_changes_no_bit(self) -> None:
        atoms = read(EXAMPLES / "slabs.extxyz", 0)
        forces = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for threads in (None, 2):
                with Relax(PROVIDERS["schnet"], threads=threads) as calculator:
                    atoms.calc = calculator
                    forces.append(atoms.get_forces())
        self.assertTrue((forces[0] == forces[1]).all())


SCRIPT = """
import time
from ase.calculators.calculator import Calculator, all_changes
import numpy as np

class Odd(Calculator):
    implemented_properties = ["energy", "free_energy", "forces"]
    def calculate(self, atoms=None, properties=["energy"], system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        if atoms.info.get("sleep"):
            time.sleep(1000)
        if atoms.info.get("fail"):
            raise ValueError("it does not like these atoms")
        fixed = sum(len(one.index) for one in atoms.constraints)
        energy = float(atoms.info.get("charge", 0)) + 10.0 * atoms.get_tags().sum() + 1000.0 * fixed
        self.results = {"energy": energy, "free_energy": 1 / 3, "forces": np.zeros((len(atoms), 3))}

def calculator():
    return Odd()
"""


class Errors(unittest.TestCase):
    def test_wrong_providers(self) -> None:
        atoms = bulk("Cu")
        for provider, code, words in [
            ("nope", 64, "there is no provider `nope`"),
            (["emt", "nope"], 64, "there is no provider `nope`"),
            ("emt:x=1", 64, "emt takes no parameters"),
            ("schnet:model=/nowhere/m", 66, "/nowhere/m: there is no such file"),
            ([], 64, "no provider"),
            ("--output=x", 64, "provider"),
        ]:
            atoms.calc = Relax(provider)
            for _ in range(2):
                with self.assertRaises(RelaxError) as caught:
                    atoms.get_potential_energy()
                self.assertEqual(caught.exception.exit_code, code)
                self.assertIn(words, caught.exception.message)
                self.assertFalse(caught.exception.message.startswith("relax:"))
        with self.assertRaises(RelaxError) as caught:
            atoms.calc = Relax("emt", executable="/nowhere/relax")
            atoms.get_potential_energy()
        self.assertIn("/nowhere/relax", str(caught.exception))
        again = pickle.loads(pickle.dumps(caught.exception))
        self.assertEqual((again.message, again.exit_code), (caught.exception.message, 66))

    def test_structures_that_have_no_forces(self) -> None:
        good = bulk("Cu")
        uranium = molecule("H2O")
        uranium.numbers[0] = 92
        endless = slab()
        endless.positions[0, 0] = np.nan
        flat = slab()
        flat.pbc = True
        flat.cell[2] = 0
        ghost = molecule("H2O")
        ghost.numbers[0] = 0
        with Relax("emt") as calculator:
            good.calc = calculator
            energy = good.get_potential_energy()
            pid = calculator.pid
            for bad, words in [(uranium, "emt has no parameters for U"), (endless, "not finite"), (flat, "zero")]:
                bad.calc = calculator
                for _ in range(2):
                    with self.assertRaises(RelaxError) as caught:
                        bad.get_forces()
                    self.assertIn(words, str(caught.exception))
                good.calc.reset()
                self.assertEqual(good.get_potential_energy(), energy)
            # The engine goes on after all of these.
            self.assertEqual(calculator.pid, pid)
            ghost.calc = calculator
            self.assertRaises(RelaxError, ghost.get_forces)
            good.calc.reset()
            self.assertEqual(good.get_potential_energy(), energy)

    def test_a_killed_engine_is_an_error_and_then_there_is_another(self) -> None:
        atoms = bulk("Cu")
        with Relax("emt") as calculator:
            atoms.calc = calculator
            energy = atoms.get_potential_energy()
            pid = calculator.pid
            os.kill(pid or 0, signal.SIGKILL)
            atoms.calc.reset()
            with self.assertRaises(RelaxError) as caught:
                atoms.get_potential_energy()
            self.assertEqual(caught.exception.exit_code, -signal.SIGKILL)
            self.assertEqual(atoms.get_potential_energy(), energy)
            self.assertNotEqual(calculator.pid, pid)

    def test_scripts(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "odd.py"
            script.write_text(SCRIPT)
            import sys

            provider = f"ase:script={script},python={sys.executable},retries=0"
            atoms = slab()
            expected = 10.0 * atoms.get_tags().sum() + 1000.0 * 8
            with Relax(provider) as calculator:
                atoms.calc = calculator
                self.assertEqual(atoms.get_potential_energy(), expected)
                self.assertEqual(atoms.get_potential_energy(force_consistent=True), 1 / 3)
                # What only the script looks at is a change, too.
                atoms.info["charge"] = -2
                self.assertEqual(atoms.get_potential_energy(), expected - 2)
                atoms.set_constraint(FixAtoms([0]))
                self.assertEqual(atoms.get_potential_energy(), expected - 2 - 7000)
                atoms.info["fail"] = True
                with self.assertRaises(RelaxError) as caught:
                    atoms.get_forces()
                self.assertIn("it does not like these atoms", str(caught.exception))
            atoms.info["fail"] = False
            atoms.info["sleep"] = True
            with Relax(provider, timeout=2) as calculator:
                atoms.calc = calculator
                with self.assertRaises(RelaxError) as caught:
                    atoms.get_forces()
                self.assertIn("within 2 s", str(caught.exception))
                self.assertIsNone(calculator.pid)
                atoms.info["sleep"] = False
                atoms.get_forces()

    def test_ctrl_c_leaves_no_old_answer(self) -> None:
        atoms = bulk("Cu") * (6, 6, 6)
        atoms.rattle(0.01)
        with Relax("d3:xc=pbe,atm=on") as calculator:
            atoms.calc = calculator

            def interrupt() -> None:
                wait_for(lambda: calculator.pid is not None)
                time.sleep(0.05)
                os.kill(os.getpid(), signal.SIGINT)

            # Tests that were started with `&` ignore it.
            before = signal.signal(signal.SIGINT, signal.default_int_handler)
            self.addCleanup(signal.signal, signal.SIGINT, before)
            thread = threading.Thread(target=interrupt)
            thread.start()
            try:
                self.assertRaises(KeyboardInterrupt, atoms.get_potential_energy)
            finally:
                thread.join()
            self.assertIsNone(calculator.pid)
            other = bulk("Cu")
            other.calc = calculator
            self.assertEqual(
                other.get_potential_energy(), predicted([bulk("Cu")], "d3:xc=pbe,atm=on")[0].get_potential_energy()
            )


if __name__ == "__main__":
    unittest.main()
