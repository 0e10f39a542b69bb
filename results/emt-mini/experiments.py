# SPDX-License-Identifier: MIT
"""Which networks each table of the miniature needs: names of configs/NAME.yaml."""

SPLITS = ["val_id", "val_ood_ads", "val_ood_cat", "val_ood_both"]

# Networks trained again from other first weights, NAME-seedN, where a claim rests on them.
SEEDS = {
    "base": [2, 3], "only-dist": [2], "no-atomic-radii": [2], "no-node-emb": [2],
    "only-filter": [2], "edge-linear-bn": [2], "node-linear-bn": [2], "no-self": [2],
    "fixed-0": [2], "fixed-1": [2], "trajectories": [2], "with-rattled": [2], "with-md": [2],
    "with-both": [2],
}

TABLES = {
    # Rotation augmentation and size of the data: instability.
    "table1": ["base", "base-unturned", "tenth", "tenth-unturned"],
    # Networks at equal training time.
    "table2": [
        "gns", "forcenet", "forcenet-large", "schnet", "dimenet", "dimenet-seed2", "dimenet-full",
        "dimenet-full-seed2", "dimenet-large",
    ],
    # Ablations of the message passing; by split they are Table 6.
    "table3": [
        "base", "only-dist", "no-atomic-radii", "no-node-emb", "only-filter", "edge-linear-bn",
        "node-linear-bn", "no-self",
    ],
    # Size of the network and of batches.
    "table4": ["base", "wide", "deep", "wide-deep", "batch8"],
    # Bases and activations; also Figure 5.
    "table5": [
        "base", "spherical-relu", "sine-swish", "sine-relu", "gauss-swish", "gauss-relu",
        "linact-swish", "linact-relu", "identity-swish", "identity-relu", "none-swish",
        "none-relu",
    ],
    # Rotation augmentation and the weight of fixed atoms.
    "table7": ["base", "base-unturned", "fixed-1", "fixed-0"],
    # Relaxations; also Figure 6.
    "table8": [
        "gns", "forcenet", "forcenet-large", "schnet", "dimenet", "dimenet-seed2", "dimenet-full",
        "dimenet-full-seed2", "dimenet-large", "headline", "headline+turned",
    ],
    # What the paper leaves to future work: frames beside those of relaxations.
    "off-trajectory": ["trajectories", "with-rattled", "with-md", "with-both"],
}

# Turned by random angles for Table 1, which makes their evaluation longer.
TURNED = TABLES["table1"]

# What follows a network's name where its forces are averages over turns about z.
AVERAGED = {"+turned": ",turns=4"}

# Kinds of networks that learn energies, here adsorption energies.
ENERGIES = ["schnet", "dimenetplusplus"]

# Tables that are about relaxations.
RELAXING = ["table8", "off-trajectory"]

# Tables in which every network is trained with all its seeds.
SEEDED = ["table3", "table7", "off-trajectory"]


def seeds(name):
    """The network, and the same from other first weights."""
    return [name, *(f"{name}-seed{seed}" for seed in SEEDS.get(name, []))]


def networks(table):
    """Names of all that a table needs."""
    if table not in SEEDED:
        return TABLES[table]
    return [network for name in TABLES[table] for network in seeds(name)]
