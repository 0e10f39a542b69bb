# SPDX-License-Identifier: MIT
"""The examples of the documentation run as they stand."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support import REPOSITORY

import relax_engine


class Examples(unittest.TestCase):
    def run_blocks(self, path: Path) -> str:
        blocks = re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.M | re.S)
        self.assertTrue(blocks)
        names: dict[str, object] = {}
        said = io.StringIO()
        home = os.getcwd()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(said):
            os.chdir(folder)
            try:
                for number, block in enumerate(blocks, 1):
                    exec(compile(block, f"{path.name}, example {number}", "exec"), names)
            finally:
                os.chdir(home)
        return said.getvalue()

    def test_readme(self) -> None:
        self.assertEqual(self.run_blocks(REPOSITORY / "Python" / "README.md").count("converged"), 3)

    def test_page(self) -> None:
        said = self.run_blocks(REPOSITORY / "docs" / "python.md")
        self.assertIn("O/Pt", said)
        self.assertIn("emt has no parameters for U (it knows", said)
        self.assertIn("--fmax -1.0: a force in eV/Å, 0 or larger, is needed\n", said)


class Package(unittest.TestCase):
    def test_it_imports_without_ase(self) -> None:
        code = (
            "import sys\n"
            "for name in ('ase', 'numpy'): sys.modules[name] = None\n"
            "import relax_engine\n"
            "print(relax_engine.__version__, relax_engine.executable())\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout.split(), [relax_engine.__version__, relax_engine.executable()])

    def test_the_command_is_the_engine(self) -> None:
        call = [sys.executable, "-c", "from relax_engine._command import main; main()"]
        for arguments, code in [(["--version"], 0), (["nothing.xyz", "-p", "emt"], 66), (["help", "foo"], 64)]:
            mine = subprocess.run([*call, *arguments], capture_output=True, text=True)
            own = subprocess.run([relax_engine.executable(), *arguments], capture_output=True, text=True)
            self.assertEqual((mine.returncode, mine.stdout, mine.stderr), (code, own.stdout, own.stderr))

    def test_the_command_without_an_engine_says_so(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", "from relax_engine._command import main; main()"],
            env={**os.environ, "RELAX_EXECUTABLE": "/nowhere/relax"},
            capture_output=True,
            text=True,
        )
        self.assertEqual((done.returncode, done.stderr), (66, "relax: /nowhere/relax: there is no such program\n"))


if __name__ == "__main__":
    unittest.main()
