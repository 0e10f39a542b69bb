#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pick the structures whose relaxations by the network teach it once more: runs/own2-initial.extxyz.

700 initial structures of initial/train.extxyz.xz and 500 of data/crowds-initial.extxyz.xz, by lot.
Only the standard library is needed.
"""

import lzma
import pathlib
import random

HERE = pathlib.Path(__file__).resolve().parent


def main():
    draw = random.Random(5)
    picked = draw.sample(list(frames(HERE / "initial/train.extxyz.xz")), 700)
    picked += draw.sample(list(frames(HERE / "data/crowds-initial.extxyz.xz")), 500)
    (HERE / "runs/own2-initial.extxyz").write_text("".join(picked))


def frames(path):
    lines = lzma.open(path, "rt").read().split("\n")
    place = 0
    while lines[place].strip():
        end = place + int(lines[place]) + 2
        yield "\n".join(lines[place:end]) + "\n"
        place = end


if __name__ == "__main__":
    main()
