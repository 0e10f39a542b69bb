#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pick structures by lot, whose relaxations by a network will teach it once more.

    python3 results/emt-mini/pick.py SEED OUTPUT FILE.extxyz.xz=COUNT [FILE.extxyz.xz=COUNT ...]

Only the standard library is needed.
"""

import pathlib
import random
import sys

from structures import texts


def main():
    seed, output, *sources = sys.argv[1:]
    draw = random.Random(int(seed))
    picked = []
    for source in sources:
        path, count = source.split("=")
        picked += draw.sample(list(texts(path)), int(count))
    pathlib.Path(output).write_text("".join(picked))


if __name__ == "__main__":
    main()
