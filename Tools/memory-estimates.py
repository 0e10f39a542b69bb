#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What relax estimates that structures take of the memory, and what they really take.

    Tools/memory-estimates.py RELAX [--measure RELAX] [--atoms 100,1000,10000] [--steps N] PROVIDER…

The estimate is told by a run whose --memory-limit leaves less than any structure needs; it is of the provider, the
optimizer, the structure and its text. What is really taken is the largest resident size of a run of one structure
on one thread, less what relax says that it takes before it begins, or less the largest size of a run of four atoms if
that is less. Reading a large model takes more for a moment, which hides what small structures take. Structures are slabs of copper (fcc 100, four
layers, 24 Å of cell height) with every fourth atom of the top layer replaced by platinum, the lowest two layers
fixed. Exits with 1 where an estimate is below 0.9 or above 2.5 times what was taken.
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile

MEGABYTE = 1e6


def slab(path, atoms):
    """A slab of about so many atoms; returns how many."""
    across = max(1, round(math.sqrt(atoms / 4)))
    spacing, rows = 2.556, []
    for layer in range(4):
        for i in range(across):
            for j in range(across):
                shift = 0.5 * (layer % 2)
                # A little out of place, the same each time.
                bend = 0.05 * math.sin(1.3 * i + 0.7 * j + layer)
                element = "Pt" if layer == 3 and (i + j) % 4 == 0 else "Cu"
                moves = "T" if layer > 1 else "F"
                rows.append(f"{element} {(i + shift) * spacing:.6f} {(j + shift) * spacing:.6f} "
                            f"{8 + layer * 1.8075 + bend:.6f} {moves}")
    side = across * spacing
    with open(path, "w") as file:
        file.write(f'{len(rows)}\nLattice="{side} 0 0 0 {side} 0 0 0 24" '
                   'Properties=species:S:1:pos:R:3:move_mask:L:1 pbc="T T F"\n')
        file.write("\n".join(rows) + "\n")
    return len(rows)


def run(relax, work, structure, provider, steps, *more):
    """Exit code, standard error, and the largest resident size in bytes."""
    command = [relax, "run", structure, "-p", provider, "--steps", str(steps), "--threads", "1",
               "--summary", "s.jsonl", "-o", "o.extxyz", "--overwrite", "-q", *more]
    with open(os.path.join(work, "err"), "w+b") as errors:
        process = subprocess.Popen(command, cwd=work, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        errors.seek(0)
        return os.waitstatus_to_exitcode(status), errors.read().decode(), usage.ru_maxrss * 1024


def size(text):
    number, unit = text.split()
    return float(number) * {"kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}[unit]


def estimate(relax, work, structure, provider, steps, more):
    """Bytes that the process takes before it begins, and that the structure is estimated to take."""
    _, errors, _ = run(relax, work, structure, provider, steps, "--memory-limit", "1MB", *more)
    taken = size(re.search(r"relax takes ([\d.]+ \w+) before", errors)[1])
    for extra in (0.1, 0.5, 2, 5):
        limit = f"{round(taken / 1e3 + extra * 1e3)}KB"
        code, errors, _ = run(
            relax, work, structure, provider, steps, "--memory-limit", limit, *more)
        if code == 64:
            continue
        with open(os.path.join(work, "s.jsonl")) as file:
            reason = json.loads(file.readline())["reason"]
        found = re.search(r"needs about ([\d.]+ \w+) of memory", reason)
        return taken, size(found[1]) if found else math.nan
    raise SystemExit(f"no limit that relax begins with: {errors}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("relax")
    parser.add_argument("--measure", help="another binary whose memory is measured")
    parser.add_argument("--atoms", default="100,1000,10000")
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--more", default="", help="further options of both runs")
    parser.add_argument("providers", nargs="+")
    options = parser.parse_args()
    relax = os.path.abspath(options.relax)
    measured = os.path.abspath(options.measure or options.relax)
    more = options.more.split()
    faults = 0
    print(f"{'provider':44} {'atoms':>7} {'estimate':>10} {'taken':>10} {'ratio':>6}   (MB)")
    with tempfile.TemporaryDirectory() as work:
        for provider in options.providers:
            provider = re.sub("=([^,]*safetensors)", lambda m: "=" + os.path.abspath(m[1]), provider)
            slab(os.path.join(work, "small.extxyz"), 4)
            base = run(measured, work, "small.extxyz", provider, options.steps, *more)[2]
            for atoms in map(int, options.atoms.split(",")):
                count = slab(os.path.join(work, "in.extxyz"), atoms)
                begin, wanted = estimate(
                    relax, work, "in.extxyz", provider, options.steps, more)
                code, errors, peak = run(
                    measured, work, "in.extxyz", provider, options.steps, *more)
                if code not in (0, 3):
                    raise SystemExit(f"{provider}, {count} atoms: exit code {code}: {errors}")
                taken = max(peak - min(base, begin), 1)
                ratio = wanted / taken
                # What is too little to be of weight is not judged by its share.
                bad = not (0.9 <= ratio <= 2.5) and abs(wanted - taken) > 8 * MEGABYTE
                faults += bad
                name = os.path.basename(provider) if len(provider) > 44 else provider
                print(f"{name:44} {count:7} {wanted / MEGABYTE:10.1f} {taken / MEGABYTE:10.1f} "
                      f"{ratio:6.2f}{'  <-' if bad else ''}", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
