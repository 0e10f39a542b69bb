# SPDX-License-Identifier: MIT
"""Compares `relax convert` with libAtoms' C library (Python package extxyz) and ASE on extended XYZ.

    python3 Benchmarks/extxyz_read.py [--relax PATH] [--repeat N] [--ase]

Needs numpy and extxyz (and ase with --ase). Every contender reads a file and writes all of it to
/dev/null, in a process of its own with one thread; the libraries also say what of that was reading.
Times are CPU seconds of the process without its start (measured on a file of one atom), the best of
N. `relax convert` keeps every digit; libAtoms and ASE write eight decimals.
"""
import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile

LIBATOMS = """
import sys, time, extxyz
start = time.process_time()
frames = list(extxyz.iread_dicts(sys.argv[1]))
middle = time.process_time()
extxyz.write_dicts("/dev/null", frames)
print(middle - start, time.process_time() - middle)
"""
ASE = """
import sys, time, ase.io
start = time.process_time()
frames = ase.io.read(sys.argv[1], ":", format="extxyz")
middle = time.process_time()
ase.io.write("/dev/null", frames, format="extxyz")
print(middle - start, time.process_time() - middle)
"""


def make(path, frames, atoms, number):
    """A made-up file; `number` spells a float."""
    rng = random.Random(1)
    with open(path, "w") as f:
        for frame in range(frames):
            f.write(
                f'{atoms}\nLattice="40.5 0.0 0.0 0.0 40.25 0.0 0.0 0.0 60.125" '
                "Properties=species:S:1:pos:R:3:tags:I:1:forces:R:3 "
                f'energy={rng.gauss(-100, 5)!r} sid={frame} pbc="T T F"\n'
            )
            for _ in range(atoms):
                row = [f"{rng.choice(['Cu', 'O', 'H', 'Pt']):2}"]
                row += [number(rng.uniform(0, 40)) for _ in range(3)] + [f"{rng.randint(0, 2):8}"]
                row += [number(rng.gauss(0, 1)) for _ in range(3)]
                f.write(" ".join(row) + "\n")


def run(command):
    """CPU seconds of a process, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    output = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, output.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--relax", default=".build/release/relax")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--ase", action="store_true", help="time ASE, too (slow)")
    options = parser.parse_args()

    cases = [
        ("200 frames of 5,000 atoms, 8 decimals", 200, 5000, lambda x: f"{x:16.8f}"),
        ("40 frames of 5,000 atoms, all digits", 40, 5000, repr),
        ("20,000 frames of 20 atoms, 8 decimals", 20000, 20, lambda x: f"{x:16.8f}"),
    ]
    peers = [("libAtoms", LIBATOMS)] + ([("ASE", ASE)] if options.ase else [])
    with tempfile.TemporaryDirectory() as folder:
        tiny = os.path.join(folder, "tiny.extxyz")
        make(tiny, 1, 1, repr)
        convert = [options.relax, "convert", "IN", "/dev/null"]
        start = min(
            run([tiny if word == "IN" else word for word in convert])[0]
            for _ in range(options.repeat)
        )
        for title, frames, atoms, number in cases:
            path = os.path.join(folder, "case.extxyz")
            make(path, frames, atoms, number)
            print(f"{title} ({os.path.getsize(path) / 1e6:.0f} MB)")
            # Taking turns, so that a busy moment of the machine hits everyone.
            ours, theirs = [], {name: [] for name, _ in peers}
            for _ in range(options.repeat):
                command = [path if word == "IN" else word for word in convert]
                ours.append(run(command)[0] - start)
                for name, program in peers:
                    _, output = run([sys.executable, "-c", program, path])
                    theirs[name].append([float(word) for word in output.split()])
            best = min(ours)
            print(f"  relax     {best:8.3f} s, reading and writing")
            for name, times in theirs.items():
                read, write = (min(time) for time in zip(*times))
                print(
                    f"  {name:9} {read + write:8.3f} s, reading {read:.3f} and writing "
                    f"{write:.3f}; relax is {(read + write) / best:.1f} times faster"
                )


if __name__ == "__main__":
    main()
