# SPDX-License-Identifier: MIT
"""UMA of fairchem 2: pip install fairchem-core; its weights want an account and `hf auth login`."""

from fairchem.core import FAIRChemCalculator, pretrained_mlip


def calculator():
    # "batch" is the mode for structures of different composition; the default compiles for one.
    unit = pretrained_mlip.get_predict_unit("uma-s-1p2", device="cpu", inference_settings="batch")
    # oc20 is for adsorbates on slabs. With omol, molecules, a frame's `charge` and `spin` (its
    # multiplicity, 1 for a closed shell) count: relax passes them on as atoms.info has them.
    return FAIRChemCalculator(unit, task_name="oc20")
