#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs every command of docs/tutorials as it is written, in order, in a copy of what they need; and compares what the
demo prints with README.

    Tools/tutorials.py .build/release/relax [PAGE…]

A block ```console has commands after `$ ` (with `\\` at its end a line goes on) and below each what it prints, both
streams together: `…` stands for anything, on a line of its own for any lines. A command ends with 0, unless
`$ echo $?` follows and says what else. A block ```sh is one script and ends with 0; ```python and ```yaml, and others,
are run or kept as the comment before them says:

    <!-- file: NAME -->           the block is written to this file
    <!-- not run: REASON -->      it is shown only, and the reason is told here
    <!-- needs module: NAME -->   it is run where Python has this module, and else told here
    <!-- needs program: NAME -->  it is run where this program is installed, and else told here

Numbers of networks are those of AVX2, which a processor must have. Ends with 1 at the first command that does not do what its page says.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

package = Path(__file__).resolve().parent.parent
block_pattern = re.compile(
    r"(?:<!--\s*(?P<kind>file|not run|needs module|needs program):\s*(?P<value>.*?)\s*-->\s*\n)?"
    r"```(?P<language>\w*)\n(?P<text>.*?)```", re.DOTALL)


class Mismatch(Exception):
    pass


def commands(text):
    """The commands of a console block, each with the lines below it."""
    found, lines = [], text.splitlines()
    while lines:
        line = lines.pop(0)
        if not line.startswith("$ "):
            if not found:
                raise Mismatch(f"a line before the first command: {line}")
            found[-1][1].append(line)
            continue
        command = line[2:]
        while command.endswith("\\"):
            command += "\n" + lines.pop(0)
        found.append((command, []))
    return found


def pattern(lines):
    """What output must be to be what a page shows."""
    parts = []
    for line in lines:
        if line.strip() == "…":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append(".*?".join(re.escape(part) for part in line.rstrip().split("…")) + r" *\n")
    return re.compile(r"\n*" + "".join(parts) + r"\n*")


def check_demo(relax, scratch):
    """What README shows of `make demo`, but for building."""
    text = (package / "README.md").read_text()
    shown = text[text.index("$ make demo\n"):].split("```", 1)[0].splitlines()[1:]
    out = Path(scratch) / "demo-output"
    done = subprocess.run(
        [package / "Tools/demo.sh", relax, out], env=environment_of(relax), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900)
    output = done.stdout.decode().replace(str(out), "demo-output").replace(str(relax), "relax")
    if done.returncode or not pattern(shown).fullmatch(output):
        raise Mismatch(f"README.md does not show what the demo prints, which is ({done.returncode}):\n{output}")
    print("README.md: the demo prints what it shows", flush=True)


def environment_of(relax):
    """Nothing that changes what is printed: no settings of ours, no browser; kernels of networks as on the pages."""
    removed = {"BROWSER", "DISPLAY", "WAYLAND_DISPLAY"}
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("RELAX_") and name not in removed}
    environment["RELAX_EXECUTABLE"] = str(relax)
    cpu = Path("/proc/cpuinfo")
    if cpu.exists() and " avx2 " in cpu.read_text():
        environment["RELAX_KERNELS"] = "avx2"
    return environment


class Page:
    def __init__(self, path, folder, environment):
        self.path, self.folder, self.environment = path, folder, environment
        self.code, self.count = 0, 0

    def run(self, command, shell=("bash", "-c")):
        # The code of the command before, for `echo $?`.
        environment = dict(self.environment, LAST=str(self.code))
        prefix = "(exit $LAST)\n" if shell[0] == "bash" else ""
        self.count += 1
        done = subprocess.run(
            [*shell, prefix + command], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
        self.code = done.returncode
        return done.stdout.decode()

    def require(self, holds, command, words, output):
        if not holds:
            raise Mismatch(f"{self.path}\n$ {command}\n{words}; it prints:\n{output}")

    def console(self, text):
        listed = commands(text)
        for place, (command, lines) in enumerate(listed):
            output = self.run(command)
            asks = place + 1 < len(listed) and listed[place + 1][0] == "echo $?"
            self.require(asks or self.code == 0, command, f"ends with {self.code}", output)
            # A command that shows nothing may print what it likes.
            if lines:
                shown = "\n".join(lines)
                self.require(pattern(lines).fullmatch(output + "\n" * (not output.endswith("\n"))),
                             command, f"is to print:\n{shown}\n", output)

    def check(self):
        skipped = []
        for block in block_pattern.finditer(self.path.read_text()):
            kind, value, language, text = block.group("kind", "value", "language", "text")
            if kind == "not run":
                skipped.append(f"{text.splitlines()[0]} …: {value}")
            elif kind == "file":
                (self.folder / value).write_text(text)
            elif kind == "needs module" and self.run(f"python3 -c 'import {value}'") and self.code:
                skipped.append(f"{text.splitlines()[0]} …: no Python module {value} here")
            elif kind == "needs program" and not shutil.which(value):
                skipped.append(f"{text.splitlines()[0]} …: no {value} here")
            elif language == "console":
                self.console(text)
            elif language in ("sh", "python"):
                shell = ("bash", "-ec") if language == "sh" else ("python3", "-c")
                output = self.run(text, shell)
                self.require(self.code == 0, text, f"ends with {self.code}", output)
            else:
                raise Mismatch(f"{self.path}: nothing says what to do with the block\n{text}")
        # Nothing is left of a page that shows no commands, if its blocks should no longer be found.
        self.require(self.count > 0, "", "no commands on this page", "")
        print(f"{self.path.relative_to(package)}: {self.count} commands", flush=True)
        for words in skipped:
            print(f"  not run: {words}", flush=True)


def main():
    relax = Path(sys.argv[1]).resolve()
    pages = [Path(page).resolve() for page in sys.argv[2:]]
    if not pages:
        pages = sorted((package / "docs/tutorials").glob("*.md"))
        with tempfile.TemporaryDirectory() as scratch:
            try:
                check_demo(relax, scratch)
            except Mismatch as mismatch:
                sys.exit(str(mismatch))
    for path in pages:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "relax"
            shutil.copytree(package / "examples", folder / "examples", ignore=shutil.ignore_patterns(".build"))
            shutil.copytree(package / "Python/src", folder / "Python/src")
            binaries = folder / ".build/release"
            binaries.mkdir(parents=True)
            (binaries / "relax").symlink_to(relax)
            environment = environment_of(relax)
            environment["PATH"] = f"{binaries}:{environment['PATH']}"
            modules = [str(folder / "Python/src"), environment.get("PYTHONPATH", "")]
            environment["PYTHONPATH"] = ":".join(filter(None, modules))
            try:
                Page(path, folder, environment).check()
            except Mismatch as mismatch:
                sys.exit(str(mismatch))


main()
