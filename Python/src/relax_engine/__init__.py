# SPDX-License-Identifier: MIT
"""Relax, a structure relaxation engine for computational catalysis, from Python.

- `relax_engine.ase.Relax` is an ASE calculator for every provider of forces that the engine has.
- `relax_engine.relax` relaxes many structures at once, on all processors, as `relax run` does.
- `relax_engine.executable` is where the engine itself is; as a command it is called `relax`.

The package imports without ASE, which only these two need. What goes wrong is a `RelaxError` with the engine's own
words.
"""

from __future__ import annotations

from ._engine import RelaxError, RelaxWarning, executable
from ._relaxing import relax

__all__ = ["RelaxError", "RelaxWarning", "__version__", "executable", "relax"]

__version__ = "0.2.0"
