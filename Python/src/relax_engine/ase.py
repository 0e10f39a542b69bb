# SPDX-License-Identifier: MIT
"""The engine's providers of forces as an ASE calculator.

    from ase.build import bulk
    from relax_engine.ase import Relax

    atoms = bulk("Cu", cubic=True)
    atoms.calc = Relax("emt")
    print(atoms.get_potential_energy())
"""

from __future__ import annotations

import json
import math
import weakref
from typing import Any, Sequence

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.constraints import FixAtoms

from ._engine import Path, executable
from ._session import Session

__all__ = ["Relax"]


class Relax(Calculator):
    """An ASE calculator that asks a process of the engine, which is started with the first question.

    Energy (eV), forces (eV/Å) and stress (eV/Å³, ASE's order) are those of `relax predict` to the last bit. Forces are
    raw, as ASE's calculators give them: constraints are for Atoms. Where a provider has no energy, as networks of
    forces, it is nan, since ASE's optimizers ask for one; where there is no stress, ASE says that it is not
    implemented. One process serves any structures one after the other, so that a model is read once.

    A copy (`copy.deepcopy`, pickle) or a fork gets a process of its own with its first question. Threads need a
    calculator each. The process ends with `close()`, at the end of a `with` block, when the calculator is forgotten,
    and with Python, however that ends.

    Args:
        provider: where forces come from, as `relax run --provider` takes it, such as "emt", "d3:xc=pbe" or
            "schnet:model=FILE"; of several, energies, forces and stresses add.
        threads: threads in a structure, of networks that don't say `threads=N` themselves (1).
        timeout: seconds for one evaluation; None for any time.
        executable: another engine than the one in this package (or in RELAX_EXECUTABLE).

    Raises:
        RelaxError: with the first question, and each, what the engine says: a provider that there is not, elements
            that it does not know, atoms on top of each other. The calculator may be asked again.
    """

    name = "relax"
    implemented_properties = ["energy", "free_energy", "forces", "stress"]

    def __init__(
        self,
        provider: str | Sequence[str] = "emt",
        *,
        threads: int | None = None,
        timeout: float | None = None,
        executable: Path | None = None,
    ) -> None:
        self._session: Session | None = None
        self._ending: weakref.finalize[..., Any] | None = None
        self._described: bytes | None = None
        super().__init__(provider=provider, threads=threads, timeout=timeout, executable=executable)  # type: ignore[no-untyped-call, unused-ignore]

    # MARK: The process

    def _running(self) -> Session:
        """The process, started if there is none that can be asked."""
        session = self._session
        if session is not None and not session.is_ours:
            # That of a parent of this process.
            self._forget_session()
            session = None
        if session is None:
            chosen = self.parameters
            session = Session(
                chosen["provider"], executable(chosen["executable"]), chosen["threads"], chosen["timeout"]
            )
            self._session = session
            self._ending = weakref.finalize(self, session.close)
        return session

    def _forget_session(self) -> None:
        ending, self._ending, self._session = self._ending, None, None
        if ending is not None:
            ending()

    @property
    def pid(self) -> int | None:
        """The number of the engine's process; None if there is none now."""
        session = self._session
        return session.pid if session is not None and session.is_ours else None

    def close(self) -> None:
        """Ends the process; the next question starts another one."""
        self._forget_session()

    def __enter__(self) -> Relax:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_session": None, "_ending": None}

    # MARK: ASE's calculator

    def set(self, **kwargs: Any) -> dict[str, Any]:
        """Changes what the calculator was made with; results and the process are forgotten."""
        unknown = set(kwargs) - {"provider", "threads", "timeout", "executable"}
        if unknown:
            raise TypeError(f"Relax has no parameter {sorted(unknown)[0]!r}")
        changed: dict[str, Any] = super().set(**kwargs)  # type: ignore[no-untyped-call, unused-ignore]
        if changed:
            self.reset()  # type: ignore[no-untyped-call, unused-ignore]
            self.close()
        return changed

    def todict(self, skip_default: bool = True) -> dict[str, Any]:
        """What it was made with, for files."""
        given = {key: value for key, value in self.parameters.items() if value is not None}
        if "executable" in given:
            given["executable"] = str(given["executable"])
        return given

    def check_state(self, atoms: Atoms, tol: float = 0.0) -> list[str]:
        """What changed since the last evaluation, to the last bit."""
        changes: list[str] = list(super().check_state(atoms, tol=0.0))  # type: ignore[no-untyped-call, unused-ignore]
        if not changes and self._described != _description(atoms):
            # Calculators behind the engine may look at tags, fixed atoms, charge and spin.
            changes.append("info")
        return changes

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        """Asks for everything there is."""
        super().calculate(atoms, list(properties), list(system_changes))  # type: ignore[no-untyped-call, unused-ignore]
        atoms = self.atoms
        assert atoms is not None
        self._described = _description(atoms)
        session = self._running()
        try:
            answer = session.evaluate(
                self._described,
                np.ascontiguousarray(atoms.cell.array.T, dtype="<f8").tobytes(),
                np.ascontiguousarray(atoms.positions, dtype="<f8").tobytes(),
            )
        finally:
            # One that was left in the middle, by Ctrl-C for example, could give an old answer.
            if not session.is_usable:
                self._forget_session()
        self.results = {
            "energy": math.nan if answer.energy is None else answer.energy,
            "forces": np.frombuffer(answer.forces, "<f8").reshape(-1, 3).astype(float),
        }
        if answer.free_energy is not None:
            self.results["free_energy"] = answer.free_energy
        if answer.stress is not None:
            stress = np.frombuffer(answer.stress, "<f8").astype(float)
            self.results["stress"] = stress[[0, 4, 8, 5, 2, 1]]


def _description(atoms: Atoms) -> bytes:
    """The JSON that tells the engine which atoms there are, all but their positions and cell."""
    said: dict[str, Any] = {
        "numbers": atoms.numbers.tolist(),
        "cell": [[0, 0, 0]] * 3,
        "pbc": atoms.pbc.tolist(),
    }
    if atoms.has("tags"):
        said["tags"] = atoms.arrays["tags"].tolist()
    fixed = [index for one in atoms.constraints if isinstance(one, FixAtoms) for index in one.index]
    if fixed:
        mask = [False] * len(atoms)
        for index in fixed:
            mask[index] = True
        said["fixed"] = mask
    info = {}
    for key, value in atoms.info.items():
        value = value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            # What no file could hold the engine does not see.
            continue
        info[str(key)] = value
    if info:
        said["info"] = info
    return json.dumps(said).encode()
