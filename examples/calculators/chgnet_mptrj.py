# SPDX-License-Identifier: MIT
"""CHGNet 0.3.0: pip install chgnet (its weights are in the package)"""

from chgnet.model.dynamics import CHGNetCalculator


def calculator():
    # It knows bulk crystals. Structures need a cell; an atom alone within 6 Å is an error here,
    # not a line in a log that nobody reads.
    return CHGNetCalculator(use_device="cpu", on_isolated_atoms="error")
