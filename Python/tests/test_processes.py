# SPDX-License-Identifier: MIT
"""That no engine is left behind, however Python ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

from support import engines, is_alive, wait_for

CALCULATOR = """
import os, sys, time
from ase.build import bulk
from relax_engine.ase import Relax
atoms = bulk("Cu")
atoms.calc = Relax("emt")
atoms.get_potential_energy()
"""

def default_signals() -> None:
    """Undoes `nohup` and `&` of who started the tests: what is ignored would be ignored in children, too."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class Python:
    """A Python program that says what it wants known in lines."""

    def __init__(self, text: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", textwrap.dedent(text)],
            stdout=subprocess.PIPE,
            stdin=subprocess.PIPE,
            text=True,
            preexec_fn=default_signals,
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def kill(self, number: int = signal.SIGKILL) -> None:
        self.process.send_signal(number)
        self.process.wait()
        self.close()

    def close(self) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


class NothingIsLeft(unittest.TestCase):
    def gone(self, *pids: int) -> None:
        self.assertTrue(wait_for(lambda: not any(map(is_alive, pids))), pids)

    def test_ends(self) -> None:
        for ending in ["", "sys.exit(3)", "raise ValueError", "os._exit(1)", "os.abort()"]:
            with self.subTest(ending=ending):
                python = Python(CALCULATOR + f"print(atoms.calc.pid)\nsys.stderr = None\n{ending}\n")
                pid = int(python.line())
                python.process.wait()
                python.close()
                self.gone(pid)

    def test_killed(self) -> None:
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP):
            python = Python(CALCULATOR + "print(atoms.calc.pid)\ntime.sleep(1000)")
            pid = int(python.line())
            self.assertTrue(is_alive(pid))
            python.kill(number)
            self.gone(pid)

    def test_killed_while_it_evaluates(self) -> None:
        python = Python(
            """
            import threading, time
            from ase.build import bulk
            from relax_engine.ase import Relax
            atoms = bulk("Cu") * (16, 16, 16)
            calculator = atoms.calc = Relax("d3:xc=pbe,atm=on")
            def tell():
                while calculator.pid is None:
                    time.sleep(0.01)
                print(calculator.pid)
            threading.Thread(target=tell).start()
            atoms.get_potential_energy()
            print("ended")
            """
        )
        pid = int(python.line())
        # Until it computes: time of the processor in hundredths of a second.
        spent = lambda: int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11])  # noqa: E731
        self.assertTrue(wait_for(lambda: spent() > 100))
        self.assertTrue(is_alive(pid))
        python.kill()
        self.gone(pid)

    def test_killed_with_children_that_live(self) -> None:
        # Both a child that does nothing and one with a calculator of its own, by the one it got.
        python = Python(
            CALCULATOR
            + textwrap.dedent(
                """
                import multiprocessing
                def idle(): time.sleep(1000)
                def own():
                    atoms.rattle(0.1)
                    atoms.get_potential_energy()
                    print(atoms.calc.pid)
                    time.sleep(1000)
                context = multiprocessing.get_context("fork")
                print(atoms.calc.pid)
                children = [context.Process(target=one) for one in (idle, own)]
                for one in children: one.start()
                print(*[one.pid for one in children])
                time.sleep(1000)
                """
            )
        )
        first = int(python.line())
        lines = sorted([python.line(), python.line()], key=lambda line: len(line.split()))
        second, children = int(lines[0]), [int(word) for word in lines[1].split()]
        self.assertNotEqual(first, second)
        python.process.kill()
        python.process.wait()
        self.gone(first)
        # The other one belongs to the child, which lives.
        self.assertTrue(all(map(is_alive, [*children, second])))
        for child in children:
            os.kill(child, signal.SIGKILL)
        self.gone(second, *children)
        python.close()

    def test_a_forked_child_that_ends_ends_nothing_of_its_parent(self) -> None:
        python = Python(
            CALCULATOR
            + textwrap.dedent(
                """
                pid = os.fork()
                if pid == 0:
                    sys.exit(0)
                os.waitpid(pid, 0)
                before = atoms.calc.pid
                atoms.rattle(0.1)
                atoms.get_potential_energy()
                print(atoms.calc.pid == before)
                """
            )
        )
        self.assertEqual(python.line(), "True")
        python.process.wait()
        python.close()

    def test_a_thread_that_ends_ends_nothing(self) -> None:
        python = Python(
            """
            import threading
            from ase.build import bulk
            from relax_engine.ase import Relax
            atoms = bulk("Cu")
            atoms.calc = Relax("emt")
            thread = threading.Thread(target=atoms.get_potential_energy)
            thread.start(); thread.join()
            before = atoms.calc.pid
            atoms.rattle(0.1)
            atoms.get_potential_energy()
            print(atoms.calc.pid == before)
            """
        )
        self.assertEqual(python.line(), "True")
        python.process.wait()
        python.close()

    def test_runs(self) -> None:
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            with tempfile.TemporaryDirectory() as folder, self.subTest(number=number):
                python = Python(
                    f"""
                    import os, tempfile
                    tempfile.tempdir = {folder!r}
                    from ase.build import bulk
                    from relax_engine import relax
                    atoms = bulk("Cu", cubic=True) * (3, 3, 3)
                    atoms.rattle(0.1)
                    try:
                        relax([atoms] * 2, "emt", fmax=0, steps=10**9, optimizer="fire")
                    except KeyboardInterrupt:
                        print("interrupted", os.listdir({folder!r}))
                    """
                )
                self.assertTrue(wait_for(lambda: bool(list(Path(folder).glob("*/.*.journal")))))
                pids = engines(folder)
                self.assertEqual(len(pids), 1)
                python.process.send_signal(number)
                if number == signal.SIGINT:
                    # The folder is gone, too.
                    self.assertEqual(python.line(), "interrupted []")
                python.process.wait()
                python.close()
                self.gone(*pids)


if __name__ == "__main__":
    unittest.main()
