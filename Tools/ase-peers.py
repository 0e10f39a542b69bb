#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Relaxes slabs by ASE's own EMT and Lennard-Jones through `ase:` and by the providers of the same names, and says
how far their paths are apart.

    python3 Tools/ase-peers.py RELAX PYTHON      (PYTHON has ASE)

At every frame of the one path the other's forces must be the same to 1e-9 of the largest. Paths themselves are apart by
rounding that grows: two that begin 1e-13 Å apart can end 0.1 Å apart. So the first 12 steps of every structure must
agree to 1e-9 Å, and all steps of most.
"""
import os, pathlib, subprocess, sys, tempfile

SCRIPT = """
import os
def calculator():
    open("starts", "a").write("x")
    if os.environ["WHICH"] == "emt":
        from ase.calculators.emt import EMT
        return EMT()
    from ase.calculators.lj import LennardJones
    return LennardJones(sigma=0.95, epsilon=0.5, rc=5.0)
"""
SLABS = pathlib.Path(__file__).resolve().parent.parent / "examples" / "slabs.extxyz"


def frames(path, columns=slice(1, 4)):
    """Positions of each frame, or other columns, by structure and step."""
    lines = open(path).read().split("\n")
    place, found = 0, {}
    while place < len(lines) - 1:
        count, comment = int(lines[place]), lines[place + 1]
        words = dict(word.split("=", 1) for word in comment.split() if "=" in word)
        rows = [line.split() for line in lines[place + 2:place + 2 + count]]
        found[words["sid"], int(words["fid"])] = [float(x) for row in rows for x in row[columns]]
        place += 2 + count
    return found


def main():
    relax, python = sys.argv[1:3]
    os.chdir(tempfile.mkdtemp(prefix="relax-peers-"))
    pathlib.Path("script.py").write_text(SCRIPT)
    bad = 0
    for which, native in (("emt", "emt"), ("lj", "lj:sigma=0.95,epsilon=0.5,cutoff=5.0")):
        pathlib.Path("starts").write_text("")
        for name, provider in (("native", native), ("ase", "ase:script=script.py,workers=2,python=" + python)):
            subprocess.run(
                [relax, SLABS, "-p", provider, "-o", name + ".xyz", "--trajectory", name + ".path.xyz", "--quiet",
                 "--overwrite", "--threads", "2", "--steps", "100"], env=dict(os.environ, WHICH=which),
                stderr=subprocess.DEVNULL)
        starts = len(pathlib.Path("starts").read_text())
        subprocess.run(
            [relax, "predict", "native.path.xyz", "-p", "ase:script=script.py,workers=2,python=" + python, "-o",
             "labels.xyz", "--quiet", "--overwrite"], env=dict(os.environ, WHICH=which), stderr=subprocess.DEVNULL)
        last = slice(-3, None)
        forces, labels = frames("native.path.xyz", last), frames("labels.xyz", last)
        worst = max(
            max(abs(a - b) for a, b in zip(forces[key], labels[key])) / max(1, max(map(abs, forces[key])))
            for key in forces)
        ours, theirs = frames("native.path.xyz"), frames("ase.path.xyz")
        early = late = 0
        apart = set()
        for key in ours.keys() & theirs.keys():
            difference = max(abs(a - b) for a, b in zip(ours[key], theirs[key]))
            early = max(early, difference if key[1] <= 12 else 0)
            late = max(late, difference)
            if difference > 1e-9:
                apart.add(key[0])
        structures = len({sid for sid, _ in ours})
        print("%s: %d frames of %d structures, forces at the same positions within %.1e of the largest; largest difference %.1e Å in the first 12 steps, %.1e Å in all; "
              "%d structures within 1e-9 Å all the way; %d Python starts for 2 workers"
              % (which, len(ours), structures, worst, early, late, structures - len(apart), starts))
        bad += worst > 1e-9 or early > 1e-9 or len(apart) > structures / 2 or starts > 2 or not ours
    sys.exit(bad > 0)


main()
