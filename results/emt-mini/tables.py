#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turn figures/*.json into tables.md and, where matplotlib is installed, plots/*.svg.

    python3 results/emt-mini/tables.py

A table whose figures are not all there says which are missing.
"""

import json
import pathlib

from experiments import SPLITS, TABLES, seeds

HERE = pathlib.Path(__file__).resolve().parent
ERRORS = ["ID", "OOD ads.", "OOD cat.", "OOD both", "Average"]


def main():
    sections = [
        table1(), table2(), energies(), table3(), table4(), table5(), table7(), table8(), off_trajectory()]
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
    return [split["force_mae"] for split in values["splits"]] + [values["average"]["force_mae"]]


def shares(values):
    """ADwT and AFbT of the four splits and their averages, in %."""
    cells = []
    for share in ["adwt", "afbt"]:
        numbers = [100 * values["splits"][split][share] for split in SPLITS]
        cells += [*numbers, sum(numbers) / len(numbers)]
    return cells


def written(rows, digits):
    """Cells of one row a seed: the mean, and half of the range where there are several."""
    cells = []
    for column in zip(*rows):
        spread = (max(column) - min(column)) / 2
        more = f" ± {spread:.{digits}f}" if len(rows) > 1 else ""
        cells.append(f"{sum(column) / len(column):.{digits}f}{more}")
    return cells


def seeded(name, *labels, tell=errors, read=figures, digits=4):
    """A row over all seeds that there are figures of, their number after the labels."""
    found = [values for values in map(read, seeds(name)) if values]
    if not found:
        return name
    return [*labels, str(len(found)), *written(list(map(tell, found)), digits)]


ENERGY_NETWORKS = {
    "schnet": "SchNet 128×3", "dimenet": "DimeNet++ 32×2", "dimenet-seed2": "the same, seed 2",
    "dimenet-full": "DimeNet++ 32×2, `angles: full`", "dimenet-full-seed2": "the same, seed 2",
    "dimenet-large": "DimeNet++ 64×3",
}

SPREAD = "±: half of the range over seeds."


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
        rows.append([label, "–", "–", "–", *written([maes], 4)])
    return rows


def table2():
    rows = []
    for name, label in [
        ("gns", "GNS 128×3"), ("forcenet", "ForceNet 64×3"), ("forcenet-large", "ForceNet 128×3"),
        *ENERGY_NETWORKS.items(),
        ("headline", "ForceNet 128×3, trained longer: the shipped one, `turns=1`"),
        ("headline+turned", "the same, forces averaged over four turns, its default"),
    ]:
        values = figures(name)
        if values is None:
            rows.append(name)
            continue
        if not rows or isinstance(rows[0], str):
            rows += baselines(values)
        rows.append([
            label, f"{values['parameters']:,}", f"{values['training_seconds'] / 60:.0f} min",
            f"{1000 * values['inference_seconds_per_frame']:.1f} ms", *written([errors(values)], 4)])
    return section(
        "Table 2: models at equal training time",
        ["Model", "Parameters", "Training", "Inference a frame", *ERRORS], rows,
        "Training: one thread, wall clock. Inference: CPU time of `relax evaluate` on val_id, "
        "one thread, all atoms new in every frame.")


def energies():
    rows = []
    for name, label in ENERGY_NETWORKS.items():
        values = figures(name)
        if values is None:
            rows.append(name)
            continue
        splits = [*values["splits"], values["average"]]
        rows.append([
            label, *(f"{split['energy_mae']:.3f}" for split in splits),
            f"{100 * values['average']['energy_force_within_threshold']:.1f} %"])
    return section(
        "Adsorption energies, mean absolute error in eV", ["Model", *ERRORS, "EFwT"], rows,
        "EFwT: energy within 0.02 eV and every force component within 0.03 eV/Å, average.")


def table3():
    labels = {
        "base": "ForceNet", "only-dist": "(1) Only-dist", "no-atomic-radii": "(2) No-atomic-radii",
        "no-node-emb": "(3) No-node-emb", "only-filter": "(4) Only-Fc",
        "edge-linear-bn": "(5) Edge-linear-BN", "node-linear-bn": "(6) Node-linear-BN",
        "no-self": "(7) No-m_t",
    }
    return section(
        "Tables 3 and 6: message passing", ["Ablation", "Seeds", *ERRORS],
        [seeded(name, labels[name]) for name in TABLES["table3"]], SPREAD)


def table4():
    sizes = {
        "base": ("64", "3", "4"), "wide": ("128", "3", "4"), "deep": ("64", "5", "4"),
        "wide-deep": ("128", "5", "4"), "batch8": ("64", "3", "8"),
    }
    return section(
        "Table 4: size, at equal numbers of steps", ["Hidden", "Layers", "Batch", "Seeds", *ERRORS],
        [seeded(name, *sizes[name]) for name in TABLES["table4"]], SPREAD)


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
                seeded("base" if network == "spherical-swish" else network, label, activation))
    return section(
        "Table 5: bases and activations", ["Basis", "Activation", "Seeds", *ERRORS], rows, SPREAD)


def table7():
    settings = {
        "base": ("yes", "0.05"), "base-unturned": ("no", "0.05"), "fixed-1": ("yes", "1"),
        "fixed-0": ("yes", "0"),
    }
    return section(
        "Table 7: training", ["Rotation augmentation", "Weight on fixed atoms", "Seeds", *ERRORS],
        [seeded(name, *settings[name]) for name in TABLES["table7"]], SPREAD)


SHARES = [f"{share} {split}" for share in ["ADwT", "AFbT"] for split in ERRORS]


def table8():
    rows = []
    for name, label in [
        ("unrelaxed", "unrelaxed"), ("gns", "GNS 128×3"), ("forcenet", "ForceNet 64×3"),
        ("forcenet-large", "ForceNet 128×3"), *ENERGY_NETWORKS.items(), ("headline", "shipped ForceNet, `turns=1`"),
        ("headline+turned", "shipped ForceNet"), ("teacher", "teacher"),
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
            *written([shares(values)], 1)])
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
    names = TABLES["off-trajectory"]
    return section(
        "Frames beside those of relaxations (the paper's future work), at equal numbers of steps",
        ["Frames", "Seeds", *(f"MAE {split}" for split in ERRORS)],
        [seeded(name, labels[name]) for name in names],
    ) + section(
        "Relaxations by them, %", ["Frames", "Seeds", *SHARES],
        [seeded(name, labels[name], tell=shares, read=relaxed, digits=1) for name in names], SPREAD)


if __name__ == "__main__":
    main()
