#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU time and memory of `relax score` and `relax report` on many structures.

    python3 Benchmarks/scoring.py [--structures 25000] [--relax .build/release/relax]

Makes references, initial structures and predictions of 80 atoms (32 held) in a scratch folder.
"""

import argparse
import os
import pathlib
import random
import resource
import subprocess
import tempfile


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--structures", type=int, default=25000)
    parser.add_argument("--relax", type=pathlib.Path, default=".build/release/relax")
    options = parser.parse_args()
    relax = str(options.relax.resolve())
    with tempfile.TemporaryDirectory() as folder:
        make(folder, options.structures)
        score = [relax, "score", "predicted.extxyz", "--reference", "reference.extxyz", "-q"]
        initial = ["--initial", "initial.extxyz"]
        for name, command in [
            ("score", score), ("score with anomalies", score + initial),
            ("score with forces (Lennard-Jones)",
             score + ["-p", "lj:sigma=2.3,epsilon=0.4,cutoff=5", "--threads", "1"]),
            ("report, 1,000 structures shown",
             [relax, "report", *score[2:-1], *initial, "-o", "page.html"]),
        ]:
            seconds, memory = measured(command, folder)
            print(f"{name}: {seconds:.2f} s of CPU time, {memory / 1024:.0f} MB")
        page = os.path.getsize(os.path.join(folder, "page.html"))
        print(f"page: {page / 1e6:.1f} MB")


def measured(command, folder):
    """CPU seconds and peak memory in kB of a command in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        subprocess.run(command, check=False, stderr=subprocess.DEVNULL)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        os.write(writer, f"{used.ru_utime + used.ru_stime} {used.ru_maxrss}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    seconds, memory = os.read(reader, 100).decode().split()
    return float(seconds), float(memory)


def make(folder, count):
    draw = random.Random(1)
    elements = ["Cu"] * 60 + ["Pt"] * 16 + ["C", "O", "H", "H"]
    base = [
        (k % 4 * 2.6 + layer * 0.9, k // 4 * 2.6 + layer * 0.7, 2 + layer * 2.1)
        for layer in range(5) for k in range(16)]
    for name, spread, more in [
        ("reference", 0, "energy=-123.4"),
        ("predicted", 0.05, "energy=-123.3 relax_status=converged relax_steps=53"),
        ("initial", 0.2, ""),
    ]:
        with open(os.path.join(folder, name + ".extxyz"), "w") as file:
            for number in range(count):
                file.write(
                    '80\nLattice="10.4 0 0 0 10.4 0 0 0 30" '
                    "Properties=species:S:1:pos:R:3:move_mask:L:1:tags:I:1 "
                    f'sid=s{number} pbc="T T T" {more}\n')
                for atom, (element, place) in enumerate(zip(elements, base)):
                    x, y, z = (value + draw.uniform(-spread, spread) for value in place)
                    flag = "F" if atom < 32 else "T"
                    tag = 0 if atom < 32 else 1 if atom < 76 else 2
                    file.write(f"{element} {x:.6f} {y:.6f} {z:.6f} {flag} {tag}\n")


if __name__ == "__main__":
    main()
