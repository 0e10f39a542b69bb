#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the slabs of examples/dft as folders of VASP, examples/vasp/NAME with POSCAR and vasprun.xml: numbers of
GPAW in VASP's layout, first and last step, since outputs of VASP itself are not ours to give."""
import shlex
from pathlib import Path

examples = Path(__file__).resolve().parent.parent / "examples"
names = {"al100_2x1x2_N_hollow": "N-on-Al100", "al100_2x1x2_O_hollow": "O-on-Al100",
         "al111_1x1x3_O_fcc": "O-on-Al111", "al111_2x1x2_H_fcc": "H-on-Al111"}


def frames(path):
    lines = path.read_text().splitlines()
    found = {}
    while lines:
        count, entries = int(lines[0]), dict(
            word.partition("=")[::2] for word in shlex.split(lines[1]))
        rows = [line.split() for line in lines[2:2 + count]]
        found[entries["sid"]] = (entries, rows)
        del lines[:2 + count]
    return found


def inverse(a):
    (a1, a2, a3), (b1, b2, b3), (c1, c2, c3) = a
    det = a1 * (b2 * c3 - b3 * c2) - a2 * (b1 * c3 - b3 * c1) + a3 * (b1 * c2 - b2 * c1)
    return [[(b2 * c3 - b3 * c2) / det, (a3 * c2 - a2 * c3) / det, (a2 * b3 - a3 * b2) / det],
            [(b3 * c1 - b1 * c3) / det, (a1 * c3 - a3 * c1) / det, (a3 * b1 - a1 * b3) / det],
            [(b1 * c2 - b2 * c1) / det, (a2 * c1 - a1 * c2) / det, (a1 * b2 - a2 * b1) / det]]


def row(numbers, digits=8, before="  <v>", after=" </v>"):
    return before + "".join(f" {number:16.{digits}f}" for number in numbers) + after


def varray(name, rows):
    return [f' <varray name="{name}" >', *map(row, rows), " </varray>"]


class Frame:
    def __init__(self, entries, rows):
        numbers = [float(number) for number in entries["Lattice"].split()]
        self.cell = [numbers[k:k + 3] for k in (0, 3, 6)]
        self.symbols = [r[0] for r in rows]
        self.positions = [[float(x) for x in r[1:4]] for r in rows]
        self.free = [r[4] == "T" for r in rows]
        self.forces = [[float(x) for x in r[6:9]] for r in rows]
        self.divisions = [int(count) for count in entries["kpts"].split()]
        self.energy, self.free_energy = float(entries["energy"]), float(entries["free_energy"])
        turned = inverse(self.cell)
        # Coordinates between 0 and 1, as VASP writes them.
        self.scaled = [[sum(p[k] * turned[k][j] for k in range(3)) % 1 for j in range(3)]
                       for p in self.positions]

    def structure(self, name):
        opening = f' <structure name="{name}" >' if name else " <structure>"
        lines = [opening, " <crystal>", *varray("basis", self.cell), " </crystal>",
                 *varray("positions", self.scaled)]
        if name == "initialpos":
            flags = ["  <v type=\"logical\" >" + (" T T T" if free else " F F F") + " </v>"
                     for free in self.free]
            lines += [' <varray type="logical" name="selective" >', *flags, " </varray>"]
        return lines + [" </structure>"]

    def calculation(self):
        energy = [" <energy>", f'  <i name="e_fr_energy"> {self.free_energy:16.8f} </i>',
                  f'  <i name="e_wo_entrp"> {2 * self.energy - self.free_energy:16.8f} </i>',
                  f'  <i name="e_0_energy"> {self.energy:16.8f} </i>', " </energy>"]
        return ["<calculation>", " <scstep>", *energy, " </scstep>", *self.structure(None),
                *varray("forces", self.forces), *energy, "</calculation>"]


def poscar(name, frame):
    kinds = list(dict.fromkeys(frame.symbols))
    assert frame.symbols == sorted(frame.symbols, key=kinds.index)
    lines = [name, "1.0", *(row(vector, 12, "", "") for vector in frame.cell), " ".join(kinds),
             " ".join(str(frame.symbols.count(kind)) for kind in kinds), "Selective dynamics", "Direct"]
    for place, free in zip(frame.scaled, frame.free):
        lines.append(row(place, 12, "", "  T T T" if free else "  F F F"))
    return "\n".join(lines) + "\n"


def kpoints(divisions):
    """Monkhorst and Pack's points, all with the same weight."""
    points = [[]]
    for count in divisions:
        points = [point + [(2 * k + 1 - count) / (2 * count)] for point in points for k in range(count)]
    return [" <kpoints>", ' <generation param="Monkhorst-Pack">',
            '  <v type="int" name="divisions"> ' + " ".join(map(str, divisions)) + " </v>",
            " </generation>", *varray("kpointlist", points),
            *varray("weights", [[1 / len(points)]] * len(points)), " </kpoints>"]


def vasprun(name, first, last):
    kinds = list(dict.fromkeys(first.symbols))
    types = [f"    <rc><c> {first.symbols.count(kind)}</c><c>{kind:2}</c></rc>" for kind in kinds]
    atoms = [f"    <rc><c>{symbol:2}</c><c> {kinds.index(symbol) + 1}</c></rc>"
             for symbol in first.symbols]
    lines = [
        '<?xml version="1.0" encoding="ISO-8859-1"?>',
        "<!-- Numbers of GPAW in VASP's layout, made by Tools/vasp-example.py; CC0. -->", "<modeling>",
        " <incar>", f'  <i type="string" name="SYSTEM"> {name}</i>', " </incar>",
        *kpoints(first.divisions), " <parameters>", '  <separator name="electronic" >', '   <i type="int" name="NELM"> 60</i>',
        "  </separator>", " </parameters>",
        " <atominfo>", f"  <atoms> {len(atoms)} </atoms>", f"  <types> {len(kinds)} </types>",
        '  <array name="atoms" >', "   <dimension dim=\"1\">ion</dimension>",
        '   <field type="string">element</field>', '   <field type="int">atomtype</field>',
        "   <set>", *atoms, "   </set>", "  </array>",
        '  <array name="atomtypes" >', "   <dimension dim=\"1\">type</dimension>",
        '   <field type="int">atomspertype</field>', '   <field type="string">element</field>',
        "   <set>", *types, "   </set>", "  </array>", " </atominfo>",
        *first.structure("initialpos"), *first.calculation(), *last.calculation(),
        *last.structure("finalpos"), "</modeling>"]
    return "\n".join(lines) + "\n"


starts, ends = frames(examples / "dft/initial.extxyz"), frames(examples / "dft/reference.extxyz")
for sid, name in names.items():
    first, last = Frame(*starts[sid]), Frame(*ends[sid])
    folder = examples / "vasp" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "POSCAR").write_text(poscar(name, first))
    (folder / "vasprun.xml").write_text(vasprun(name, first, last))
