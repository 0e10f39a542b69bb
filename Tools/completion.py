#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Completes commands as a person does: completion.py RELAX. In bash and zsh by a terminal of its own and the
tabulator, in fish by `complete -C`. A shell that is not installed is skipped, which is said."""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

# What is typed, and what must be offered for it or stand there then.
CASES = [
    ("relax sc", "score"),
    ("relax slabs", "slabs.extxyz"),
    ("relax slabs.extxyz --prov", "--provider"),
    ("relax run slabs.extxyz --prov", "--provider"),
    ("relax slabs.extxyz --scheme ocp", "ocp2021"),
    ("relax slabs.extxyz --scheme=ocp", "ocp2021"),
    ("relax slabs.extxyz --optimizer fi", "fire"),
    ("relax slabs.extxyz -p emt --frames en", "ends"),
    ("relax slabs.extxyz -p emt-", "emt-morse"),
    ("relax slabs.extxyz -p forc", "forcenet:"),
    ("relax slabs.extxyz -p forcenet:mo", "forcenet:model="),
    ("relax slabs.extxyz -p forcenet:model=net", "forcenet:model=network.safetensors"),
    ("relax slabs.extxyz -p emt --summary summ", "summary.jsonl"),
    ("relax score slabs.extxyz --ref", "--reference"),
    ("relax predict slabs.extxyz -p dimenet", "dimenetplusplus:"),
    ("relax check two\\ wo", "two\\ words.extxyz"),
    ("relax -p emt slabs.extxyz --over", "--overwrite"),
    ("relax --prov", "--provider"),
    ("relax model im", "import"),
    ("relax help doc", "doctor"),
]
# What must not be offered, since it is another command's.
NOT_OFFERED = [("relax slabs.extxyz --ref", "--reference"), ("relax score a --opti", "--optimizer")]


class Terminal:
    """A shell that believes that somebody types."""

    def __init__(self, command, folder, environment):
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)

    def read_until(self, mark, seconds=20):
        text = b""
        end = time.monotonic() + seconds
        while mark not in text and time.monotonic() < end:
            if select.select([self.descriptor], [], [], 0.1)[0]:
                try:
                    text += os.read(self.descriptor, 65536)
                except OSError:
                    break
        if mark not in text:
            raise SystemExit(f"the shell never showed {mark!r}; it showed {text!r}")
        return text

    def type(self, text):
        os.write(self.descriptor, text.encode())

    def close(self):
        os.close(self.descriptor)
        os.waitpid(self.pid, 0)


def by_terminal(shell, folder, environment, typed):
    """What stands on the line after the tabulator: the line is put into quotes instead of being run."""
    terminal = shell(folder, environment)
    try:
        terminal.read_until(b"READY")
        terminal.type(typed + "\t")
        # A key that the shell binds to printing the line between marks.
        terminal.type("\x18\x10")
        shown = terminal.read_until(b"<END>")
    finally:
        terminal.close()
    text = shown.decode(errors="replace")
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x07", "", text).split("<LINE>")[1].split("<END>")[0]


def bash(folder, environment):
    terminal = Terminal(["bash", "--noprofile", "--norc", "-i"], folder, environment)
    terminal.type(
        "source ./relax.bash; bind 'set show-all-if-ambiguous on' 'set completion-query-items 0' 'set page-completions off';"
        " shown() { printf '<%s>%s<%s>' LINE \"$READLINE_LINE\" END; }; bind -x '\"\\C-x\\C-p\": shown'; PS1='REA''DY '\n")
    return terminal


def zsh(folder, environment):
    terminal = Terminal(["zsh", "-f", "-i"], folder, environment)
    terminal.type(
        "fpath=(./zsh $fpath); autoload -U compinit; compinit -u -D; setopt noautolist; zstyle ':completion:*' menu no;"
        " shown() { print -rn '<''LINE>'$BUFFER'<''END>' }; zle -N shown; bindkey '^X^P' shown; PS1='REA''DY '\n")
    return terminal


def fish(folder, environment, typed):
    done = subprocess.run(
        ["fish", "--no-config", "-c", "source ./relax.fish; complete -C $argv[1]", typed],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


def main():
    relax = os.path.abspath(sys.argv[1])
    failures, done = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name in ["slabs.extxyz", "network.safetensors", "summary.jsonl", "two words.extxyz"]:
            open(os.path.join(folder, name), "w").close()
        os.mkdir(os.path.join(folder, "zsh"))
        os.mkdir(os.path.join(folder, "bin"))
        os.symlink(relax, os.path.join(folder, "bin", "relax"))
        for shell, path in [("bash", "relax.bash"), ("zsh", "zsh/_relax"), ("fish", "relax.fish")]:
            script = subprocess.run([relax, "--generate-completion-script", shell], capture_output=True, check=True)
            with open(os.path.join(folder, path), "wb") as file:
                file.write(script.stdout)
        environment = {
            "PATH": os.path.join(folder, "bin") + ":" + os.environ["PATH"], "HOME": folder, "TERM": "xterm",
            "LC_ALL": "C.UTF-8", "COLUMNS": "200", "LINES": "50",
        }
        for name, shell in [("bash", bash), ("zsh", zsh), ("fish", None)]:
            if not shutil.which(name):
                print(f"skipped: {name} is not installed")
                continue
            done.append(name)
            for typed, wanted in CASES + NOT_OFFERED:
                refused = (typed, wanted) in NOT_OFFERED
                if shell:
                    got = by_terminal(shell, folder, environment, typed)
                    good = (got.rstrip("/ ").split("=" if "--scheme=" in typed else None)[-1] == wanted) or (
                        " " in wanted and got.rstrip().endswith(wanted))
                else:
                    got = fish(folder, environment, typed)
                    good = wanted.replace("\\", "") in [each.removeprefix("--scheme=") for each in got]
                if good == refused:
                    failures.append(f"{name}: {typed!r} gives {got!r}; {'not ' * refused}{wanted!r} was expected")
    for failure in failures:
        print(failure)
    if failures:
        raise SystemExit(1)
    print(f"completion: {len(CASES) + len(NOT_OFFERED)} lines in each of {', '.join(done) or 'no shell'}")


main()
