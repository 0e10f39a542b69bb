# SPDX-License-Identifier: MIT
"""The slabs and the model file that `networks.py` measures with."""

import json
import os
import subprocess

import numpy as np

# Size of the slab and adsorbate by number of atoms.
SLABS = {40: ((3, 3, 4), "H2CO"), 80: ((3, 5, 5), "CH3O"), 160: ((5, 6, 5), "CH3COCH3")}
FIXED = 0.55


def make_slab(count, seed):
    """A rattled Cu-Pt (111) slab with an adsorbate, `count` atoms; the lowest 55 % are fixed."""
    from ase.build import add_adsorbate, fcc111, molecule
    from ase.constraints import FixAtoms

    random = np.random.default_rng(seed)
    size, adsorbate = SLABS[count]
    slab = fcc111("Cu", size, a=3.75, vacuum=8.0)
    slab.pbc = True
    slab.symbols[random.random(len(slab)) < 0.3] = "Pt"
    fixed = np.argsort(slab.positions[:, 2], kind="stable")[:round(FIXED * count)]
    add_adsorbate(slab, molecule(adsorbate), 1.9, position=(3.0, 2.5))
    slab.positions += random.normal(0, 0.05, (count, 3))
    slab.set_constraint(FixAtoms(np.sort(fixed)))
    slab.info = {"sid": f"slab{count}"}
    return slab


def write_model(folder, relax, kind, network, width, blocks):
    """Writes the network as a plain state dictionary, has it imported, and returns the model."""
    from safetensors.torch import save_file

    state, config, model = (
        os.path.join(folder, name)
        for name in ["state.safetensors", "config.json", "model.safetensors"])
    save_file(network.state_dict(), state)
    arguments = {"hidden_channels": width, "num_interactions": blocks}
    if kind == "forcenet":
        arguments["decoder_hidden_channels"] = width
    with open(config, "w") as file:
        json.dump({"model": kind, "config": arguments}, file)
    if relax:
        subprocess.run(
            [relax, "model", "import", state, "--config", config, "-o", model], check=True,
            stdout=subprocess.DEVNULL)
    return model
