# SPDX-License-Identifier: MIT
"""MACE-MP-0 and its successors: pip install mace-torch"""

from mace.calculators import mace_mp


def calculator():
    # The first call loads the weights from the network into ~/.cache/mace; a path to a file works too.
    # float64: in float32 forces carry noise that keeps relaxations from ending below 0.01 eV/Å.
    return mace_mp(model="medium-mpa-0", device="cpu", default_dtype="float64")
