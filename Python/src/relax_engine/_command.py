# SPDX-License-Identifier: MIT
"""The command `relax`."""

from __future__ import annotations

import os
import sys

from ._engine import RelaxError, executable


def main() -> None:
    """Becomes the engine: signals, exit codes and the terminal are its own from then on."""
    try:
        path = executable()
    except RelaxError as error:
        print(f"relax: {error}", file=sys.stderr)
        sys.exit(66)
    os.execv(path, [path, *sys.argv[1:]])
