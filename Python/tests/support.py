# SPDX-License-Identifier: MIT
"""Structures, the command line beside the package, and processes that are looked for."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Callable

import numpy as np
from ase import Atoms
from ase.build import add_adsorbate, bulk, fcc111, molecule
from ase.constraints import FixAtoms
from ase.io import read, write

from relax_engine import executable

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = REPOSITORY / "examples"

PROVIDERS: dict[str, str | list[str]] = {
    "emt": "emt",
    "lj": "lj:sigma=2.3,epsilon=0.4,cutoff=6",
    "emt-morse": "emt-morse",
    "d3": "d3:xc=pbe",
    "sum": ["emt", "d3:xc=rpbe"],
    "schnet": f"schnet:model={EXAMPLES / 'schnet-emt-mini.safetensors'}",
    "forcenet": f"forcenet:model={EXAMPLES / 'forcenet-emt-mini.safetensors'}",
}


def slab(metal: str = "Cu", adsorbate: str = "O", seed: int = 0) -> Atoms:
    """A slab with an adsorbate and fixed layers below."""
    atoms = fcc111(metal, (2, 2, 3), vacuum=8.0)
    add_adsorbate(atoms, adsorbate, 1.4, "fcc")
    atoms.rattle(0.05, seed=seed)
    atoms.set_constraint(FixAtoms(mask=atoms.get_tags() > 1))
    return atoms


def samples() -> list[Atoms]:
    """Slabs, crystals and a molecule without a cell; cells of all shapes; other elements each time."""
    skewed = bulk("Au", cubic=True)
    skewed.set_cell(skewed.cell @ (np.eye(3) + 0.1 * np.random.default_rng(1).normal(size=(3, 3))), scale_atoms=True)
    skewed.rattle(0.1, seed=2)
    left = bulk("Al") * (2, 2, 2)
    left.set_cell(left.cell[[1, 0, 2]])
    left.rattle(0.1, seed=3)
    wire = bulk("Ni", cubic=True)
    wire.pbc = (False, False, True)
    wire.center(vacuum=4.0, axis=(0, 1))
    far = slab("Pd", "H", seed=4)
    far.positions[-1] += 3 * far.cell[0] - 2 * far.cell[1]
    return [slab(), molecule("CO"), skewed, left, slab("Pt", "C", seed=5), wire, far, slab()]


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The engine by itself."""
    return subprocess.run(
        [executable(), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


def providers(given: str | list[str]) -> list[str]:
    return [f"--provider={one}" for one in ([given] if isinstance(given, str) else given)]


def predicted(structures: list[Atoms], provider: str | list[str]) -> list[Atoms]:
    """What `relax predict` writes."""
    with tempfile.TemporaryDirectory() as folder:
        write(f"{folder}/in.traj", structures)
        done = command("predict", f"{folder}/in.traj", "-o", f"{folder}/out.traj", "-q", *providers(provider))
        assert done.returncode == 0, done.stderr
        return read(f"{folder}/out.traj", ":")


def is_alive(pid: int) -> bool:
    """Whether a process is there and computes; one that nobody has waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_for(condition: Callable[[], bool], seconds: float = 120.0) -> bool:
    """Waits until `condition` holds; for so long at most, which only a defect needs."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def engines(mark: str) -> list[int]:
    """Processes with `mark` in their arguments that are engines."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            words = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0] == os.fsencode(executable()) and any(mark.encode() in word for word in words):
            if is_alive(int(entry)):
                found.append(int(entry))
    return found
