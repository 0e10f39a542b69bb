#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Packs the reference data that tests read: reference-data.py SHARED CHANGED.

SHARED is the team's folder of recordings, CHANGED what anomaly-reference.py wrote. Only the team can
run it; everybody else has its results, Tests/Fixtures/*.tar.xz. Everything packed was made for this
project: structures of third parties are never taken. What is cut or rounded is said below. The same
input gives the same bytes, so a pack changes only if its content does.
"""
import io
import json
import lzma
import sys
import tarfile
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures"
SPLITS = ["val_id", "val_ood_ads", "val_ood_cat", "val_ood_both"]
# Labelled frames of each split; the first of each file.
LABELLED = 60


def write(name, members):
    """One pack: `members` are names below `name` and bytes."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, content in sorted(members.items()):
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    packed = lzma.compress(raw.getvalue(), preset=9 | lzma.PRESET_EXTREME)
    (FIXTURES / f"{name}.tar.xz").write_bytes(packed)
    print(f"{name}: {len(members)} files, {len(raw.getvalue())} bytes, {len(packed)} packed")


def folder(path, keep=lambda name: True):
    """All files below `path`, by their names from there."""
    found = {str(f.relative_to(path)): f for f in path.rglob("*") if f.is_file()}
    return {name: file.read_bytes() for name, file in found.items() if keep(name)}


def frames(path):
    """Frames of an extended XYZ file: comment and rows."""
    lines = lzma.open(path, "rt").read().splitlines()
    while lines:
        count = int(lines[0])
        yield lines[1], lines[2 : 2 + count]
        lines = lines[2 + count :]


def text(chosen):
    return "".join(f"{len(rows)}\n{head}\n" + "\n".join(rows) + "\n" for head, rows in chosen).encode()


def rounded(row):
    """Forces to 1e-12 eV/Å, a thousandth of what is asked of them. Positions stay as they are."""
    words = row.split(" ")
    return " ".join(words[:-3] + [f"{float(word):.12f}" for word in words[-3:]])


def emt_mini(data):
    reliable = (data / "reliable_frames.json").read_bytes()
    members = {"reliable_frames.json": reliable}
    for split in SPLITS:
        pairs = data / f"is2rs_{split}.extxyz.xz"
        members[pairs.stem] = lzma.open(pairs).read()
        for file in sorted((data / f"trajectories_{split}").glob("*.extxyz.xz")):
            # Beyond the reliable frames a path depends on rounding.
            count = json.loads(reliable)[file.name.split(".")[0]]["frames"]
            path = [(head, [rounded(r) for r in rows]) for head, rows in list(frames(file))[:count]]
            members[f"trajectories_{split}/{file.stem}"] = text(path)
        for file in sorted((data / f"s2ef_{split}").glob("*.extxyz.xz")):
            number = file.name.split(".")[0]
            labels = lzma.open(file.with_name(f"{number}.txt.xz"), "rt").read().splitlines(True)
            members[f"s2ef_{split}/{number}.extxyz"] = text(list(frames(file))[:LABELLED])
            members[f"s2ef_{split}/{number}.txt"] = "".join(labels[:LABELLED]).encode()
    return members


def main():
    shared, changed = Path(sys.argv[1]), Path(sys.argv[2])
    reference = shared / "reference"
    FIXTURES.mkdir(exist_ok=True)
    for name in ["checkpoints", "extxyz", "functions", "graphs", "metrics", "optimizers", "structures"]:
        write(name, folder(reference / name))
    # What passes between layers is wanted of the networks that there are.
    later = {"intermediates_schnet.safetensors", "intermediates_dimenetpp.safetensors"}
    write("models", folder(reference / "models", lambda name: name not in later))
    # Single precision of one network will do: it judges no more than the optimizer's arithmetic.
    wanted = lambda name: "_f32" not in name or name.startswith("train_gns") and "step3" not in name
    write("training", folder(reference / "training", wanted))
    write("emt_mini", emt_mini(shared / "data" / "emt_mini"))
    write("anomalies", {"changed.extxyz": changed.read_bytes()})


if __name__ == "__main__":
    main()
