# SPDX-License-Identifier: MIT
"""Plots of the miniature experiments, after the paper's Figures 1, 5 and 6."""

from matplotlib import pyplot

from experiments import SPLITS, TABLES

LABELS = {
    "gns": "GNS", "forcenet": "ForceNet 64×3", "forcenet-large": "ForceNet 128×3",
    "schnet": "SchNet 128×3", "dimenet": "DimeNet++ 32×2",
    "dimenet-seed2": "DimeNet++ 32×2, seed 2", "dimenet-full": "DimeNet++ 32×2, full",
    "dimenet-full-seed2": "DimeNet++ 32×2, full, seed 2", "dimenet-large": "DimeNet++ 64×3",
    "headline": "shipped ForceNet, turns=1", "headline+turned": "shipped ForceNet",
    "unrelaxed": "unrelaxed", "teacher": "teacher (EMT+Morse)",
}


def draw(folder, figures, relaxed):
    for name, plot in [
        ("figure1", lambda axes: learning_curves(axes, figures)),
        ("figure5", lambda axes: bases(axes, figures)),
        ("figure6-adwt", lambda axes: quality_and_cost(axes, relaxed, "adwt")),
        ("figure6-afbt", lambda axes: quality_and_cost(axes, relaxed, "afbt")),
        ("off-trajectory", lambda axes: off_trajectory(axes, relaxed)),
    ]:
        figure, axes = pyplot.subplots(figsize=(5.5, 3.8), layout="constrained")
        plot(axes)
        if axes.has_data():
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
        pyplot.close(figure)


def learning_curves(axes, figures):
    """Figure 1, left: validation error against training time."""
    for name in TABLES["table2"]:
        values = figures(name)
        if values is None:
            continue
        axes.plot(
            [point["seconds"] / 60 for point in values["curve"]],
            [point["validation"]["val_id"] for point in values["curve"]], label=LABELS[name])
        axes.axhline(
            values["splits"][0]["baseline_median_force_mae"], color="gray", linestyle=":")
    axes.set(
        xlabel="training time (minutes of one core)", ylabel="force MAE on val_id (eV/Å)",
        yscale="log")
    if axes.has_data():
        axes.legend()


def bases(axes, figures):
    """Figure 5: average force error by basis and activation."""
    if not all(figures(name) for name in TABLES["table5"]):
        return
    names = ["spherical", "sine", "gauss", "linact", "identity", "none"]
    for shift, activation in [(-0.2, "relu"), (0.2, "swish")]:
        for place, basis in enumerate(names):
            network = f"{basis}-{activation}"
            values = figures("base" if network == "spherical-swish" else network)
            if values:
                axes.bar(
                    place + shift, values["average"]["force_mae"], 0.38,
                    color="C0" if activation == "swish" else "C1",
                    label={"sine-swish": "Swish", "sine-relu": "ReLU"}.get(network))
    axes.legend()
    axes.set_xticks(range(len(names)), names)
    axes.set(ylabel="average force MAE (eV/Å)")


def quality_and_cost(axes, relaxed, share):
    """Figure 6: quality of relaxed structures against their cost."""
    for name in ["unrelaxed", *TABLES["table8"], "teacher"]:
        values = relaxed(name)
        if values is None:
            continue
        splits = values["splits"]
        quality = 100 * sum(splits[split][share] for split in SPLITS) / len(SPLITS)
        if name == "unrelaxed":
            axes.axhline(quality, color="gray", linestyle=":", label="unrelaxed")
            continue
        count = sum(splits[split]["structures"] for split in SPLITS)
        seconds = sum(splits[split]["cpu_seconds"] for split in SPLITS) / count
        axes.scatter(seconds, quality, label=LABELS[name])
    axes.set(
        xlabel="CPU time a structure (s)", xscale="log",
        ylabel=f"average {'ADwT' if share == 'adwt' else 'AFbT'} (%)")
    if axes.has_data():
        axes.legend()


def off_trajectory(axes, relaxed):
    """Average ADwT and AFbT by the frames that were learned from."""
    for place, name in enumerate(TABLES["off-trajectory"]):
        values = relaxed(name)
        if values is None:
            continue
        for shift, share, label, color in [
            (-0.2, "adwt", "ADwT", "C0"), (0.2, "afbt", "AFbT", "C1")]:
            quality = 100 * sum(values["splits"][split][share] for split in SPLITS) / len(SPLITS)
            axes.bar(
                place + shift, quality, 0.38, color=color, label=label if place == 0 else None)
    if axes.has_data():
        axes.legend()
    axes.set_xticks(range(4), ["relaxations", "+ rattled", "+ MD", "+ both"])
    axes.set(ylabel="%")
