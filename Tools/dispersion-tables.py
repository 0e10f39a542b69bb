#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the tables of Grimme's D3 that relax carries: published numbers in a form of our own.

    python3 -m venv venv && venv/bin/pip install torch tomli && \
        venv/bin/pip install --no-deps tad-dftd3 tad-mctc dftd3
    venv/bin/python Tools/dispersion-tables.py

The numbers are from Grimme, Antony, Ehrlich and Krieg, J. Chem. Phys. 132, 154104 (2010), for Fr, Ra
and the actinides from Wittmann, Gordiy, Friede, Helmich-Paris, Grimme, Hansen and Bursch, Phys. Chem.
Chem. Phys. 26, 21379 (2024), and for damping from the papers that every row names. They are read out
of packages of PyPI: C6 and coordination numbers of the reference systems and <r4>/<r2> from tad-dftd3,
radii from tad-mctc, the parameters of functionals from dftd3's parameters.toml, their other names from
tad-dftd3's aliases.toml. Written are

    Sources/CKernels/dispersion_tables.c                    whole numbers, in units said there
    Sources/Forces/Dispersion/RationalDampingTable.swift    functionals, one a line
    Sources/Forces/Dispersion/ZeroDampingTable.swift
"""

import importlib.util
import pathlib
import sysconfig

try:
    import tomllib
except ImportError:
    import tomli as tomllib

PACKAGES = pathlib.Path(sysconfig.get_paths()["purelib"])
ROOT = pathlib.Path(__file__).resolve().parent.parent
ELEMENTS = 94
BOHR = 0.529177210903  # Å, CODATA 2018; only to undo a conversion
# Where parameters.toml differs from what dftd3 itself computes with.
CORRECTIONS = {("opbe", "zero"): {"s8": 2.055}}
# Functionals that the library has and its list of parameters lacks.
ADDITIONS = {"zero": ["m06hf 1.0 0.0 1.446 1.0 10.1039/c0cp02984j"], "bj": []}


def module(path):
    """A file of a package without the rest, since not every two releases fit together."""
    specification = importlib.util.spec_from_file_location(path.stem, path)
    loaded = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(loaded)
    return loaded


def whole(value, unit):
    """`value` as a multiple of `unit`, which it must be but for rounding."""
    number = round(value / unit)
    assert abs(number * unit - value) < 1e-7 * max(1, abs(value)), value
    return number


def array(name, kind, numbers, what):
    lines, line = [], ""
    for number in numbers:
        text = f"{number},"
        if len(line) + len(text) > 98:
            lines.append(line)
            line = ""
        line += text
    lines.append(line)
    body = "\n  ".join(lines)
    return f"// {what}\nstatic const {kind} {name}[{len(numbers)}] = {{\n  {body}\n}};\n"


def element_tables():
    import torch
    from tad_mctc.data.radii import COV_D3

    c6 = torch.load(PACKAGES / "tad_dftd3/reference-c6.pt").numpy()
    coordination = module(PACKAGES / "tad_dftd3/reference.py")._load_cn().numpy()
    pairs = torch.load(PACKAGES / "tad_mctc/data/vdw-pairwise.pt").numpy()
    covalent = COV_D3().numpy()
    moments = module(PACKAGES / "tad_dftd3/data/r4r2.py").R4R2(dtype=torch.double).numpy()
    references = [(z, k) for z in range(1, ELEMENTS + 1) for k in range(7) if coordination[z][k] >= 0]
    first = [next(n for n, (y, _) in enumerate(references) if y == z)
             for z in range(1, ELEMENTS + 1)] + [len(references)]
    triangle = [whole(c6[z, y, k, m], 1e-4)
                for n, (z, k) in enumerate(references) for (y, m) in references[:n + 1]]
    radii = [whole(pairs[z, y] * BOHR, 1e-4) for z in range(1, ELEMENTS + 1) for y in range(1, z + 1)]
    bohr_of_radii = covalent[1] * 3 / 4 / 0.32
    return "\n".join([
        "// SPDX-License-Identifier: MIT",
        "// Reference data of Grimme's D3, whole numbers; made by Tools/dispersion-tables.py, which",
        "// says where they are published. Elements are counted from hydrogen, reference systems",
        "// through all elements; of symmetric tables there is the lower triangle, row by row.",
        '#include "dispersion.h"',
        "",
        array("first_reference", "int16_t", first,
              "Number of the first reference system of each element, and how many there are."),
        array("coordination", "int32_t", [whole(coordination[z][k], 1e-4) for z, k in references],
              "Coordination number of each reference system, 1e-4."),
        array("moments", "int32_t",
              [whole(moments[z] ** 2 * 2 / z ** 0.5, 1e-4) for z in range(1, ELEMENTS + 1)],
              "<r4>/<r2> of each element, 1e-4 atomic units."),
        array("covalent_radii", "uint8_t",
              [whole(covalent[z] / bohr_of_radii * 3 / 4, 1e-2) for z in range(1, ELEMENTS + 1)],
              "Covalent radius of each element, 1e-2 Angstrom; a third is to be added."),
        array("pair_radii", "uint16_t", radii, "Cutoff radius of each pair of elements, 1e-4 Angstrom."),
        array("c6", "int32_t", triangle,
              "C6 of each pair of reference systems, 1e-4 atomic units."),
        """int32_t relax_dispersion_first_reference(int32_t element) { return first_reference[element]; }
