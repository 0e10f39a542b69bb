#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pick frames on the way to a minimum: data/slopes.extxyz.

    python3 results/emt-mini/slopes.py

Most frames of relaxations are close to a minimum, and what a network learns from them first is to
predict no force. Here are those of all relaxations, the networks' own ones included, in which the
largest force on an adsorbate atom is 0.03 to 0.5 eV/Å, at most 110,000 by lot. Only the standard
library is needed.
"""

import pathlib
import random

from structures import texts

DATA = pathlib.Path(__file__).resolve().parent / "data"
SOURCES = [
    "fragments/relaxations", "crowds/relaxations", "more/relaxations", "own-relaxations.extxyz.xz",
    "own-crowds.extxyz.xz", "own-fragments.extxyz.xz"]
SMALLEST, LARGEST = 0.03, 0.5
MOST = 110_000


def main():
    draw = random.Random(17)
    frames = []
    for source in SOURCES:
        path = DATA / source
        for file in sorted(path.glob("*.extxyz.xz")) if path.is_dir() else [path]:
            frames += filter(is_slope, texts(file))
    picked = draw.sample(frames, min(MOST, len(frames)))
    (DATA / "slopes.extxyz").write_text("".join(picked))
    print(f"{len(picked)} of {len(frames)} frames: {DATA / 'slopes.extxyz'}")


def is_slope(text):
    _, comment, *rows = text.splitlines()
    columns, place = {}, 0
    properties = comment.split("Properties=")[1].split()[0].split(":")
    for name, width in zip(properties[::3], properties[2::3]):
        columns[name] = place
        place += int(width)
    tags, forces = columns["tags"], columns["forces"]
    largest = max(
        (sum(float(x) ** 2 for x in parts[forces:forces + 3]) ** 0.5
         for parts in map(str.split, rows) if parts[tags] == "2"), default=0.0)
    return SMALLEST <= largest <= LARGEST


if __name__ == "__main__":
    main()
