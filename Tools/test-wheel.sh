#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The wheel in FOLDER, in a fresh environment with ASE and nothing of this clone: its tests, types and command.
set -euo pipefail
cd "$(dirname "$0")/.."
wheel=$(ls "$1"/relax_engine-*.whl)
work=$PWD/.build-python-test
unset PYTHONPATH RELAX_EXECUTABLE
rm -rf "$work"
python3 -m venv "$work"
"$work/bin/python" -m pip install --quiet "$wheel" > /dev/null
# Without ASE it imports, and the command is there.
(cd / && "$work/bin/python" -c 'import relax_engine' && "$work/bin/relax" --version > /dev/null)
"$work/bin/python" -m pip install --quiet ase mypy > /dev/null
"$work/bin/mypy" --config-file Python/pyproject.toml Python/src
(cd Python/tests && PYTHONDONTWRITEBYTECODE=1 "$work/bin/python" -m unittest discover)