double relax_dispersion_coordination(int32_t reference) { return coordination[reference] / 1e4; }
double relax_dispersion_moment(int32_t element) { return moments[element] / 1e4; }
double relax_dispersion_covalent_radius(int32_t element) { return covalent_radii[element] / 1e2; }
double relax_dispersion_pair_radius(int32_t a, int32_t b) {
  return pair_radii[a < b ? b * (b + 1) / 2 + a : a * (a + 1) / 2 + b] / 1e4;
}
double relax_dispersion_c6(int32_t a, int32_t b) {
  return c6[a < b ? b * (b + 1) / 2 + a : a * (a + 1) / 2 + b] / 1e4;
}
"""])


def spelled(name):
    """A name as it is looked up: letters and digits."""
    return "".join(c for c in name.lower() if c.isalnum())


def damping_table(title, kind, columns, defaults, intro):
    functionals = tomllib.loads((PACKAGES / "dftd3/parameters.toml").read_text())["parameter"]
    aliases = tomllib.loads((PACKAGES / "tad_dftd3/param/aliases.toml").read_text())["alias"]
    others = {}
    for alias, name in aliases.items():
        if spelled(alias) != spelled(name):
            others.setdefault(spelled(name), []).append(spelled(alias))
    others.setdefault("r2scan", []).append("r²scan")
    rows = []
    for name, entry in functionals.items():
        if kind not in (methods := entry["d3"]):
            continue
        values = defaults | methods[kind] | CORRECTIONS.get((name, kind), {})
        names = ",".join([spelled(name)] + sorted(set(others.get(spelled(name), []))))
        numbers = " ".join(f"{values[column]!r}" for column in columns)
        rows.append(f"    {names} {numbers} {values.get('doi', '-')}")
    rows += ["    " + row for row in ADDITIONS[kind]]
    body = "\n".join(sorted(rows))
    return f"""// SPDX-License-Identifier: MIT

extension DispersionFunctional {{
{intro}
  static let {title} = \"\"\"
{body}
    \"\"\"
}}
"""


def main():
    (ROOT / "Sources/CKernels/dispersion_tables.c").write_text(element_tables())
    folder = ROOT / "Sources/Forces/Dispersion"
    folder.mkdir(exist_ok=True)
    made = ("  /// Made by Tools/dispersion-tables.py. A line has names by commas, {columns} and the\n"
            "  /// DOI of the source, - where the list of the package dftd3 names none.")
    (folder / "RationalDampingTable.swift").write_text(damping_table(
        "rationalDampings", "bj", ["s6", "s8", "a1", "a2"], {"s6": 1.0, "s8": 0.0},
        "  /// Parameters of the damping of Becke and Johnson.\n  ///\n"
        + made.format(columns="s6, s8, a1, a2 (Bohr)")))
    (folder / "ZeroDampingTable.swift").write_text(damping_table(
        "zeroDampings", "zero", ["s6", "s8", "rs6", "rs8"], {"s6": 1.0, "s8": 0.0, "rs8": 1.0},
        "  /// Parameters of the damping to zero.\n  ///\n"
        + made.format(columns="s6, s8, rs6, rs8")))


if __name__ == "__main__":
    main()
