#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turn figures/*.json into tables.md and, where matplotlib is installed, plots/*.svg.

    python3 results/emt-mini/tables.py

A table whose figures are not all there says which are missing.
"""

import json
import pathlib

from experiments import SPLITS, TABLES

HERE = pathlib.Path(__file__).resolve().parent
ERRORS = ["ID", "OOD ads.", "OOD cat.", "OOD both", "Average"]


def main():
    sections = [
        table1(), table2(), table3(), table4(), table5(), table7(), table8(), off_trajectory()]
    text = (
        "# The paper's tables in miniature\n\n"
        "Made by `tables.py` from `figures/`. Force errors are mean absolute errors over the "
        "components of free atoms, eV/Å. **EMT+Morse stands in for DFT everywhere.**\n")
    (HERE / "tables.md").write_text(text + "".join(sections))
    try:
        import matplotlib
    except ImportError:
        print("tables.md is written; without matplotlib there are no plots")
        return
    matplotlib.use("svg")
    # The same figures give the same bytes.
    matplotlib.rcParams["svg.hashsalt"] = "relax"
    (HERE / "plots").mkdir(exist_ok=True)
    from plots import draw
    draw(HERE / "plots", figures, relaxed)
    print("tables.md and plots/ are written")


def figures(name):
    path = HERE / f"figures/{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def relaxed(name):
    return figures(f"relaxed-{name}")


def section(title, columns, rows, note=""):
    """A table, each row beginning with the name of its figures if they are missing."""
    lines = [f"\n## {title}\n\n"]
    missing = [row for row in rows if isinstance(row, str)]
    rows = [row for row in rows if not isinstance(row, str)]
    if rows:
        lines.append("| " + " | ".join(columns) + " |\n")
        lines.append("|" + " --- |" * len(columns) + "\n")
        lines += ["| " + " | ".join(row) + " |\n" for row in rows]
    if missing:
        lines.append(f"\nNot made yet: {', '.join(missing)}.\n")
    if note:
        lines.append(f"\n{note}\n")
    return "".join(lines)


def errors(values):
    """The four splits and their average."""
    maes = [split["force_mae"] for split in values["splits"]] + [values["average"]["force_mae"]]
    return [f"{mae:.4f}" for mae in maes]


def row(name, *labels):
    values = figures(name)
    return [*labels, *errors(values)] if values else name


def table1():
    rows = []
    for name, data, turned in [
        ("base", "all", "yes"), ("base-unturned", "all", "no"), ("tenth", "a tenth", "yes"),
        ("tenth-unturned", "a tenth", "no"),
    ]:
        values = figures(name)
        if values is None:
            rows.append(name)
            continue
        average = values["average"]
        rows.append([
            data, turned, f"{average['rotation_instability']:.4f}",
            f"{values['splits'][0]['force_mae']:.4f}", f"{average['force_mae']:.4f}"])
    return section(
        "Table 1: stability under rotation about z",
        ["Data", "Rotation augmentation", "Instability (eV/Å)", "MAE ID", "MAE average"], rows,
        "Instability: standard deviation of each force component over 20 rotations, mean over "
        "free atoms, average over the four splits.")


def baselines(values):
    rows = []
    for label, key in [("Zero", "zero"), ("Median", "median")]:
        key = f"baseline_{key}_force_mae"
        maes = [split[key] for split in values["splits"]] + [values["average"][key]]
        rows.append([label, "–", "–", "–", *(f"{mae:.4f}" for mae in maes)])
    return rows


def table2():
    rows = []
    for name, label in [
        ("gns", "GNS 128×3"), ("forcenet", "ForceNet 64×3"), ("forcenet-large", "ForceNet 128×3"),
        ("headline", "ForceNet 128×3, trained longer: the shipped one"),
        ("headline+turned", "the same, forces averaged over four turns"),
    ]:
        values = figures(name)
        if values is None:
            rows.append(name)
            continue
        if not rows or isinstance(rows[0], str):
            rows += baselines(values)
        rows.append([
            label, f"{values['parameters']:,}", f"{values['training_seconds'] / 60:.0f} min",
            f"{1000 * values['inference_seconds_per_frame']:.1f} ms", *errors(values)])
    return section(
        "Table 2: models at equal training time",
        ["Model", "Parameters", "Training", "Inference a frame", *ERRORS], rows,
        "Training: one thread, wall clock. Inference: CPU time of `relax evaluate` on val_id, "
        "one thread, all atoms new in every frame.")


def table3():
    labels = {
        "base": "ForceNet", "base-seed2": "the same, seed 2", "base-seed3": "the same, seed 3",
        "only-dist": "(1) Only-dist", "no-atomic-radii": "(2) No-atomic-radii",
        "no-node-emb": "(3) No-node-emb", "only-filter": "(4) Only-Fc",
        "edge-linear-bn": "(5) Edge-linear-BN", "node-linear-bn": "(6) Node-linear-BN",
        "no-self": "(7) No-m_t",
    }
    return section(
        "Tables 3 and 6: message passing", ["Ablation", *ERRORS],
        [row(name, labels[name]) for name in TABLES["table3"]])


def table4():
    sizes = {
        "base": ("64", "3", "4"), "wide": ("128", "3", "4"), "deep": ("64", "5", "4"),
        "wide-deep": ("128", "5", "4"), "batch8": ("64", "3", "8"),
    }
    return section(
        "Table 4: size, at equal numbers of steps", ["Hidden", "Layers", "Batch", *ERRORS],
        [row(name, *sizes[name]) for name in TABLES["table4"]])


def table5():
    bases = {
        "spherical": "Spherical", "sine": "Sine", "gauss": "Gauss", "linact": "Linear+Act",
        "identity": "Identity", "none": "None",
    }
    rows = []
    for basis, label in bases.items():
        for activation, name in [("ReLU", "relu"), ("Swish", "swish")]:
            network = f"{basis}-{name}"
            rows.append(
                row("base" if network == "spherical-swish" else network, label, activation))
    return section("Table 5: bases and activations", ["Basis", "Activation", *ERRORS], rows)


def table7():
    settings = {
        "base": ("yes", "0.05"), "base-unturned": ("no", "0.05"), "fixed-1": ("yes", "1"),
        "fixed-0": ("yes", "0"),
    }
    return section(
        "Table 7: training", ["Rotation augmentation", "Weight on fixed atoms", *ERRORS],
        [row(name, *settings[name]) for name in TABLES["table7"]])


def shares(values):
    """ADwT and AFbT of the four splits and their averages."""
    cells = []
    for share in ["adwt", "afbt"]:
        numbers = [values["splits"][split][share] for split in SPLITS]
        cells += [f"{100 * number:.1f}" for number in [*numbers, sum(numbers) / len(numbers)]]
    return cells


SHARES = [f"{share} {split}" for share in ["ADwT", "AFbT"] for split in ERRORS]


def table8():
    rows = []
    for name, label in [
        ("unrelaxed", "unrelaxed"), ("gns", "GNS 128×3"), ("forcenet", "ForceNet 64×3"),
        ("forcenet-large", "ForceNet 128×3"), ("headline", "shipped ForceNet"),
        ("headline+turned", "shipped ForceNet, four turns"), ("teacher", "teacher"),
    ]:
        values = relaxed(name)
        if values is None:
            rows.append(f"relaxed-{name}")
            continue
        count = sum(values["splits"][split]["structures"] for split in SPLITS)
        seconds = sum(values["splits"][split]["cpu_seconds"] for split in SPLITS)
        converged = sum(values["splits"][split]["converged"] for split in SPLITS)
        rows.append([
            label, f"{seconds / count:.2f} s", f"{100 * converged / count:.0f} %",
            *shares(values)])
    return section(
        "Table 8: relaxations (IS2RS), %",
        ["Forces from", "CPU time a structure", "Converged", *SHARES], rows,
        "`relax --scheme robust`, fmax 0.01 eV/Å, at most 200 steps, one thread; AFbT by forces of "
        "EMT+Morse at the predicted positions. Structures that did not converge count where they "
        "ended.")


def off_trajectory():
    labels = {
        "trajectories": "relaxations", "with-rattled": "+ rattled", "with-md": "+ MD",
        "with-both": "+ rattled + MD",
    }
    rows = []
    for name in TABLES["off-trajectory"]:
        values, relaxations = figures(name), relaxed(name)
        if values is None or relaxations is None:
            rows.append(name)
            continue
        rows.append([labels[name], *errors(values), *shares(relaxations)])
    return section(
        "Frames beside those of relaxations (the paper's future work), at equal numbers of steps",
        ["Frames", *(f"MAE {split}" for split in ERRORS), *SHARES], rows)


if __name__ == "__main__":
    main()
