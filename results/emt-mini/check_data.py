#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compare two sets of the miniature's data, such as a remade one with the one it was made after.

    python3 results/emt-mini/check_data.py results/emt-mini/data RECORDED

Needs numpy.
"""

import lzma
import pathlib
import re
import sys

import numpy

SETS = [
    "s2ef_train", "s2ef_rattled", "s2ef_md", "s2ef_val_id", "s2ef_val_ood_ads",
    "s2ef_val_ood_cat", "s2ef_val_ood_both",
]
SPLITS = ["val_id", "val_ood_ads", "val_ood_cat", "val_ood_both"]


def main():
    made, recorded = (pathlib.Path(argument) for argument in sys.argv[1:3])
    print("| set | frames | mean abs. force (eV/Å) | largest component (eV/Å) |")
    print("| --- | --- | --- | --- |")
    for name in SETS:
        cells = [described(list(labelled(folder / name))) for folder in (made, recorded)]
        print(f"| {name} | " + " | ".join(f"{a} / {b}" for a, b in zip(*cells)) + " |")
    print("\nEach: remade / recorded; forces on free atoms.\n")
    first_frames(made, recorded)
    print("\n| split | relaxed structures within 0.001 / 0.01 / 0.1 Å | ADwT unrelaxed |")
    print("| --- | --- | --- |")
    for split in SPLITS:
        relaxed(made, recorded, split)


def first_frames(made, recorded):
    """Frames of the same number of the same relaxation, by how far the relaxation is."""
    mine = {key: frame for key, frame in labelled(made / "s2ef_train")}
    both = [(key, frame, mine[key]) for key, frame in labelled(recorded / "s2ef_train")
            if key in mine]
    print("| frames of relaxations in both | number | median distance (Å) | within 0.001 Å |")
    print("| --- | --- | --- | --- |")
    for low, high in [(0, 1), (1, 10), (10, 30), (30, 100), (100, 201)]:
        distances = [
            distance(a, b) for (_, number), a, b in both if low <= number < high]
        if distances:
            share = numpy.mean(numpy.array(distances) < 1e-3)
            print(f"| {low} … {high - 1} | {len(distances)} | {numpy.median(distances):.1e} "
                  f"| {100 * share:.0f} % |")


def relaxed(made, recorded, split):
    ends = [pairs(folder / f"is2rs_{split}.extxyz.xz") for folder in (made, recorded)]
    distances = numpy.array([distance(a[1], ends[1][sid][1]) for sid, a in ends[0].items()])
    shares = " / ".join(f"{100 * numpy.mean(distances < limit):.0f} %"
                        for limit in (1e-3, 1e-2, 1e-1))
    thresholds = numpy.arange(0.01, 0.5, 0.001)
    adwt = [
        100 * numpy.mean([numpy.mean(distance(*pair) < thresholds) for pair in end.values()])
        for end in ends]
    print(f"| {split} | {shares} | {adwt[0]:.1f} / {adwt[1]:.1f} % |")


def distance(a, b):
    """Mean over free atoms of the distance to the nearest image."""
    fractional = (a["positions"] - b["positions"]) @ numpy.linalg.inv(a["cell"])
    fractional -= numpy.round(fractional)
    return numpy.linalg.norm(fractional @ a["cell"], axis=1)[a["free"]].mean()


def described(frames):
    forces = [numpy.abs(frame["forces"][frame["free"]]) for _, frame in frames]
    values = numpy.concatenate([force.ravel() for force in forces])
    return [f"{len(frames):,}", f"{values.mean():.4f}", f"{values.max():.1f}"]


def labelled(folder):
    """Frames with (sid, number)."""
    chunks = sorted(folder.glob("*.extxyz.xz"), key=lambda path: int(path.name.split(".")[0]))
    for chunk in chunks:
        labels = lzma.open(str(chunk).replace("extxyz.xz", "txt.xz"), "rt").read().split()
        for label, frame in zip(labels, frames(chunk), strict=True):
            sid, number, _ = label.split(",")
            yield (sid, int(number[len("frame"):])), frame


def pairs(path):
    ends = {}
    for frame in frames(path):
        sid = re.search(r"sid=(\S+)", frame["comment"]).group(1)
        ends.setdefault(sid, []).append(frame)
    return ends


def frames(path):
    lines = iter(lzma.open(path, "rt").read().split("\n"))
    for line in lines:
        if not line.strip():
            return
        comment = next(lines)
        rows = [next(lines).split() for _ in range(int(line))]
        cell = re.search(r'Lattice="([^"]+)"', comment).group(1).split()
        columns = {}
        place = 0
        fields = re.search(r"Properties=(\S+)", comment).group(1).split(":")
        for name, _, width in zip(fields[::3], fields[1::3], fields[2::3]):
            columns[name] = slice(place, place + int(width))
            place += int(width)
        def vectors(name):
            return numpy.array([row[columns[name]] for row in rows], dtype=float)
        yield {
            "comment": comment, "cell": numpy.array(cell, dtype=float).reshape(3, 3),
            "positions": vectors("pos"), "forces": vectors("forces"),
            "free": numpy.array([row[columns["move_mask"]] == ["T"] for row in rows]),
        }


if __name__ == "__main__":
    main()
